#pragma once

#include <string>

// The table of keys as people read it.

namespace config {

// For --help-config.
std::string reference_text();

// The generated part of docs/configuration.md: one section per table, one row per key.
std::string reference_markdown();

// The generated part of config/embedded.toml: every key with its default, commented out.
std::string reference_toml();

}  // namespace config
