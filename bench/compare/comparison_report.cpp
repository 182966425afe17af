#include "bench/compare/comparison_report.hpp"

#include "bench/report/format.hpp"
#include "bench/report/ink.hpp"
#include "bench/report/json_writer.hpp"
#include "bench/report/page.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {
namespace {

std::string factor_text(double factor) {
    if (factor >= 99.95 || factor == 0) return number_text(factor) + "x";
    return fmt::format("{:.{}f}x", factor, factor >= 9.995 ? 1 : factor >= 0.9995 ? 2 : 3);
}

std::string name_with_unit(compared_figure const& one) {
    return one.unit.empty() ? one.name : one.name + ", " + one.unit;
}

// Coloured where one of the two is plainly better: in each round, by 5 % and more.
std::string judged(ink const& colours, compared_figure const& one, ratio_of_rounds const& ratio,
                   std::string const& text) {
    if (one.which == better::neither) return text;
    bool const more = ratio.least > 1.05;
    bool const less = ratio.most < 0.95;
    if (!more && !less) return text;
    return more == (one.which == better::higher) ? colours.good(text) : colours.bad(text);
}

void write_table(json_writer& to, comparison const& table) {
    to.key("figures").begin_object();
    for (compared_figure const& one : table.figures) {
        to.key(one.name).begin_object().member("unit", one.unit);
        to.member("better", one.which == better::lower    ? "lower"
                            : one.which == better::higher ? "higher"
                                                          : "neither");
        to.key("medians").begin_array();
        for (auto const& value : one.medians) value ? to.value(*value) : to.null();
        to.end_array().key("ratios").begin_array();
        for (auto const& ratio : one.ratios) {
            if (!ratio) {
                to.null();
                continue;
            }
            to.begin_object()
                .member("median", ratio->median)
                .member("min", ratio->least)
                .member("max", ratio->most)
                .member("rounds", ratio->rounds)
                .end_object();
        }
        to.end_array().end_object();
    }
    to.end_object();
}

// RFC 4180: quoted when it must be.
std::string csv_field(std::string const& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (char const c : text) out.append(c == '"' ? 2 : 1, c);
    return out + "\"";
}

std::string markdown_cell(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

// Each run's lines with the round and the target in front; the heading once.
template <class Of>
std::string csv_of_all(comparison_report const& report, Of of_run) {
    std::string out;
    for (std::size_t round = 0; round < report.rounds.size(); ++round) {
        for (run_result const& run : report.rounds[round]) {
            std::string const lines = of_run(run);
            auto begin = lines.find('\n') + 1;
            if (out.empty()) out = "round,target," + lines.substr(0, begin);
            auto const front = count_text(round + 1) + "," + csv_field(run.target) + ",";
            while (begin < lines.size()) {
                auto const end = lines.find('\n', begin) + 1;
                out += front + lines.substr(begin, end - begin);
                begin = end;
            }
        }
    }
    return out;
}

std::vector<verdict> verdicts_of(comparison_report const& report, std::size_t round) {
    return round < report.verdicts.size() ? report.verdicts[round] : std::vector<verdict>{};
}

}  // namespace

std::string ratio_text(ratio_of_rounds const& ratio) {
    if (ratio.rounds < 2) return factor_text(ratio.median);
    return factor_text(ratio.median) + " (" + factor_text(ratio.least) + " to " +
           factor_text(ratio.most) + ")";
}

std::string comparison_text(comparison_report const& report, text_style style) {
    ink const colours{style.colour};
    comparison const& table = report.table;
    std::size_t name_column = 0;
    for (auto const& one : table.figures) name_column = std::max(name_column, columns_of(one.name));
    constexpr std::size_t gap = 2;
    std::size_t value_column = 12;
    for (auto const& one : table.targets) {
        value_column = std::max(value_column, std::min<std::size_t>(columns_of(one), 20) + gap);
    }
    for (auto const& one : table.figures) {
        for (auto const& median : one.medians) {
            if (!median) continue;
            value_column = std::max(value_column, columns_of(value_text(*median, one.unit)) + gap);
        }
    }
    std::size_t ratio_column = 0;
    for (auto const& one : table.figures) {
        for (std::size_t i = 1; i < one.ratios.size(); ++i) {
            if (one.ratios[i]) {
                ratio_column = std::max(ratio_column, columns_of(ratio_text(*one.ratios[i])));
            }
        }
    }

    std::string out = "\n" + colours.bold(report.rounds.front().front().scenario) + "\n";
    out +=
        colours.faint("medians of " + count_text(report.rounds.size()) +
                      (report.rounds.size() == 1 ? " round" : " rounds") +
                      (report.cut_short.empty() ? "" : " of " + count_text(report.rounds_wanted)) +
                      (table.targets.size() > 1
                           ? "; ratios to " + table.targets.front() + " (least to most)"
                           : "")) +
        "\n\n";
    std::string heading(name_column, ' ');
    for (std::size_t i = 0; i < table.targets.size(); ++i) {
        heading += right_aligned(table.targets[i], value_column);
        if (i != 0) heading += std::string(2 + ratio_column, ' ');
    }
    heading.erase(heading.find_last_not_of(' ') + 1);
    out += colours.bold(heading) + "\n";
    for (compared_figure const& one : table.figures) {
        std::string line = padded(one.name, name_column);
        for (std::size_t i = 0; i < table.targets.size(); ++i) {
            std::string const value = one.medians[i] ? value_text(*one.medians[i], one.unit) : "-";
            line += right_aligned(value, value_column);
            if (i == 0) continue;
            std::string const ratio = one.ratios[i] ? ratio_text(*one.ratios[i]) : "";
            line += "  ";
            line += one.ratios[i] ? judged(colours, one, *one.ratios[i], ratio) : ratio;
            line.append(ratio_column - columns_of(ratio), ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    for (std::size_t round = 0; round < report.rounds.size(); ++round) {
        for (verdict const& one : verdicts_of(report, round)) {
            out += (one.passed ? colours.good("passed") : colours.bad("FAILED")) + "  round " +
                   count_text(round + 1) + ": " + to_text(one) + "\n";
        }
    }
    if (!report.cut_short.empty()) {
        out += colours.bad("The comparison was cut short in " + harmless(report.cut_short)) + "\n";
    }
    for (std::size_t round = 0; round < report.rounds.size(); ++round) {
        for (run_result const& run : report.rounds[round]) {
            for (std::string const& warning : run.warnings) {
                out += colours.warning("warning: round " + count_text(round + 1) + ", " +
                                       run.target + ": " + harmless(warning)) +
                       "\n";
            }
        }
    }
    return out;
}

std::string comparison_markdown(comparison const& table, std::span<std::string_view const> names) {
    std::string out = "| figure |";
    std::string rule = "| --- |";
    for (std::size_t i = 0; i < table.targets.size(); ++i) {
        out += " " + markdown_cell(table.targets[i]) + " |";
        rule += " --- |";
        if (i == 0) continue;
        out += " ratio |";
        rule += " --- |";
    }
    out += "\n" + rule + "\n";
    auto const row = [&](compared_figure const& one) {
        out += "| " + markdown_cell(name_with_unit(one)) + " |";
        for (std::size_t i = 0; i < table.targets.size(); ++i) {
            out += " " + (one.medians[i] ? number_text(*one.medians[i]) : "-") + " |";
            if (i != 0) out += " " + (one.ratios[i] ? ratio_text(*one.ratios[i]) : "-") + " |";
        }
        out += "\n";
    };
    if (names.empty()) {
        for (compared_figure const& one : table.figures) row(one);
    }
    for (std::string_view const name : names) {
        for (compared_figure const& one : table.figures) {
            if (one.name == name) row(one);
        }
    }
    return out;
}

std::string comparison_json(comparison_report const& report) {
    json_writer to;
    to.begin_object().member("format", 1).member("kind", "comparison");
    to.member("scenario", report.rounds.front().front().scenario);
    to.member("started", report.rounds.front().front().started);
    to.member("command", report.command);
    to.member("machine", report.rounds.front().front().machine);
    to.member("rounds_wanted",
              report.rounds_wanted == 0 ? report.rounds.size() : report.rounds_wanted);
    to.key("cut_short");
    report.cut_short.empty() ? to.null() : to.value(report.cut_short);
    to.key("targets").begin_array();
    for (std::string const& one : report.table.targets) to.value(one);
    to.end_array();
    write_table(to, report.table);
    to.key("rounds").begin_array();
    for (std::size_t round = 0; round < report.rounds.size(); ++round) {
        to.begin_array();
        for (std::size_t i = 0; i < report.rounds[round].size(); ++i) {
            write_json(to, {report.rounds[round][i],
                            i == 0 ? verdicts_of(report, round) : std::vector<verdict>{}});
        }
        to.end_array();
    }
    to.end_array().end_object();
    return std::move(to).take();
}

std::string comparison_csv_of_seconds(comparison_report const& report) {
    return csv_of_all(report, csv_of_seconds);
}

std::string comparison_csv_of_figures(comparison_report const& report) {
    return csv_of_all(report, csv_of_figures);
}

std::string comparison_html(comparison_report const& report) {
    return page_with(comparison_json(report));
}

}  // namespace bench
