#pragma once

#include "bench/report/progress.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

// Shows how a run goes: on a terminal a few lines that are drawn anew in place, elsewhere a plain
// line now and then. Used by one thread.

namespace bench {

// What a file descriptor is good for.
struct terminal {
    bool interactive = false;  // lines can be drawn anew
    bool colour = false;       // not with NO_COLOR
    bool unicode = false;      // by LC_ALL, LC_CTYPE or LANG
};
terminal terminal_of(int fd);
struct terminal_size {
    std::size_t columns = 80;
    std::size_t rows = 24;
};
terminal_size size_of(int fd);

class live_view {
public:
    using clock = std::chrono::steady_clock;

    explicit live_view(int fd, bool quiet = false);
    live_view(int fd, bool quiet, terminal as);
    ~live_view();
    live_view(live_view const&) = delete;
    live_view& operator=(live_view const&) = delete;

    // May be called as often as one likes; most calls write nothing.
    void on(progress const& now, clock::time_point at = clock::now());

    // Leaves the last picture as it is and the cursor below it. What is written next stands on a
    // line of its own; a picture that follows is drawn below that.
    void finish();

private:
    void draw(std::vector<std::string> lines);
    void write_all(std::string const& text) const;

    int fd_;
    bool quiet_;
    terminal as_;
    clock::time_point next_ = clock::time_point::min();
    std::string phase_;
    std::vector<std::size_t> drawn_;  // the columns of each line that stands there
};

}  // namespace bench
