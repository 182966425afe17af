#include "node/event_log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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

// For both forms: a value can neither end its quotes nor its line, whatever a client put into it.
void append_quoted(std::string& out, std::string_view value) {
    out.push_back('"');
    for (char const c : value) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20 || byte == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

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

void log_event(config::log_level level, std::string_view event,
               std::initializer_list<log_field> fields) {
    auto const wanted = to_spdlog(level);
    if (!spdlog::should_log(wanted)) return;
    std::string line;
    if (as_json) {
        line += "\"event\":";
        append_quoted(line, event);
    } else {
        line += event;
    }
    for (auto const& field : fields) {
        if (as_json) {
            line += ',';
            append_quoted(line, field.name);
            line += ':';
        } else {
            line += ' ';
            line += field.name;
            line += '=';
        }
        append_quoted(line, field.value);
    }
    spdlog::log(wanted, "{}", line);
}

}  // namespace node
