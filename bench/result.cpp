#include "bench/result.hpp"

#include <algorithm>

namespace bench {

std::string_view to_string(latency kind) noexcept {
    switch (kind) {
        case latency::connect: return "connect";
        case latency::subscribe: return "subscribe";
        case latency::delivery: return "delivery";
        case latency::same_url: return "same_url";
        case latency::other_url: return "other_url";
        case latency::receipt: return "receipt";
        case latency::round_trip: return "round_trip";
        case latency::history: return "history";
        case latency::resume: return "resume";
    }
    return "unknown";
}

figure const* run_result::find(std::string_view name) const noexcept {
    auto const found = std::find_if(figures.begin(), figures.end(),
                                    [&](figure const& one) { return one.name == name; });
    return found == figures.end() ? nullptr : &*found;
}

void run_result::add_count(std::string_view name, std::uint64_t value) {
    auto const found = std::ranges::find(figures, name, &figure::name);
    auto& sum =
        found == figures.end() ? figures.emplace_back(figure{std::string(name), 0, {}}) : *found;
    sum.value += static_cast<double>(value);
}

}  // namespace bench
