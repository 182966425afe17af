#include "bench/report/expectation.hpp"

#include "bench/report/figures.hpp"
#include "bench/report/format.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace bench {
namespace {

enum class quantity : std::uint8_t { duration, size, rate, cores, count };

struct unit_rule {
    std::string_view name;
    quantity of;
    double size;  // in seconds, bytes, per second, cores
};

constexpr unit_rule units[] = {
    {"ns", quantity::duration, 1e-9},
    {"us", quantity::duration, 1e-6},
    {"µs", quantity::duration, 1e-6},  // micro sign
    {"μs", quantity::duration, 1e-6},  // Greek mu
    {"ms", quantity::duration, 1e-3},
    {"s", quantity::duration, 1},
    {"min", quantity::duration, 60},
    {"B", quantity::size, 1},
    {"KiB", quantity::size, 1024},
    {"MiB", quantity::size, 1024.0 * 1024},
    {"GiB", quantity::size, 1024.0 * 1024 * 1024},
    {"kB", quantity::size, 1e3},
    {"MB", quantity::size, 1e6},
    {"GB", quantity::size, 1e9},
    {"/s", quantity::rate, 1},
    {"/min", quantity::rate, 1.0 / 60},
    {"cores", quantity::cores, 1},
    {"core", quantity::cores, 1},
    {"", quantity::count, 1},
};

struct sign_rule {
    std::string_view text;
    comparison_sign sign;
};

// Longer ones first: "<=" begins with "<".
constexpr sign_rule signs[] = {
    {"<=", comparison_sign::at_most}, {">=", comparison_sign::at_least},
    {"==", comparison_sign::equal},   {"!=", comparison_sign::unequal},
    {"<", comparison_sign::less},     {">", comparison_sign::more},
};

unit_rule const* find_unit(std::string_view name) {
    auto const found = std::find_if(std::begin(units), std::end(units),
                                    [&](unit_rule const& one) { return one.name == name; });
    return found == std::end(units) ? nullptr : found;
}

std::string units_of(quantity kind) {
    std::string names;
    for (unit_rule const& one : units) {
        if (one.of != kind || one.name.empty()) continue;
        if (!names.empty()) names += ", ";
        names += one.name;
    }
    return names;
}

std::string_view trimmed(std::string_view text) {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

[[noreturn]] void refuse(std::string_view text, std::string const& why) {
    throw std::invalid_argument("expectation \"" + std::string{text} + "\": " + why);
}

// How many letters must change to make `a` of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1] ? 1 : 0)});
            corner = above;
        }
    }
    return row.back();
}

std::string unknown_figure(std::string_view name) {
    std::string why = "there is no figure \"" + std::string{name} + "\"";
    figure_kind const* nearest = nullptr;
    std::size_t least = name.size() / 2 + 1;
    for (figure_kind const& kind : figure_kinds()) {
        std::size_t const apart = distance(name, kind.name);
        if (apart >= least) continue;
        least = apart;
        nearest = &kind;
    }
    if (nearest) return why + "; did you mean \"" + std::string{nearest->name} + "\"?";
    why += "; there are";
    char const* before = " ";
    for (figure_kind const& kind : figure_kinds()) {
        why += before + std::string{kind.name};
        before = ", ";
    }
    return why;
}

// The limit in the figure's unit.
double converted(std::string_view text, figure_kind const& kind, double number,
                 std::string_view unit) {
    unit_rule const& own = *find_unit(kind.unit);
    if (unit.empty()) {
        if (own.of == quantity::duration || own.of == quantity::size) {
            refuse(text, std::string{kind.name} + " needs a unit: " + units_of(own.of));
        }
        return number;
    }
    unit_rule const* given = find_unit(unit);
    if (own.of == quantity::count) {
        refuse(text, std::string{kind.name} + " is a count and has no unit");
    }
    if (!given || given->of != own.of) {
        refuse(text, "\"" + std::string{unit} + "\" is no unit of " + std::string{kind.name} +
                         ", which is in " + units_of(own.of));
    }
    return number * given->size / own.size;
}

bool holds(comparison_sign sign, double value, double limit) {
    // Units are converted in binary fractions, so that equal is what differs by no more than that.
    bool const same =
        std::abs(value - limit) <= 1e-9 * std::max({1e-300, std::abs(value), std::abs(limit)});
    switch (sign) {
        case comparison_sign::less: return value < limit && !same;
        case comparison_sign::at_most: return value < limit || same;
        case comparison_sign::more: return value > limit && !same;
        case comparison_sign::at_least: return value > limit || same;
        case comparison_sign::equal: return same;
        case comparison_sign::unequal: return !same;
    }
    return false;
}

}  // namespace

expectation parse_expectation(std::string_view text) {
    std::string_view const whole = trimmed(text);
    auto const at = whole.find_first_of("<>=!");
    if (at == std::string_view::npos) {
        refuse(text,
               "wants FIGURE, one of < <= > >= == !=, and a number, as in "
               "\"delivery_p99 < 5 ms\"");
    }
    std::string_view const name = trimmed(whole.substr(0, at));
    std::string_view rest = whole.substr(at);
    auto const sign = std::find_if(std::begin(signs), std::end(signs), [&](sign_rule const& one) {
        return rest.starts_with(one.text);
    });
    if (sign == std::end(signs)) refuse(text, "the signs are < <= > >= == !=");
    rest = trimmed(rest.substr(sign->text.size()));

    figure_kind const* kind = find_figure_kind(name);
    if (!kind) refuse(text, unknown_figure(name));

    double number = 0;
    auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{} || !std::isfinite(number)) {
        refuse(text, "a number is missing behind " + std::string{sign->text});
    }
    std::string_view const unit = trimmed(rest.substr(static_cast<std::size_t>(end - rest.data())));
    return {std::string{whole}, std::string{name}, sign->sign, converted(text, *kind, number, unit),
            std::string{kind->unit}};
}

std::vector<verdict> judge(std::vector<expectation> const& wanted, run_result const& result) {
    std::vector<verdict> out;
    out.reserve(wanted.size());
    for (expectation const& one : wanted) {
        verdict made{one, std::nullopt, false};
        if (figure const* found = result.find(one.figure)) {
            made.value = found->value;
            made.passed = holds(one.sign, found->value, one.limit);
        }
        out.push_back(std::move(made));
    }
    return out;
}

std::string to_text(verdict const& one) {
    return one.wanted.text + ": " +
           (one.value ? value_text(*one.value, one.wanted.unit) : "not measured");
}

}  // namespace bench
