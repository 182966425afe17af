#include "bench/report/live_view.hpp"

#include "bench/report/format.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace bench {
namespace {

constexpr auto between_pictures = std::chrono::milliseconds{200};
constexpr auto between_lines = std::chrono::seconds{1};

std::string_view setting(char const* name) {
    char const* value = std::getenv(name);
    return value ? std::string_view{value} : std::string_view{};
}

bool says_utf8() {
    for (char const* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string_view const value = setting(name);
        if (value.empty()) continue;
        return value.find("UTF-8") != std::string_view::npos ||
               value.find("utf8") != std::string_view::npos ||
               value.find("utf-8") != std::string_view::npos;
    }
    return false;
}

// The columns of a line without its colours.
std::size_t columns_shown(std::string_view line) {
    std::string plain;
    while (!line.empty()) {
        auto const escape = line.find('\x1b');
        plain += line.substr(0, escape);
        if (escape == std::string_view::npos) break;
        auto const end = line.find('m', escape);
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    }
    return columns_of(plain);
}

}  // namespace

terminal terminal_of(int fd) {
    std::string_view const kind = setting("TERM");
    terminal out;
    out.interactive = ::isatty(fd) == 1 && !kind.empty() && kind != "dumb";
    out.colour = out.interactive && setting("NO_COLOR").empty();
    out.unicode = says_utf8();
    return out;
}

terminal_size size_of(int fd) {
    winsize found{};
    terminal_size out;
    if (::ioctl(fd, TIOCGWINSZ, &found) == 0) {
        if (found.ws_col != 0) out.columns = found.ws_col;
        if (found.ws_row != 0) out.rows = found.ws_row;
    }
    return out;
}

live_view::live_view(int fd, bool quiet) : live_view(fd, quiet, terminal_of(fd)) {}

live_view::live_view(int fd, bool quiet, terminal as) : fd_(fd), quiet_(quiet), as_(as) {}

live_view::~live_view() {
    finish();
}

void live_view::on(progress const& now, clock::time_point at) {
    if (quiet_) return;
    bool const new_phase = now.phase != phase_;
    if (at < next_ && !new_phase) return;
    phase_ = now.phase;
    if (!as_.interactive) {
        next_ = at + between_lines;
        write_all(render_line(now) + "\n");
        return;
    }
    next_ = at + between_pictures;
    // The last column stays free: some terminals wrap when it is written.
    std::size_t const width = size_of(fd_).columns - 1;
    draw(render(now, {.width = width, .colour = as_.colour, .unicode = as_.unicode}));
}

// In one write, and between the marks that let a terminal show it at once: nothing flickers.
void live_view::draw(std::vector<std::string> lines) {
    terminal_size const size = size_of(fd_);
    if (lines.size() >= size.rows) lines.resize(std::max<std::size_t>(size.rows, 2) - 1);
    // A terminal that became narrower has wrapped the lines that stand there.
    std::size_t rows = 0;
    for (std::size_t const columns : drawn_) {
        rows += std::max<std::size_t>(1, (columns + size.columns - 1) / size.columns);
    }
    rows = std::min(rows, size.rows);

    std::string out = "\x1b[?2026h\x1b[?25l\r";
    if (rows > 1) out += "\x1b[" + std::to_string(rows - 1) + "A";
    drawn_.clear();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i != 0) out += "\n";
        out += lines[i] + "\x1b[K";
        drawn_.push_back(columns_shown(lines[i]));
    }
    out += "\x1b[J\x1b[?25h\x1b[?2026l";
    write_all(out);
}

void live_view::finish() {
    if (drawn_.empty()) return;
    drawn_.clear();
    write_all("\n");
}

void live_view::write_all(std::string const& text) const {
    std::string_view left = text;
    while (!left.empty()) {
        ssize_t const done = ::write(fd_, left.data(), left.size());
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return;  // nobody looks
        left.remove_prefix(static_cast<std::size_t>(done));
    }
}

}  // namespace bench
