#include "node/metrics/page.hpp"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>
#include <string>

using node::metric;
using node::metrics_page;

namespace {

constexpr std::array<double, 2> commit_bounds{0.005, 2.5};

}  // namespace

TEST_CASE("a page with nothing on it is empty") {
    CHECK(metrics_page().text().empty());
}

TEST_CASE("counters and gauges stand under their row, with its labels") {
    metrics_page page;
    page.add(metric::sessions, 3);
    page.add(metric::http_requests, 7, {"api", "2xx"});
    page.add(metric::http_requests, 0, {"api", "5xx"});

    CHECK(page.text() ==
          "# HELP stampede_sessions STOMP sessions whose CONNECT was accepted.\n"
          "# TYPE stampede_sessions gauge\n"
          "stampede_sessions 3\n"
          "# HELP stampede_http_requests_total HTTP requests that were answered, by what they were "
          "for and the class of the status. A WebSocket's handshake is a 1xx.\n"
          "# TYPE stampede_http_requests_total counter\n"
          "stampede_http_requests_total{route=\"api\",code=\"2xx\"} 7\n"
          "stampede_http_requests_total{route=\"api\",code=\"5xx\"} 0\n");
}

TEST_CASE("the order is the catalogue's, whatever the order of adding") {
    metrics_page page;
    page.add(metric::sessions, 1);
    page.add(metric::sockets, 1);

    auto const text = page.text();

    CHECK(text.find("stampede_sockets") < text.find("stampede_sessions"));
}

TEST_CASE("a histogram's buckets add up, the last one without a bound") {
    broker::metrics::histogram commits(commit_bounds);
    for (double const value : {0.001, 0.005, 1.0, 3.0}) commits.observe(value);
    metrics_page page;
    page.add(metric::store_commit, commits.figures());

    auto const text = page.text();

    CHECK(text.find("stampede_store_commit_seconds_bucket{le=\"0.005\"} 2\n") != std::string::npos);
    CHECK(text.find("stampede_store_commit_seconds_bucket{le=\"2.5\"} 3\n") != std::string::npos);
    CHECK(text.find("stampede_store_commit_seconds_bucket{le=\"+Inf\"} 4\n") != std::string::npos);
    CHECK(text.find("stampede_store_commit_seconds_count 4\n") != std::string::npos);
    CHECK(text.find("stampede_store_commit_seconds_sum 4.006\n") != std::string::npos);
}

TEST_CASE("large counts keep every digit") {
    metrics_page page;
    page.add(metric::sent_bytes, 123'456'789'012'345.0);

    CHECK(page.text().find("stampede_sent_bytes_total 123456789012345\n") != std::string::npos);
}

TEST_CASE("what a label's value holds cannot end it") {
    metrics_page page;
    page.add(metric::node_info, 1, {"a\"b\\c\nd"});

    CHECK(page.text().find("{node=\"a\\\"b\\\\c\\nd\"} 1\n") != std::string::npos);
}

TEST_CASE("labels that the row does not have, and those that are missing, are a mistake") {
    metrics_page page;
    broker::metrics::histogram_figures const figures;

    CHECK_THROWS_AS(page.add(metric::sessions, 1, {"x"}), std::logic_error);
    CHECK_THROWS_AS(page.add(metric::http_requests, 1, {"api"}), std::logic_error);
    CHECK_THROWS_AS(page.add(metric::store_commit, 1), std::logic_error);
    CHECK_THROWS_AS(page.add(metric::sessions, figures), std::logic_error);
}
