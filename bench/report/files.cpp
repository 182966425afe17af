#include "bench/report/figures.hpp"
#include "bench/report/json_writer.hpp"
#include "bench/report/run_report.hpp"
#include "bench/report/second_columns.hpp"

#include <fmt/format.h>

#include <iterator>

namespace bench {
namespace {

void write_value(json_writer& to, std::optional<double> value) {
    if (value) {
        to.value(*value);
    } else {
        to.null();
    }
}

void write_figures(json_writer& to, run_result const& result) {
    to.key("figures").begin_object();
    for (figure const& one : result.figures) {
        to.key(one.name).begin_object().member("value", one.value).member("unit", one.unit);
        if (figure_kind const* kind = find_figure_kind(one.name)) {
            to.member("group", kind->group).member("title", kind->title);
        }
        to.end_object();
    }
    to.end_object();
}

void write_verdicts(json_writer& to, std::vector<verdict> const& verdicts) {
    to.key("expectations").begin_array();
    for (verdict const& one : verdicts) {
        to.begin_object()
            .member("text", one.wanted.text)
            .member("figure", one.wanted.figure)
            .member("limit", one.wanted.limit)
            .member("unit", one.wanted.unit)
            .key("value");
        write_value(to, one.value);
        to.member("passed", one.passed).end_object();
    }
    to.end_array();
}

void write_counts(json_writer& to, std::string_view name, arrival_counts const& counts) {
    to.key(name)
        .begin_object()
        .member("expected", counts.expected)
        .member("arrived", counts.arrived)
        .member("lost", counts.lost)
        .member("duplicates", counts.duplicates)
        .member("out_of_order", counts.out_of_order)
        .end_object();
}

void write_histogram(json_writer& to, std::string_view name, histogram const& values) {
    to.key(name)
        .begin_object()
        .member("count", values.count())
        .member("min_ns", values.min())
        .member("max_ns", values.max())
        .member("mean_ns", values.mean());
    to.key("up_to_ns").begin_array();
    auto const steps = values.steps();
    for (auto const& one : steps) to.value(one.up_to);
    to.end_array().key("values").begin_array();
    for (auto const& one : steps) to.value(one.values);
    to.end_array().end_object();
}

void write_latencies(json_writer& to, run_result const& result) {
    to.key("latencies").begin_object();
    for (auto const& [kind, values] : result.latencies) {
        if (values.count() != 0) write_histogram(to, to_string(kind), values);
    }
    to.end_object();
    if (result.lag.count() != 0) write_histogram(to, "lag", result.lag);
}

void write_seconds(json_writer& to, run_result const& result) {
    to.key("seconds").begin_object();
    for (second_column const& column : second_columns()) {
        to.key(column.name).begin_array();
        for (second const& one : result.seconds) write_value(to, column.of(one));
        to.end_array();
    }
    to.end_object();
}

}  // namespace

void write_json(json_writer& to, run_report const& report) {
    run_result const& result = report.result;
    to.begin_object()
        .member("format", 1)
        .member("kind", "run")
        .member("target", result.target)
        .member("scenario", result.scenario)
        .member("started", result.started)
        .member("command", result.command)
        .member("machine", result.machine)
        .member("measured_seconds", result.measured_seconds)
        .member("failed", result.failed)
        .member("passed", report.passed());
    to.key("warnings").begin_array();
    for (std::string const& one : result.warnings) to.value(one);
    to.end_array();
    write_verdicts(to, report.verdicts);
    write_figures(to, result);
    to.key("errors").begin_object();
    for (auto const& [text, times] : result.errors) to.member(text, times);
    to.end_object();
    write_counts(to, "arrivals", result.arrivals);
    write_counts(to, "room_sequence", result.room_sequence);
    write_latencies(to, result);
    write_seconds(to, result);
    to.end_object();
}

std::string json_of(run_report const& report) {
    json_writer to;
    write_json(to, report);
    return std::move(to).take();
}

std::string csv_of_seconds(run_result const& result) {
    std::string out;
    for (second_column const& column : second_columns()) {
        if (!out.empty()) out += ',';
        out += column.name;
    }
    out += '\n';
    for (second const& one : result.seconds) {
        char const* before = "";
        for (second_column const& column : second_columns()) {
            out += before;
            before = ",";
            if (auto const value = column.of(one)) {
                fmt::format_to(std::back_inserter(out), "{:.9g}", *value);
            }
        }
        out += '\n';
    }
    return out;
}

std::string csv_of_figures(run_result const& result) {
    std::string out = "name,value,unit\n";
    for (figure const& one : result.figures) {
        fmt::format_to(std::back_inserter(out), "{},{:.9g},{}\n", one.name, one.value, one.unit);
    }
    return out;
}

}  // namespace bench
