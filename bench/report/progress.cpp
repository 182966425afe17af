#include "bench/report/progress.hpp"

#include "bench/report/format.hpp"
#include "bench/report/ink.hpp"
#include "bench/report/latency_points.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bench {
namespace {

constexpr std::size_t minute = 60;
constexpr std::size_t progress_name_column = 12;

struct rate_row {
    std::string_view name;
    std::uint64_t second::*count;
};
constexpr rate_row rates[] = {
    {"connects", &second::connects},
    {"sent", &second::sent},
    {"delivered", &second::delivered},
    {"receipts", &second::receipts},
};

struct latency_row {
    std::string_view name;
    histogram second::*values;
};
constexpr latency_row latencies[] = {
    {"delivery", &second::delivery},
    {"receipt", &second::receipt},
    {"round trip", &second::round_trip},
};

std::span<second const> last_minute(std::span<second const> all) {
    return all.last(std::min(all.size(), minute));
}

double per_second(second const& one, std::uint64_t second::*count) {
    return static_cast<double>(one.*count) / (one.lasted > 0 ? one.lasted : 1);
}

// How much of the phase is over: by its time, or by the sessions that are there.
double part_done(progress const& now) {
    if (now.lasts > 0) return std::clamp(now.elapsed / now.lasts, 0.0, 1.0);
    if (now.sessions_wanted != 0) {
        return std::min(
            1.0, static_cast<double>(now.sessions) / static_cast<double>(now.sessions_wanted));
    }
    return 0;
}

std::string sessions_text(progress const& now) {
    std::string text = count_text(now.sessions);
    if (now.sessions_wanted != 0 && now.sessions != now.sessions_wanted) {
        text += " of " + count_text(now.sessions_wanted);
    }
    return text + " sessions";
}

std::string times_text(progress const& now) {
    if (now.lasts <= 0) return clock_text(now.elapsed);
    double const left = std::ceil(std::max(0.0, now.lasts - now.elapsed));
    return clock_text(now.elapsed) + " of " + clock_text(now.lasts) + ", " + clock_text(left) +
           " left";
}

std::uint64_t error_count(progress const& now) {
    std::uint64_t count = 0;
    if (now.errors) {
        for (auto const& [text, times] : *now.errors) count += times;
        return count;
    }
    for (second const& one : now.seconds) count += one.errors;
    return count;
}

// While clients connect there are no seconds yet.
std::string connecting_rate(progress const& now) {
    if (!now.seconds.empty() || now.lasts > 0 || now.sessions == 0 || now.elapsed < 0.5) return {};
    return number_text(static_cast<double>(now.sessions) / now.elapsed) + "/s";
}

std::string latency_text(histogram const& values) {
    return "p50 " + value_text(to_milliseconds(values.at(0.5)), "ms") + "  p99 " +
           value_text(to_milliseconds(values.at(0.99)), "ms") + "  max " +
           value_text(to_milliseconds(values.max()), "ms");
}

// The newest value that was measured: memory is not read in each second.
double newest(std::span<second const> seconds, double second::*value) {
    for (auto one = seconds.rbegin(); one != seconds.rend(); ++one) {
        if ((*one).*value > 0) return (*one).*value;
    }
    return 0;
}

class renderer {
public:
    renderer(progress const& now, screen const& on) : now_(now), on_(on), ink_(on.colour) {
        on_.width = std::max<std::size_t>(on_.width, 20);
    }

    std::vector<std::string> render() && {
        heading();
        progress_bar();
        for (rate_row const& row : rates) rate(row);
        for (latency_row const& row : latencies) latency(row);
        machines();
        faults();
        return std::move(lines_);
    }

private:
    void heading() {
        std::string const title = fitted(now_.scenario, on_.width);
        std::size_t const left = on_.width - columns_of(title);
        std::string target;
        if (left > 4 && !now_.target.empty())
            target = fitted(" on " + std::string{now_.target}, left);
        lines_.push_back(ink_.bold(title) + ink_.faint(target));
    }

    void progress_bar() {
        std::string const left =
            padded(now_.phase, std::max(progress_name_column, columns_of(now_.phase)));
        std::string right = times_text(now_);
        if (now_.sessions != 0 || now_.sessions_wanted != 0) right += " · " + sessions_text(now_);
        if (auto const rate = connecting_rate(now_); !rate.empty()) right += " · " + rate;
        if (now_.pending != 0) right += " · " + count_text(now_.pending) + " on their way";
        std::size_t const used = columns_of(left) + columns_of(right) + 2;
        std::size_t const columns =
            used + 8 <= on_.width ? std::min<std::size_t>(on_.width - used, 40) : 0;
        if (columns == 0) {
            lines_.push_back(fitted(left + " " + right, on_.width));
            return;
        }
        lines_.push_back(ink_.accent(left) + " " +
                         ink_.accent(bar(part_done(now_), columns, on_.unicode)) + " " + right);
    }

    void rate(rate_row const& row) {
        auto const seconds = last_minute(now_.seconds);
        std::vector<double> course;
        course.reserve(seconds.size());
        for (second const& one : seconds) course.push_back(per_second(one, row.count));
        if (std::all_of(course.begin(), course.end(), [](double one) { return one == 0; })) return;
        std::string const value = number_text(course.back()) + "/s";
        constexpr std::size_t value_column = 14;
        line(row.name, ink_.bold(right_aligned(value, std::min(room(), value_column))),
             value_column, course);
    }

