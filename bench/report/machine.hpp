#pragma once

#include <string>
#include <string_view>

// What a run ran on, in a few words: figures mean nothing without it.

namespace bench {

// "2 x AMD EPYC 7763 64-Core Processor, Linux 6.1.0-18-amd64"; what cannot be found out is left
// out.
std::string describe_machine();

// The first processor's name in a /proc/cpuinfo; empty when it has none.
std::string processor_name(std::string_view cpuinfo);

}  // namespace bench
