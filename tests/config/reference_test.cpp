#include "config/reference.hpp"
#include "config/value.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

// The pages that are made from the table of keys. After a change of the table run this test with
// STAMPEDE_WRITE_DOCS=1 in the environment: it writes them anew.

namespace {

std::filesystem::path const root = STAMPEDE_SOURCE_DIR;

// What stands up to the end of the line with `marker` is written by hand.
void hold_together(std::filesystem::path const& path, std::string_view marker,
                   std::string const& generated) {
    auto const text = config::read_whole_file(path);
    REQUIRE(text);
    auto const at = text->find(marker);
    REQUIRE(at != std::string::npos);
    auto const expected = text->substr(0, text->find('\n', at) + 1) + generated;
    if (std::getenv("STAMPEDE_WRITE_DOCS")) std::ofstream(path) << expected;
    CAPTURE(path.string());
    // Not CHECK(a == b): nobody wants to see the pages.
    bool const same = *text == expected || std::getenv("STAMPEDE_WRITE_DOCS");
    CHECK_MESSAGE(same, "differs from the table of keys; STAMPEDE_WRITE_DOCS=1 writes it anew");
}

}  // namespace

TEST_CASE("docs/configuration.md says what the table of keys says") {
    hold_together(root / "docs/configuration.md", "<!-- generated",
                  "\n" + config::reference_markdown());
}

TEST_CASE("config/embedded.toml says what the table of keys says") {
    hold_together(root / "config/embedded.toml", "# Below this line", config::reference_toml());
}
