#include "node/metrics/catalogue.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

// After a change of the catalogue run this test with STAMPEDE_WRITE_DOCS=1 in the environment: it
// writes the tables of docs/metrics.md anew.

namespace {

std::string const page = STAMPEDE_SOURCE_DIR "/docs/metrics.md";

}  // namespace

TEST_CASE("docs/metrics.md says what the catalogue says") {
    std::ifstream file(page);
    std::string const text(std::istreambuf_iterator<char>(file), {});
    auto const at = text.find("<!-- generated");
    REQUIRE(at != std::string::npos);
    auto const expected = text.substr(0, text.find('\n', at) + 1) + node::metrics_markdown();
    bool const write = std::getenv("STAMPEDE_WRITE_DOCS") != nullptr;
    if (write) std::ofstream(page) << expected;
    bool const same = text == expected || write;
    CHECK_MESSAGE(same, "differs from the catalogue; STAMPEDE_WRITE_DOCS=1 writes it anew");
}

TEST_CASE("names follow Prometheus' conventions") {
    std::set<std::string_view> names;
    for (auto const& row : node::metric_rows()) {
        CAPTURE(row.name);
        bool const ours = row.name.starts_with("stampede_") || row.name.starts_with("process_");
        CHECK(ours);
        CHECK(names.insert(row.name).second);
        CHECK(row.name.ends_with("_total") == (row.type == node::metric_type::counter));
        CHECK(row.help.ends_with("."));
        CHECK(row.help.find('|') == std::string_view::npos);
    }
}
