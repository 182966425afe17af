#include "bench/compare/comparison.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

using rounds_of_runs = std::vector<std::vector<run_result>>;

void check(rounds_of_runs const& rounds) {
    if (rounds.empty() || rounds.front().empty()) {
        throw std::invalid_argument("a comparison needs a round with a target at least");
    }
    for (auto const& round : rounds) {
        bool const same = std::equal(
            round.begin(), round.end(), rounds.front().begin(), rounds.front().end(),
            [](run_result const& a, run_result const& b) { return a.target == b.target; });
        if (!same) {
            throw std::invalid_argument("the rounds of a comparison must have the same targets");
        }
    }
}

// The figures that any run has: first in the order of the kinds, then those of the scenario.
std::vector<compared_figure> all_figures(rounds_of_runs const& rounds) {
    std::vector<compared_figure> out;
    auto const add = [&](std::string_view name, std::string_view unit, better which) {
        out.push_back({std::string{name}, std::string{unit}, which, {}, {}});
    };
    for (figure_kind const& kind : figure_kinds()) {
        bool const any = std::any_of(rounds.begin(), rounds.end(), [&](auto const& round) {
            return std::any_of(round.begin(), round.end(),
                               [&](run_result const& run) { return run.find(kind.name); });
        });
        if (any) add(kind.name, kind.unit, kind.which);
    }
    for (auto const& round : rounds) {
        for (run_result const& run : round) {
            for (figure const& one : run.figures) {
                bool const known = std::any_of(
                    out.begin(), out.end(),
                    [&](compared_figure const& other) { return other.name == one.name; });
                if (!known) add(one.name, one.unit, better::neither);
            }
        }
    }
    return out;
}

std::optional<double> median_of(rounds_of_runs const& rounds, std::size_t target,
                                std::string_view name) {
    std::vector<double> values;
    for (auto const& round : rounds) {
        if (figure const* found = round[target].find(name)) values.push_back(found->value);
    }
    if (values.empty()) return std::nullopt;
    return median(std::move(values));
}

std::optional<ratio_of_rounds> ratio_to_first(rounds_of_runs const& rounds, std::size_t target,
                                              std::string_view name) {
    std::vector<double> ratios;
    for (auto const& round : rounds) {
        figure const* first = round.front().find(name);
        figure const* own = round[target].find(name);
        if (first && own && first->value != 0) ratios.push_back(own->value / first->value);
    }
    if (ratios.empty()) return std::nullopt;
    auto const [least, most] = std::minmax_element(ratios.begin(), ratios.end());
    return ratio_of_rounds{median(ratios), *least, *most, ratios.size()};
}

}  // namespace

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    std::size_t const middle = values.size() / 2;
    if (values.size() % 2 == 1) return values[middle];
    return (values[middle - 1] + values[middle]) / 2;
}

comparison compare(rounds_of_runs const& rounds) {
    check(rounds);
    comparison out;
    for (run_result const& run : rounds.front()) out.targets.push_back(run.target);
    out.figures = all_figures(rounds);
    for (compared_figure& one : out.figures) {
        for (std::size_t target = 0; target < out.targets.size(); ++target) {
            one.medians.push_back(median_of(rounds, target, one.name));
            one.ratios.push_back(ratio_to_first(rounds, target, one.name));
        }
    }
    return out;
}

}  // namespace bench
