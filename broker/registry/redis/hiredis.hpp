#pragma once

// hiredis, whose sds.h is the one of its headers that does not say that it is C.
extern "C" {
#include <hiredis/sds.h>
}

#include <hiredis/hiredis.h>
