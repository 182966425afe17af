#pragma once

#include "bench/result.hpp"

#include <optional>
#include <span>
#include <string_view>

// What is told of each second of a run: the columns of the CSV and of the JSON's "seconds".

namespace bench {

struct second_column {
    std::string_view name;
    std::optional<double> (*of)(second const&);  // nothing: not measured in that second
};

std::span<second_column const> second_columns() noexcept;

}  // namespace bench
