#include "node/console/trace_stream.hpp"

#include "node/console/trace_line.hpp"

#include <algorithm>
#include <utility>

namespace node::console {

using std::chrono::system_clock;
constexpr std::chrono::seconds refill_every{1};

trace_stream::trace_stream(broker::transport::http_exchange_ptr answer,
                           broker::transport::loop& home, std::chrono::seconds time,
                           broker::unique_function<void()> on_end)
    : answer_(std::move(answer)), home_(home), time_(time), on_end_(std::move(on_end)) {}

void trace_stream::watch_reader() {
    answer_->on_abort([weak = weak_from_this()] {
        if (auto const self = weak.lock()) self->end();
    });
}

void trace_stream::begin() {
    // The reader may have gone while the shards were asked.
    if (phase_ != phase::waiting) return;
    phase_ = phase::open;
    answer_->start_stream({.status = 200,
                           .headers = {{"Content-Type", "application/x-ndjson"},
                                       {"Cache-Control", "no-store"},
                                       {"X-Content-Type-Options", "nosniff"},
                                       {"X-Accel-Buffering", "no"},
                                       {"X-Request-Id", answer_->request().id}},
                           .body = {},
                           .static_body = {}});
    // Firefox tells a page of an answer only with the first octet of its body.
    answer_->write("\n" + std::exchange(early_, {}));
    until_ = home_.now() + time_;
    home_.timers().set(*this, std::min(until_, home_.now() + refill_every));
}

void trace_stream::on_frame(broker::seen_frame const& what) {
    if (lines_left_.fetch_sub(1, std::memory_order_relaxed) <= 0 ||
        coming_bytes_.load(std::memory_order_relaxed) > buffered_bytes) {
        skipped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    auto line = trace_line(system_clock::now(), what);
    coming_bytes_.fetch_add(line.size(), std::memory_order_relaxed);
    home_.post([self = shared_from_this(), line = std::move(line)] {
        self->coming_bytes_.fetch_sub(line.size(), std::memory_order_relaxed);
        self->write(line);
    });
}

void trace_stream::write(std::string const& line) {
    if (phase_ == phase::over) return;
    bool const early = phase_ == phase::waiting;
    auto const queued = early ? early_.size() : answer_->queued_bytes();
    if (queued > buffered_bytes) {
        skipped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    if (early) {
        early_ += line;
        return;
    }
    write_skipped();
    answer_->write(line);
}

void trace_stream::write_skipped() {
    if (auto const count = skipped_.exchange(0, std::memory_order_relaxed); count != 0)
        answer_->write(skipped_line(count));
}

void trace_stream::on_deadline(broker::steady_time now) {
    auto const keep = shared_from_this();
    lines_left_.store(lines_per_second, std::memory_order_relaxed);
    bool const over = now >= until_;
    if (over || answer_->queued_bytes() <= buffered_bytes) write_skipped();
    if (over) {
        answer_->finish();
        return end();
    }
    home_.timers().set(*this, std::min(until_, now + refill_every));
}

void trace_stream::end() {
    if (std::exchange(phase_, phase::over) == phase::over) return;
    home_.timers().cancel(*this);
    answer_.reset();
    if (auto ended = std::exchange(on_end_, {})) ended();
}

}  // namespace node::console
