#pragma once

#include "config/settings.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

// What a node tells its operator: one line per event on standard error, as text or as JSON. Events
// have names, not sentences; no message's content, token or passcode is ever a value. Any thread.
// Every event is in docs/logging.md, which a test compares with the code.

namespace node {

struct log_field {
    std::string_view name;
    std::string_view value;  // empty: the field is left out
};

void start_event_log(config::log_settings const& settings);

// From now on.
void set_log_level(config::log_level least);

// Whether events of that level are shown: for those that cost something to put together.
bool log_wanted(config::log_level level) noexcept;

void log_event(config::log_level level, std::string_view event,
               std::initializer_list<log_field> fields = {});

inline void log_info(std::string_view event, std::initializer_list<log_field> fields = {}) {
    log_event(config::log_level::info, event, fields);
}
inline void log_warning(std::string_view event, std::initializer_list<log_field> fields = {}) {
    log_event(config::log_level::warn, event, fields);
}

// An event that another part has named: a warning if it is in the table of those.
void log_relayed(std::string_view event, std::string_view detail);

// In quotes, as both forms of the log write values. Whatever a client put into it can neither end
// its quotes nor its line, nor move a terminal's cursor or turn its writing direction; what is not
// UTF-8 is replaced, and what is too long is cut.
void append_log_value(std::string& out, std::string_view value);

}  // namespace node
