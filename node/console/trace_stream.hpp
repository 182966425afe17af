#pragma once

#include "broker/frame_trace.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/loop.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

// The answer that a trace is written into, line by line, until its time is over or its reader has
// gone. Frames come from every shard; what is written, on the shard of the answer. Bounded: so many
// lines a second, so many bytes for a slow reader; the lines beyond are counted, and the number is
// written when there is room again.

namespace node::console {

class trace_stream final : public broker::frame_listener,
                           private broker::transport::timed,
                           public std::enable_shared_from_this<trace_stream> {
public:
    static constexpr int lines_per_second = 1'000;
    static constexpr std::size_t buffered_bytes = 256 * 1024UL;

    // `on_end` is called once, when no further frame is wanted.
    trace_stream(broker::transport::http_exchange_ptr answer, broker::transport::loop& home,
                 std::chrono::seconds time, broker::unique_function<void()> on_end);

    // Once, at the beginning: when the reader goes, the trace ends.
    void watch_reader();
    // Every shard shows its frames by now.
    void begin();

    void on_frame(broker::seen_frame const& what) override;

private:
    enum class phase : std::uint8_t { waiting, open, over };

    void write(std::string const& line);
    void write_skipped();
    void end();
    void on_deadline(broker::steady_time now) override;

    broker::transport::http_exchange_ptr answer_;
    broker::transport::loop& home_;
    std::chrono::seconds const time_;
    broker::unique_function<void()> on_end_;
    broker::steady_time until_{};
    phase phase_ = phase::waiting;
    std::string early_;  // lines of frames that came before begin()

    std::atomic<int> lines_left_{lines_per_second};
    std::atomic<std::size_t> coming_bytes_{0};  // on their way to the answer's shard
    std::atomic<std::uint64_t> skipped_{0};
};

}  // namespace node::console
