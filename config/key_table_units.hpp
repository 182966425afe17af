#pragma once

#include <cstdint>

// Times in milliseconds and sizes in bytes, for the defaults and bounds of the key tables.

namespace config::table {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;

}  // namespace config::table
