#include "bench/plan/scenario_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <stdexcept>
#include <string_view>

namespace bench {
namespace {

// Its short names are not for the rest of the folder.
namespace table {

using enum scenario_kind;

// A set of scenarios, a bit each.
constexpr unsigned of(std::initializer_list<scenario_kind> kinds) {
    unsigned out = 0;
    for (auto const kind : kinds) out |= 1U << static_cast<unsigned>(kind);
    return out;
}

constexpr unsigned all_fan_outs = of({fan_out, resume, slow});
constexpr unsigned of_rooms = all_fan_outs | of({chat});
constexpr unsigned of_messages = of_rooms | of({direct});

struct scenario_flag {
    std::string_view name;
    unsigned kinds;
};

// A chat is stored and asks for receipts without being told; to tell it is no mistake. It has no
// full load, so no window either. A churn has its clients from --connecting; what says --sessions
// for all scenarios of clients alone is taken, too.
constexpr std::array flags{
    scenario_flag{"--rooms", of_rooms},
    scenario_flag{"--subscribers", of_rooms},
    scenario_flag{"--publishers", all_fan_outs},
    scenario_flag{"--sessions", of({connect, idle, churn})},
    scenario_flag{"--pairs", of({direct})},
    scenario_flag{"--slow-readers", of({slow})},
    scenario_flag{"--turnover", of({chat})},
    scenario_flag{"--stored", of_messages},
    scenario_flag{"--publishers-stay", of({resume})},
    scenario_flag{"--user-queues", of({direct})},
    scenario_flag{"--first-room", of_rooms},
    scenario_flag{"--body", of_messages},
    scenario_flag{"--receipts", of_rooms},
    scenario_flag{"--window", all_fan_outs | of({direct})},
};

}  // namespace table

std::string names_of(unsigned kinds) {
    std::string out;
    for (auto kind = 0U; kind <= static_cast<unsigned>(scenario_kind::chat); ++kind) {
        if ((kinds >> kind & 1U) == 0) continue;
        out += (out.empty() ? "" : ", ") + std::string(to_string(scenario_kind(kind)));
    }
    return out;
}

}  // namespace

void check_flags(scenario_kind kind, std::vector<std::string> const& given) {
    for (auto const& name : given) {
        auto const* const found =
            std::ranges::find(table::flags, name, &table::scenario_flag::name);
        if (found == table::flags.end() || (found->kinds & table::of({kind})) != 0) continue;
        throw std::invalid_argument(
            fmt::format("{} is for {}, not for {}", name, names_of(found->kinds), to_string(kind)));
    }
}

}  // namespace bench
