#include "bench/report/live_view.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

using namespace bench;
using namespace std::chrono_literals;

namespace {

// Both ends of a pipe or of a terminal; what was written is read without waiting.
class two_ends {
public:
    static two_ends pipe() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        return two_ends{ends[0], ends[1]};
    }
    static two_ends terminal(unsigned short columns) {
        int master = -1;
        int slave = -1;
        winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        REQUIRE(::openpty(&master, &slave, nullptr, nullptr, &size) == 0);
        return two_ends{master, slave};
    }
    two_ends(two_ends&& other) noexcept
        : reading_(std::exchange(other.reading_, -1)),
          writing_(std::exchange(other.writing_, -1)) {}
    ~two_ends() {
        ::close(reading_);
        ::close(writing_);
    }

    int writing() const { return writing_; }
    void narrow(unsigned short columns) const {
        winsize const size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        REQUIRE(::ioctl(writing_, TIOCSWINSZ, &size) == 0);
    }
    std::string written() const {
        std::string out;
        std::array<char, 4096> part{};
        while (true) {
            ssize_t const got = ::read(reading_, part.data(), part.size());
            if (got <= 0) return out;
            out.append(part.data(), static_cast<std::size_t>(got));
        }
    }

private:
    two_ends(int reading, int writing) : reading_(reading), writing_(writing) {
        ::fcntl(reading_, F_SETFL, O_NONBLOCK);
    }
    int reading_;
    int writing_;
};

progress at(double elapsed, std::string_view phase = "measuring") {
    progress now;
    now.scenario = "idle";
    now.phase = phase;
    now.elapsed = elapsed;
    now.lasts = 10;
    return now;
}

constexpr live_view::clock::time_point start{1h};

}  // namespace

TEST_CASE("where there is no terminal, a line is written each second and for each phase") {
    auto const ends = two_ends::pipe();
    {
        live_view view{ends.writing()};
        view.on(at(0, "connecting"), start);
        view.on(at(0.5, "connecting"), start + 500ms);
        view.on(at(0), start + 600ms);
        view.on(at(0.9), start + 1500ms);
        view.on(at(1), start + 1600ms);
        view.finish();
    }
    CHECK(ends.written() ==
          "connecting 0:00 of 0:10, 0:10 left\n"
          "measuring 0:00 of 0:10, 0:10 left\n"
          "measuring 0:01 of 0:10, 0:09 left\n");
}

TEST_CASE("quiet is quiet") {
    auto const ends = two_ends::pipe();
    live_view view{ends.writing(), true, {.interactive = true, .colour = true, .unicode = true}};
    view.on(at(0), start);
    view.finish();
    CHECK(ends.written().empty());
}

TEST_CASE("on a terminal the picture is drawn over the one before it, a few times per second") {
    auto const ends = two_ends::terminal(60);
    live_view view{ends.writing(), false, {.interactive = true, .colour = false, .unicode = false}};
    view.on(at(0), start);
    std::string const first = ends.written();
    CHECK(first.starts_with("\x1b[?2026h\x1b[?25l\ridle\x1b[K"));
    CHECK(first.find("\x1b[1A") == std::string::npos);
    CHECK(first.ends_with("\x1b[J\x1b[?25h\x1b[?2026l"));

    view.on(at(0.1), start + 100ms);
    CHECK(ends.written().empty());
    view.on(at(0.2), start + 200ms);
    CHECK(ends.written().find("\r\x1b[1A") != std::string::npos);

    view.finish();
    CHECK(ends.written() == "\r\n");
    view.finish();
    CHECK(ends.written().empty());
}

TEST_CASE("a terminal that became narrower has wrapped the lines that are drawn over") {
    auto const ends = two_ends::terminal(60);
    live_view view{ends.writing(), false, {.interactive = true, .colour = true, .unicode = true}};
    view.on(at(0), start);
    ends.written();
    ends.narrow(30);
    view.on(at(1), start + 1s);
    // The title takes a row still; the line below it, wider than the terminal is now, two.
    CHECK(ends.written().find("\r\x1b[2A") != std::string::npos);
}

TEST_CASE("colours and redrawing are for terminals that have them") {
    auto const ends = two_ends::terminal(80);
    ::setenv("TERM", "xterm-256color", 1);
    ::unsetenv("NO_COLOR");
    ::setenv("LC_ALL", "C.UTF-8", 1);
    CHECK(terminal_of(ends.writing()).interactive);
    CHECK(terminal_of(ends.writing()).colour);
    CHECK(terminal_of(ends.writing()).unicode);
    CHECK(size_of(ends.writing()).columns == 80);
    ::setenv("NO_COLOR", "1", 1);
    CHECK_FALSE(terminal_of(ends.writing()).colour);
    ::setenv("TERM", "dumb", 1);
    ::setenv("LC_ALL", "C", 1);
    CHECK_FALSE(terminal_of(ends.writing()).interactive);
    CHECK_FALSE(terminal_of(ends.writing()).unicode);
    auto const pipe = two_ends::pipe();
    ::setenv("TERM", "xterm", 1);
    CHECK_FALSE(terminal_of(pipe.writing()).interactive);
}
