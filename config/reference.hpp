#pragma once

#include <string>

// The table of keys as people read it.

namespace config {

// For --help-config.
std::string reference_text();

// The generated part of docs/configuration.md: one section per table, one row per key.
std::string reference_markdown();

}  // namespace config
