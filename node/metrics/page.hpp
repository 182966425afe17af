#pragma once

#include "broker/ports/metrics.hpp"
#include "node/metrics/catalogue.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// One answer to Prometheus: values put under the rows of the catalogue, then written in the text
// format 0.0.4. Made anew for each question.

namespace node {

class metrics_page {
public:
    metrics_page();
    ~metrics_page();
    metrics_page(metrics_page const&) = delete;
    metrics_page& operator=(metrics_page const&) = delete;

    // `labels`: the values, in the order of the row's names, as many as it has; throws
    // std::logic_error otherwise, and when the row is of the other type.
    using label_values = std::initializer_list<std::string_view>;
    void add(metric what, double value, label_values labels = {});
    void add(metric what, broker::metrics::histogram_figures const& figures,
             label_values labels = {});

    // What was added, to be read by the node itself.
    struct sample {
        std::vector<std::string> labels;  // the values
        double value = 0;
    };
    std::vector<sample> samples(metric what) const;
    // Of a histogram's first sample: upper bounds and how many were at or below each. Empty if it
    // has none.
    struct bucket {
        double bound = 0;
        std::uint64_t count = 0;
    };
    std::vector<bucket> buckets(metric what) const;

    // In the catalogue's order; a metric that nothing was added to is left out.
    std::string text() const;

    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    struct families;
    std::unique_ptr<families> families_;
};

}  // namespace node
