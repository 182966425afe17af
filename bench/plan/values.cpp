#include "bench/plan/values.hpp"

#include "bench/measure/process_cost.hpp"
#include "bench/plan/identities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace bench {
namespace {

[[noreturn]] void bad(std::string_view text, std::string_view expected) {
    throw std::invalid_argument(fmt::format("\"{}\": expected {}", text, expected));
}

[[noreturn]] void refuse(std::string const& why) {
    throw std::invalid_argument(why);
}

std::string_view trimmed(std::string_view text) {
    auto const first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> out;
    while (true) {
        auto const end = text.find(at);
        out.push_back(trimmed(text.substr(0, end)));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + 1);
    }
}

template <typename Number>
bool read(std::string_view text, Number& out) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

constexpr std::string_view step_form =
    "RATE/s for TIME or RATE..RATE/s for TIME, such as \"20000/s for 5 s\"";

constexpr seconds longest{1000.0 * 3600};
// More than a machine holds: such a number is a slip of the hand.
constexpr std::size_t most_clients = 10'000'000;
constexpr std::size_t most_streams = 100'000'000;

double parse_rate(std::string_view text, std::string_view whole) {
    double out = 0;
    if (!read(trimmed(text), out) || !(out >= 0 && out <= most_per_second)) bad(whole, step_form);
    return out;
}

}  // namespace

seconds parse_seconds(std::string_view text) {
    constexpr std::string_view form = "a time such as 5 s, 500 ms or 2 min, 1000 h at most";
    auto const value = trimmed(text);
    auto const unit_at = std::min(value.find_first_not_of("0123456789."), value.size());
    double number = 0;
    if (!read(value.substr(0, unit_at), number)) bad(text, form);
    auto const unit = trimmed(value.substr(unit_at));
    seconds out{number};
    if (unit == "ms") {
        out /= 1000;
    } else if (unit == "min") {
        out *= 60;
    } else if (unit == "h") {
        out *= 3600;
    } else if (!unit.empty() && unit != "s") {
        bad(text, form);
    }
    if (out > longest) bad(text, form);
    return out;
}

load_step parse_step(std::string_view text) {
    constexpr std::string_view per_second = "/s for ";
    auto const end = text.find(per_second);
    if (end == std::string_view::npos) bad(text, step_form);
    auto const rates = text.substr(0, end);
    load_step out;
    out.lasts = parse_seconds(text.substr(end + per_second.size()));
    auto const dots = rates.find("..");
    out.from = parse_rate(rates.substr(0, dots), text);
    out.to = dots == std::string_view::npos ? out.from : parse_rate(rates.substr(dots + 2), text);
    if (out.lasts.count() <= 0 || std::max(out.from, out.to) < least_per_second)
        bad(text, step_form);
    return out;
}

endpoint parse_rest_url(std::string_view text) {
    constexpr std::string_view form = "http://HOST[:PORT] or https://HOST[:PORT]";
    constexpr std::string_view scheme = "http";
    if (!text.starts_with("http://") && !text.starts_with("https://")) bad(text, form);
    endpoint out;
    try {
        // The scheme of WebSocket has the same ports, and the same s for TLS.
        out = parse_url("ws" + std::string(text.substr(scheme.size())));
    } catch (std::invalid_argument const&) {
        bad(text, form);
    }
    if (out.path.find_first_not_of('/') != std::string::npos) bad(text, form);
    out.url = text;
    return out;
}

std::pair<std::string, std::string> parse_header(std::string_view text) {
    auto const colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos) bad(text, "a header, \"name: value\"");
    auto const controls = [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; };
    if (std::ranges::any_of(text, controls)) {
        refuse("a header, \"name: value\", has no line ends, tabs or other control characters");
    }
    return {std::string(text.substr(0, colon)), std::string(trimmed(text.substr(colon + 1)))};
}

