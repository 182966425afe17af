#include "node/metrics/page.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cstddef>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace node {
namespace {

std::vector<prometheus::ClientMetric::Label> labels_of(metric_row const& row,
                                                       metrics_page::label_values values) {
    std::vector<prometheus::ClientMetric::Label> labels;
    std::string_view names = row.labels;
    for (auto const value : values) {
        auto const name = names.substr(0, names.find(' '));
        if (name.empty()) break;
        names.remove_prefix(name.size() == names.size() ? name.size() : name.size() + 1);
        labels.push_back({std::string(name), std::string(value)});
    }
    if (labels.size() != values.size() || !names.empty()) {
        throw std::logic_error("labels of " + std::string(row.name));
    }
    return labels;
}

prometheus::MetricType type_of(metric_type type) {
    switch (type) {
        case metric_type::counter: return prometheus::MetricType::Counter;
        case metric_type::gauge: return prometheus::MetricType::Gauge;
        case metric_type::histogram: return prometheus::MetricType::Histogram;
    }
    return prometheus::MetricType::Untyped;
}

}  // namespace

struct metrics_page::families {
    std::vector<prometheus::MetricFamily> all;

    prometheus::ClientMetric& sample(metric what, bool is_histogram, label_values labels) {
        auto const& row = describe(what);
        if (is_histogram != (row.type == metric_type::histogram)) {
            throw std::logic_error("type of " + std::string(row.name));
        }
        auto& made = all[static_cast<std::size_t>(what)].metric.emplace_back();
        made.label = labels_of(row, labels);
        return made;
    }
};

metrics_page::metrics_page() : families_(std::make_unique<families>()) {
    for (auto const& row : metric_rows()) {
        families_->all.push_back(
            {std::string(row.name), std::string(row.help), type_of(row.type), {}});
    }
}

metrics_page::~metrics_page() = default;

void metrics_page::add(metric what, double value, label_values labels) {
    auto& made = families_->sample(what, false, labels);
    made.gauge.value = value;
    made.counter.value = value;
}

void metrics_page::add(metric what, broker::metrics::histogram_figures const& figures,
                       label_values labels) {
    auto& made = families_->sample(what, true, labels);
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < figures.bounds.size(); ++i) {
        so_far += figures.counts[i];
        made.histogram.bucket.push_back({so_far, figures.bounds[i]});
    }
    so_far += figures.counts[figures.bounds.size()];
    made.histogram.bucket.push_back({so_far, std::numeric_limits<double>::infinity()});
    made.histogram.sample_count = so_far;
    made.histogram.sample_sum = figures.sum;
}

std::vector<metrics_page::sample> metrics_page::samples(metric what) const {
    auto const& row = describe(what);
    std::vector<sample> out;
    for (auto const& each : families_->all[static_cast<std::size_t>(what)].metric) {
        auto& made = out.emplace_back();
        for (auto const& label : each.label) made.labels.push_back(label.value);
        made.value = row.type == metric_type::counter ? each.counter.value : each.gauge.value;
    }
    return out;
}

std::vector<metrics_page::bucket> metrics_page::buckets(metric what) const {
    auto const& all = families_->all[static_cast<std::size_t>(what)].metric;
    std::vector<bucket> out;
    if (all.empty()) return out;
    for (auto const& each : all.front().histogram.bucket)
        out.push_back({each.upper_bound, each.cumulative_count});
    return out;
}

std::string metrics_page::text() const {
    std::vector<prometheus::MetricFamily> filled;
    for (auto const& family : families_->all) {
        if (!family.metric.empty()) filled.push_back(family);
    }
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, filled);
    return std::move(out).str();
}

}  // namespace node
