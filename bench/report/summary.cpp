#include "bench/report/figures.hpp"
#include "bench/report/format.hpp"
#include "bench/report/ink.hpp"
#include "bench/report/latency_points.hpp"
#include "bench/report/run_report.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t margin = 2;
constexpr std::size_t name_column = 12;
constexpr std::size_t value_column = 11;

class summary_writer {
public:
    summary_writer(run_report const& report, text_style style)
        : report_(report), result_(report.result), style_(style), ink_(style.colour) {
        style_.width = std::max<std::size_t>(style_.width, 40);
    }

    std::string write() && {
        heading();
        latencies();
        for (std::string_view const group :
             {"throughput", "messages", "sessions", "server", "bench"}) {
            figures_of(group);
        }
        others();
        errors();
        verdicts();
        warnings();
        return std::move(out_);
    }

private:
    void line(std::string const& text) {
        out_ += text;
        out_ += '\n';
    }

    void heading() {
        line("");
        line(ink_.bold(fitted(result_.scenario, style_.width)));
        std::string about = result_.target;
        if (result_.measured_seconds > 0) {
            about += " · " + value_text(result_.measured_seconds, "s") + " measured";
        }
        if (!result_.started.empty()) about += " · " + result_.started;
        line(ink_.faint(fitted(about, style_.width)));
        if (result_.failed) line(ink_.bad("The run ended before its time; errors are below."));
        line("");
    }

    std::string shown(std::string const& name) const {
        figure const* found = result_.find(name);
        return found ? value_text(found->value, found->unit) : "";
    }

    void latencies() {
        bool const as_table =
            margin + name_column + latency_points.size() * value_column <= style_.width;
        bool first = true;
        for (latency const kind : latency_order) {
            auto const found = result_.latencies.find(kind);
            if (found == result_.latencies.end() || found->second.count() == 0) continue;
            if (std::exchange(first, false) && as_table) latency_heading();
            std::string title{to_string(kind)};
            std::replace(title.begin(), title.end(), '_', ' ');
            as_table ? latency_row(kind, title) : latency_text(kind, title);
        }
        if (!first) line("");
    }

    void latency_heading() {
        std::string row = padded("latency", name_column + margin);
        for (latency_point const& point : latency_points) {
            row += right_aligned(point.title, value_column);
        }
        line(ink_.faint(row));
    }

    std::string shown(latency kind, latency_point const& point) const {
        return shown(std::string{to_string(kind)} + "_" + std::string{point.name});
    }

    void latency_row(latency kind, std::string const& title) {
        std::string row = std::string(margin, ' ') + padded(title, name_column);
        for (latency_point const& point : latency_points) {
            row += right_aligned(shown(kind, point), value_column);
        }
        line(row);
    }

    // Where there is no room for a table.
    void latency_text(latency kind, std::string const& title) {
        std::vector<part> parts;
        for (latency_point const& point : latency_points) {
            std::string const value = shown(kind, point);
            if (value.empty()) continue;
            parts.push_back({std::string{point.title} + " " + ink_.bold(value),
                             columns_of(point.title) + 1 + columns_of(value)});
        }
        side_by_side(title, parts);
    }

    void figures_of(std::string_view group) {
        std::vector<part> parts;
        for (figure const& one : result_.figures) {
            figure_kind const* kind = find_figure_kind(one.name);
            if (!kind || kind->group != group) continue;
            std::string const value = value_text(one.value, one.unit);
            parts.push_back({std::string{kind->title} + " " + painted(*kind, one.value, value),
                             columns_of(kind->title) + 1 + columns_of(value)});
        }
        side_by_side(group, parts);
    }

    struct part {
        std::string text;
        std::size_t columns;  // without its colours
    };

    // As many as fit in a line; below their name where they would have little room beside it.
    void side_by_side(std::string_view name, std::vector<part> const& parts) {
        if (parts.empty()) return;
        bool const narrow = style_.width < 60;
        std::size_t const indent = narrow ? margin : name_column + margin;
        if (narrow) line(ink_.faint(name));
        std::string row = narrow ? std::string(indent, ' ') : ink_.faint(padded(name, indent));
        std::size_t used = indent;
        bool first_in_row = true;
        for (part const& one : parts) {
            if (!first_in_row && used + 3 + one.columns > style_.width) {
                line(row);
                row = std::string(indent, ' ');
                used = indent;
                first_in_row = true;
            }
            if (!first_in_row) {
                row += ink_.faint(" · ");
                used += 3;
            }
            row += one.text;
            used += one.columns;
            first_in_row = false;
        }
        line(row);
    }

    std::string painted(figure_kind const& kind, double value, std::string const& text) const {
        bool const fault =
            (kind.group == "messages" || kind.group == "sessions") && kind.which == better::lower;
        if (fault && value > 0) return ink_.bad(text);
        return ink_.bold(text);
    }

    // What a scenario added and the table of kinds does not know.
    void others() {
        for (figure const& one : result_.figures) {
            if (find_figure_kind(one.name)) continue;
            line(std::string(margin, ' ') + one.name + " " +
                 ink_.bold(value_text(one.value, one.unit)));
        }
    }

    void errors() {
        if (result_.errors.empty()) return;
        line("");
        line(ink_.bad("errors"));
        std::vector<std::pair<std::string, std::uint64_t>> by_count(result_.errors.begin(),
                                                                    result_.errors.end());
        std::stable_sort(by_count.begin(), by_count.end(),
                         [](auto const& a, auto const& b) { return a.second > b.second; });
        constexpr std::size_t at_most = 10;
        for (std::size_t i = 0; i < std::min(at_most, by_count.size()); ++i) {
            line(right_aligned(count_text(by_count[i].second), 9) + "  " +
                 fitted(harmless(by_count[i].first), style_.width - 11));
        }
        if (by_count.size() > at_most) {
            line(std::string(11, ' ') + "and " + count_text(by_count.size() - at_most) +
                 " kinds more");
        }
    }

    void verdicts() {
        if (report_.verdicts.empty()) return;
        line("");
        for (verdict const& one : report_.verdicts) {
            std::string const mark = one.passed ? ink_.good("passed") : ink_.bad("FAILED");
            line(std::string(margin, ' ') + mark + "  " + to_text(one));
        }
    }

    void warnings() {
        if (result_.warnings.empty()) return;
        line("");
        for (std::string const& one : result_.warnings)
            line(ink_.warning("warning: " + harmless(one)));
    }

    run_report const& report_;
    run_result const& result_;
    text_style style_;
    ink ink_;
    std::string out_;
};

}  // namespace

std::string summary_of(run_report const& report, text_style style) {
    return summary_writer{report, style}.write();
}

}  // namespace bench