scenario_kind parse_scenario(std::string_view text) {
    std::string names;
    for (auto kind = scenario_kind::connect;; kind = scenario_kind(static_cast<int>(kind) + 1)) {
        if (to_string(kind) == text) return kind;
        names += (names.empty() ? "" : ", ") + std::string(to_string(kind));
        if (kind == scenario_kind::chat) break;
    }
    bad(text, "one of " + names);
}

target parse_target(std::string_view text, target const& common) {
    constexpr std::string_view keys =
        "name, profile, url, rest_url, pid, login, passcode, user, token_file, token_secret_file, "
        "token_claims";
    target out = common;
    std::string profile_name(common.as != nullptr ? common.as->name : "stampede");
    // How its users log in, by its own word, which puts aside what `common` says of it.
    std::string_view way;
    auto const logs_in_by = [&](std::string_view another) {
        if (way == another) return;
        if (!way.empty()) {
            refuse(fmt::format("{} and {} exclude each other: each says who the clients are", way,
                               another));
        }
        way = another;
        out.token_file.clear();
        out.token_secret_file.clear();
        if (way != "login") out.login = out.passcode = "";
    };
    bool own_urls = false;
    bool own_pids = false;
    auto parts = split(text, ';');
    if (parts.size() > 1 && parts.back().empty()) parts.pop_back();  // "name=a;"
    for (auto const part : parts) {
        auto const sign = part.find('=');
        if (sign == std::string_view::npos) bad(text, "key=value;key=value ...");
        auto const key = trimmed(part.substr(0, sign));
        std::string const value(trimmed(part.substr(sign + 1)));
        if (key == "name") {
            out.name = value;
        } else if (key == "profile") {
            profile_name = value;
        } else if (key == "url") {
            if (!std::exchange(own_urls, true)) out.urls.clear();
            out.urls.push_back(parse_url(value));
        } else if (key == "rest_url") {
            out.rest = parse_rest_url(value);
        } else if (key == "pid") {
            if (!std::exchange(own_pids, true)) out.pids.clear();
            pid_t pid = 0;
            if (!read(std::string_view(value), pid) || pid <= 0)
                bad(value, "the number of a process");
            out.pids.push_back(pid);
        } else if (key == "login") {
            logs_in_by("login");
            out.login = value;
        } else if (key == "passcode") {
            logs_in_by("login");
            out.passcode = value;
        } else if (key == "user") {
            if (!read(std::string_view(value), out.user)) bad(value, "the number of a user");
        } else if (key == "token_file") {
            logs_in_by("token_file");
            out.token_file = value;
        } else if (key == "token_secret_file") {
            logs_in_by("token_secret_file");
            out.token_secret_file = value;
        } else if (key == "token_claims") {
            out.token_claims = value;
        } else {
            bad(key, fmt::format("one of {}", keys));
        }
    }
    complete(out, profile_name);
    return out;
}

profile const& profile_named(std::string_view name) {
    auto const* const found = find_profile(name);
    if (found == nullptr) bad(name, fmt::format("a profile: {}", profile_names()));
    return *found;
}

void complete(target& of, std::string_view profile_name) {
    of.as = &profile_named(profile_name);
    std::ranges::sort(of.pids);
    of.pids.erase(std::unique(of.pids.begin(), of.pids.end()), of.pids.end());
    if (of.name.empty()) of.name = of.as->name;
    if (of.urls.empty()) of.urls.push_back(parse_url(of.as->url));
    if (of.client.virtual_host.empty()) of.client.virtual_host = of.as->virtual_host;
    bool const tokens = !of.token_file.empty() || !of.token_secret_file.empty();
    if (of.login.empty() && of.passcode.empty() && !tokens) {
        of.login = of.as->login;
        of.passcode = of.as->passcode;
    }
}

