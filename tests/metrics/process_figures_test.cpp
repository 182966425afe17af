#include "node/metrics/process_figures.hpp"

#include <doctest/doctest.h>

#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

class folder {
public:
    folder() {
        char name[] = "/tmp/stampede-proc-XXXXXX";
        path_ = ::mkdtemp(name);
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(folder const&) = delete;
    folder& operator=(folder const&) = delete;
    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("this process has memory, threads and open files") {
    auto const figures = node::read_process_figures();

    REQUIRE(figures);
    CHECK(figures->resident_bytes > 0);
    CHECK(figures->virtual_bytes >= figures->resident_bytes);
    CHECK(figures->threads >= 1);
    CHECK(figures->open_fds >= 3);
    CHECK(figures->max_fds >= figures->open_fds);
    CHECK(figures->start_seconds > 1'500'000'000);
}

TEST_CASE("a name with parentheses and spaces moves no field") {
    folder proc;
    std::filesystem::create_directories(proc.path() / "self/fd");
    std::ofstream(proc.path() / "stat") << "cpu 1 2 3\nbtime 1700000000\n";
    std::ofstream(proc.path() / "self/stat")
        << "7 (a) S 1 (x) S 1 2 3 4 5 6 7 8 9 10 300 200 0 0 20 0 11 0 500 4096000 250 18446744\n";

    auto const figures = node::read_process_figures(proc.path());

    auto const ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    REQUIRE(figures);
    CHECK(figures->cpu_seconds == doctest::Approx(500 / ticks));
    CHECK(figures->threads == 11);
    CHECK(figures->start_seconds == doctest::Approx(1'700'000'000 + 500 / ticks));
    CHECK(figures->virtual_bytes == 4'096'000);
    CHECK(figures->resident_bytes == 250 * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

TEST_CASE("where there is no such file there are no figures") {
    folder proc;

    CHECK_FALSE(node::read_process_figures(proc.path()));
}
