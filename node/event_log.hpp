#pragma once

#include "config/settings.hpp"

#include <initializer_list>
#include <string_view>

// What a node tells its operator: one line per event on standard error, as text or as JSON. Events
// have names, not sentences; no message's content, token or passcode is ever a value. Any thread.

namespace node {

struct log_field {
    std::string_view name;
    std::string_view value;
};

void start_event_log(config::log_settings const& settings);

// From now on.
void set_log_level(config::log_level least);

void log_event(config::log_level level, std::string_view event,
               std::initializer_list<log_field> fields = {});

inline void log_info(std::string_view event, std::initializer_list<log_field> fields = {}) {
    log_event(config::log_level::info, event, fields);
}
inline void log_warning(std::string_view event, std::initializer_list<log_field> fields = {}) {
    log_event(config::log_level::warn, event, fields);
}

}  // namespace node