namespace {

void check_size(plan const& what) {
    bool const chat = what.kind == scenario_kind::chat;
    bool const rooms = chat || what.kind == scenario_kind::fan_out ||
                       what.kind == scenario_kind::resume || what.kind == scenario_kind::slow;
    if (!rooms) return;
    auto const clients = what.rooms * (what.subscribers + (chat ? 0 : what.publishers));
    if (clients > most_clients) {
        refuse(fmt::format("--rooms, --subscribers and --publishers make {} clients: {} at most",
                           clients, most_clients));
    }
    auto const streams = what.rooms * what.subscribers * what.senders_per_room();
    if (streams > most_streams) {
        refuse(fmt::format(
            "--rooms x --subscribers x who publishes are {} streams to keep account of: {} at most",
            streams, most_streams));
    }
}

// A direct message names the one who gets it. Who leaves a room takes his user out of it, so that
// another client of the same user would be out, too.
void check_users(plan const& what, identities const& who) {
    bool const named = what.kind == scenario_kind::direct && what.stored;
    if (named && !who.distinct()) {
        refuse("direct messages need users of their own: a login, or claims, with {}");
    }
    bool const leave = what.kind == scenario_kind::chat && what.turnover > 0;
    if ((named || leave) && who.tokens() > 0 && who.tokens() < what.clients()) {
        refuse(fmt::format("--token-file: {} tokens for {} clients, which must be different users",
                           who.tokens(), what.clients()));
    }
}

void check_processes(target const& server) {
    for (pid_t const each : server.pids) {
        try {
            static_cast<void>(cost_of(each));
        } catch (std::system_error const&) {
            refuse(fmt::format("--pid {}: there is no such process on this machine", each));
        }
    }
}

}  // namespace

void check(plan const& what, target const& server) {
    bool const needs_chat = what.stored || what.kind == scenario_kind::chat;
    if (needs_chat && !server.as->chat) {
        refuse(fmt::format("{} has no rooms of stored messages: leave out --stored",
                           server.as->title));
    }
    if (what.receipts && !server.as->receipts) {
        refuse(fmt::format("{} answers no receipts: leave out --receipts", server.as->title));
    }
    if (what.user_queues && what.stored) {
        refuse("--user-queues is for direct, without --stored");
    }
    if (what.user_queues && server.as->queue.empty()) {
        refuse(
            fmt::format("{} has no queues of users as the bench knows them: leave out "
                        "--user-queues",
                        server.as->title));
    }
    bool const tcp = server.urls.front().kind == framing::tcp;
    if (what.needs_rest() && tcp && !server.rest) {
        refuse(
            fmt::format("rooms are made and history is read over HTTP, which is not where {} is: "
                        "give --rest-url http://HOST:PORT",
                        server.urls.front().url));
    }
    if (!what.open_loop() && what.lasts.count() <= 0) refuse("--duration must be more than 0");
    check_size(what);
    check_processes(server);
    check_users(what, identities(server));
    if (what.kind == scenario_kind::chat && what.subscribers == 0) {
        refuse("nobody is in these rooms: --subscribers must be 1 at least");
    }
    if (what.kind == scenario_kind::chat && !what.open_loop()) {
        refuse("a chat has a rate: give --rate or --step");
    }
    if (what.kind == scenario_kind::slow && what.slow_readers >= what.rooms * what.subscribers) {
        refuse(
            "not all subscribers can be slow: --slow-readers must be less than rooms x "
            "subscribers");
    }
    bool const sends = what.kind == scenario_kind::fan_out || what.kind == scenario_kind::resume ||
                       what.kind == scenario_kind::slow;
    if (sends && what.subscribers == 0 && !what.open_loop() && !what.receipts) {
        refuse("with no subscribers full load needs --receipts, to know what has arrived");
    }
    if (what.open_loop() &&
        (what.kind == scenario_kind::connect || what.kind == scenario_kind::idle ||
         what.kind == scenario_kind::churn)) {
        refuse(fmt::format("{} sends no messages: its rate is --connects-per-second",
                           to_string(what.kind)));
    }
}

}  // namespace bench
