#include "bench/compare/rounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace bench {
namespace {

std::string failure_of(run_result const& run) {
    std::string out;
    for (auto const& [text, times] : run.errors) {
        out += fmt::format("{}{} ({} {})", out.empty() ? "" : "; ", text, times,
                           times == 1 ? "time" : "times");
    }
    return out;
}

}  // namespace

bool rounds_made::as_expected() const noexcept {
    return std::ranges::all_of(verdicts, [](auto const& of_round) {
        return std::ranges::all_of(of_round, &verdict::passed);
    });
}

rounds_made make_rounds(std::vector<target> const& targets, std::size_t wanted,
                        std::vector<expectation> const& expectations, run_of_target const& run,
                        std::atomic<bool> const& stop) {
    rounds_made out;
    for (std::size_t round = 0; round < wanted; ++round) {
        std::vector<run_result> results;
        for (auto const& server : targets) {
            std::string why;
            try {
                if (stop) {
                    why = "stopped";
                } else {
                    results.push_back(run(round, server));
                    if (results.back().failed) why = failure_of(results.back());
                }
            } catch (std::exception const& error) {
                why = error.what();
            }
            if (why.empty()) continue;
            out.cut_short = fmt::format("round {} of {}, {}: {}", round + 1, wanted, server.name,
                                        std::move(why));
            return out;
        }
        // Expectations are of the first target; the others are what it is held against.
        out.verdicts.push_back(judge(expectations, results.front()));
        out.whole.push_back(std::move(results));
    }
    return out;
}

}  // namespace bench