    void latency(latency_row const& row) {
        auto const seconds = last_minute(now_.seconds);
        auto const last = std::find_if(seconds.rbegin(), seconds.rend(), [&](second const& one) {
            return (one.*row.values).count() != 0;
        });
        if (last == seconds.rend()) return;
        std::vector<double> course;
        course.reserve(seconds.size());
        for (second const& one : seconds) {
            course.push_back(static_cast<double>((one.*row.values).at(0.99)));
        }
        std::string const value = padded(latency_text((*last).*row.values), 42);
        line(row.name, fitted(value, room()), columns_of(value), course);
    }

    std::size_t room() const { return on_.width - std::min(on_.width, progress_name_column + 1); }

    // A name, a value and its course, which goes when there is no room for it.
    void line(std::string_view name, std::string const& value, std::size_t columns,
              std::span<double const> course) {
        std::string out = ink_.faint(padded(name, progress_name_column)) + " " + value;
        std::size_t const used = progress_name_column + 1 + columns + 2;
        if (used + 10 <= on_.width && course.size() > 1) {
            std::size_t const width = std::min(on_.width - used, minute);
            out += "  " + ink_.accent(sparkline(course, width, on_.unicode));
        }
        lines_.push_back(std::move(out));
    }

    void machines() {
        std::string text;
        auto const add = [&](std::string_view what, std::string const& value) {
            if (!text.empty()) text += " · ";
            text += std::string{what} + " " + value;
        };
        auto const seconds = last_minute(now_.seconds);
        double const server = newest(seconds, &second::server_cores);
        double const memory = newest(now_.seconds, &second::server_bytes);
        double const own = newest(seconds, &second::bench_cores);
        if (server > 0) add("server", value_text(server, "cores"));
        if (memory > 0) add(server > 0 ? "memory" : "server memory", value_text(memory, "B"));
        if (own > 0) add("bench", value_text(own, "cores"));
        if (text.empty()) return;
        lines_.push_back(ink_.faint(padded("machine", progress_name_column)) + " " +
                         fitted(text, room()));
    }

    void faults() {
        std::uint64_t const count = error_count(now_);
        if (count == 0) return;
        std::string text = count_text(count);
        if (now_.errors) {
            auto const most =
                std::max_element(now_.errors->begin(), now_.errors->end(),
                                 [](auto const& a, auto const& b) { return a.second < b.second; });
            text += (now_.errors->size() > 1 ? ", most of all: " : ": ") + harmless(most->first);
        }
        lines_.push_back(ink_.bad(padded("errors", progress_name_column)) + " " +
                         ink_.bad(fitted(text, room())));
    }

    progress const& now_;
    screen on_;
    ink ink_;
    std::vector<std::string> lines_;
};

}  // namespace

std::string sparkline(std::span<double const> values, std::size_t columns, bool unicode) {
    static constexpr std::array<std::string_view, 8> blocks = {"▁", "▂", "▃", "▄",
                                                               "▅", "▆", "▇", "█"};
    static constexpr std::string_view marks = "_.-~=+*#";
    auto const shown = values.last(std::min(values.size(), columns));
    double most = 0;
    for (double const one : shown) most = std::max(most, one);
    std::string out;
    for (double const one : shown) {
        double const part = most > 0 ? std::clamp(one / most, 0.0, 1.0) : 0;
        auto const step = std::min<std::size_t>(static_cast<std::size_t>(part * 8), 7);
        if (unicode) {
            out += blocks[step];
        } else {
            out += marks[step];
        }
    }
    return out;
}

std::string bar(double part, std::size_t columns, bool unicode) {
    static constexpr std::array<std::string_view, 8> eighths = {"",  "▏", "▎", "▍",
                                                                "▌", "▋", "▊", "▉"};
    double const filled = std::clamp(part, 0.0, 1.0) * static_cast<double>(columns);
    auto const whole = static_cast<std::size_t>(filled);
    std::string out;
    if (!unicode) {
        out.assign(whole, '#');
        return out + std::string(columns - whole, '.');
    }
    for (std::size_t i = 0; i < whole; ++i) out += "█";
    if (whole == columns) return out;
    auto const eighth = static_cast<std::size_t>((filled - static_cast<double>(whole)) * 8);
    out += eighth == 0 ? std::string_view{"░"} : eighths[eighth];
    for (std::size_t i = whole + 1; i < columns; ++i) out += "░";
    return out;
}

std::vector<std::string> render(progress const& now, screen const& on) {
    return renderer{now, on}.render();
}

std::string render_line(progress const& now) {
    std::string out{now.phase};
    out += " " + times_text(now);
    if (now.sessions != 0 || now.sessions_wanted != 0) out += ", " + sessions_text(now);
    if (auto const rate = connecting_rate(now); !rate.empty()) out += ", " + rate;
    if (now.pending != 0) out += ", " + count_text(now.pending) + " on their way";
    if (!now.seconds.empty()) {
        second const& last = now.seconds.back();
        for (rate_row const& row : rates) {
            if (last.*row.count == 0) continue;
            out += ", " + std::string{row.name} + " " + number_text(per_second(last, row.count)) +
                   "/s";
        }
        for (latency_row const& row : latencies) {
            if ((last.*row.values).count() == 0) continue;
            out += ", " + std::string{row.name} + " " + latency_text(last.*row.values);
        }
    }
    if (std::uint64_t const count = error_count(now)) out += ", errors " + count_text(count);
    return out;
}

}  // namespace bench
