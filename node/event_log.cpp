#include "node/event_log.hpp"

#include "stomp/utf8.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>

namespace node {
namespace {

bool as_json = false;  // set before the threads start

spdlog::level::level_enum to_spdlog(config::log_level level) {
    switch (level) {
        case config::log_level::trace: return spdlog::level::trace;
        case config::log_level::debug: return spdlog::level::debug;
        case config::log_level::info: return spdlog::level::info;
        case config::log_level::warn: return spdlog::level::warn;
        case config::log_level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

constexpr std::size_t longest_value = 2000;

// One character, which is UTF-8, at the front of `text`: its length and its code point.
struct character {
    std::size_t size;
    char32_t code;
};

character first_of(std::string_view text) {
    auto const byte = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    auto const tail = [&byte](std::size_t at) { return byte(at) & 0x3fU; };
    if (byte(0) < 0x80) return {1, byte(0)};
    if (byte(0) < 0xe0) return {2, (byte(0) & 0x1fU) << 6U | tail(1)};
    if (byte(0) < 0xf0) return {3, (byte(0) & 0x0fU) << 12U | tail(1) << 6U | tail(2)};
    return {4, (byte(0) & 0x07U) << 18U | tail(1) << 12U | tail(2) << 6U | tail(3)};
}

// What ends a line somewhere, or changes how the rest of it looks.
bool is_dangerous(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200e || code == 0x200f || code == 0x061c || code == 0xfeff;
}

// Of the events that other parts name, those that somebody should look at.
constexpr std::array<std::string_view, 19> relayed_warnings{
    "batch_failed",       "batch_refused",       "database_lost",
    "dead_letter",        "events_dropped",      "job_failed",
    "job_threw",          "jwks_failed",         "message_refused",
    "outbox_relay_stuck", "outbox_rows_dropped", "outbox_unavailable",
    "rabbitmq_blocked",   "rabbitmq_lost",       "rabbitmq_unreachable",
    "redis_lease_lost",   "redis_lost",          "redis_node_taken",
    "redis_unreachable",
};

}  // namespace

void start_event_log(config::log_settings const& settings) {
    auto logger = std::make_shared<spdlog::logger>(
        "stampede", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    as_json = settings.format == config::log_format::json;
    logger->set_pattern(as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                : "%Y-%m-%dT%H:%M:%S.%eZ %-5l %v",
                        spdlog::pattern_time_type::utc);
    logger->set_level(to_spdlog(settings.level));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
}

void set_log_level(config::log_level least) {
    spdlog::set_level(to_spdlog(least));
}

bool log_wanted(config::log_level level) noexcept {
    return spdlog::should_log(to_spdlog(level));
}

void log_event(config::log_level level, std::string_view event,
               std::initializer_list<log_field> fields) {
    auto const wanted = to_spdlog(level);
    if (!spdlog::should_log(wanted)) return;
    std::string line;
    if (as_json) {
        line += "\"event\":";
        append_log_value(line, event);
    } else {
        line += event;
    }
    for (auto const& field : fields) {
        if (field.value.empty()) continue;
        if (as_json) {
            line += ',';
            append_log_value(line, field.name);
            line += ':';
        } else {
            line += ' ';
            line += field.name;
            line += '=';
        }
        append_log_value(line, field.value);
    }
    spdlog::log(wanted, "{}", line);
}

void log_relayed(std::string_view event, std::string_view detail) {
    bool const bad = std::ranges::find(relayed_warnings, event) != relayed_warnings.end();
    log_event(bad ? config::log_level::warn : config::log_level::info, event, {{"detail", detail}});
}

void append_log_value(std::string& out, std::string_view value) {
    bool const whole = stomp::is_valid_utf8(value);
    out.push_back('"');
    auto const begin = out.size();
    while (!value.empty()) {
        if (out.size() - begin > longest_value) {
            out += "...";
            break;
        }
        // Where something is not UTF-8 it is not worth knowing what the rest would have been.
        bool const plain = static_cast<unsigned char>(value.front()) < 0x80;
        auto const next = whole || plain ? first_of(value) : character{1, 0xfffd};
        if (next.code == '"' || next.code == '\\') {
            out.push_back('\\');
            out.push_back(value.front());
        } else if (is_dangerous(next.code) || (!whole && !plain)) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(next.code));
        } else {
            out.append(value.substr(0, next.size));
        }
        value.remove_prefix(next.size);
    }
    out.push_back('"');
}

}  // namespace node
