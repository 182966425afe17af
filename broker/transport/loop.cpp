#include "broker/transport/loop.hpp"

#include "broker/shard_metrics.hpp"
#include "broker/transport/poller.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace broker::transport {
namespace {

namespace asio = boost::asio;

constexpr std::size_t write_scratch_bytes = 128 * 1024;

thread_local loop* current_loop = nullptr;

// One piece of posted work, in a stack that many threads push to and the loop takes whole.
struct posted_work {
    unique_function<void()> work;
    posted_work* next = nullptr;
};

void destroy_all(posted_work* first) {
    while (first != nullptr) delete std::exchange(first, first->next);
}

}  // namespace

struct loop::impl {
    impl(std::size_t shard, std::size_t read_buffer_bytes)
        : index(shard),
          timers(std::chrono::steady_clock::now()),
          work(io.get_executor()),
          readiness(io, sockets.descriptor()),
          tick(io),
          read_buffer(read_buffer_bytes),
          write_scratch(write_scratch_bytes) {
        wait_for_sockets();
        wait_for_tick();
    }

    ~impl() {
        readiness.release();  // the poller closes it
        destroy_all(posted.exchange(nullptr));
    }

    // Fixes now() while handlers of ours run.
    struct turn {
        explicit turn(impl& owner) : owner_(owner) {
            owner_.turn_began = std::chrono::steady_clock::now();
            owner_.in_turn = true;
        }
        ~turn() { owner_.in_turn = false; }
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;
        impl& owner_;
    };

    void wait_for_sockets() {
        readiness.async_wait(asio::posix::descriptor_base::wait_read,
                             [this](boost::system::error_code error) {
                                 if (!error) on_sockets_ready();
                             });
    }

    void on_sockets_ready() {
        bool more = false;
        {
            turn const now_fixed(*this);
            more = sockets.dispatch();
        }
        if (!more) return wait_for_sockets();
        // Behind the handlers and the flush that have become ready meanwhile.
        asio::post(io, [this] { on_sockets_ready(); });
    }

    void wait_for_tick() {
        tick.expires_after(timer_wheel::tick);
        auto const due = tick.expiry();
        metrics.tick_due.store(due.time_since_epoch() / std::chrono::nanoseconds(1),
                               std::memory_order_relaxed);
        tick.async_wait([this, due](boost::system::error_code error) {
            if (error) return;
            {
                turn const now_fixed(*this);
                metrics.loop_lag.observe(std::chrono::duration<double>(turn_began - due).count());
                timers.advance(turn_began);
            }
            wait_for_tick();
        });
    }

    void run_posted() {
        turn const now_fixed(*this);
        posted_work* newest = posted.exchange(nullptr, std::memory_order_acquire);
        posted_work* oldest = nullptr;
        while (newest != nullptr) {
            posted_work* const next = newest->next;
            newest->next = oldest;
            oldest = newest;
            newest = next;
        }
        while (oldest != nullptr) {
            std::unique_ptr<posted_work> const item(std::exchange(oldest, oldest->next));
            item->work();
        }
    }

    void end_turn_later() {
        if (std::exchange(turn_end_is_coming, true)) return;
        asio::post(io, [this] { end_turn(); });
    }

    void end_turn() {
        turn const now_fixed(*this);
        turn_end_is_coming = false;
        // What is added from here on belongs to the next turn; what has been retired so far may
        // still be in this turn's lists.
        auto gone = std::exchange(retired, {});
        flushing_first.swap(to_flush_first);
        flushing.swap(to_flush);
        flushing_shared.swap(to_flush_shared);
        for (auto* who : flushing_first) who->flush();
        for (auto* who : flushing) who->flush();
        for (auto const& who : flushing_shared) who->flush();
        flushing_first.clear();
        flushing.clear();
        flushing_shared.clear();
        metrics.flushed();
    }

    std::size_t const index;
    shard_metrics metrics;
    poller sockets;
    timer_wheel timers;
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work;
    asio::posix::stream_descriptor readiness;
    asio::steady_timer tick;
    std::vector<char> read_buffer;
    std::vector<char> write_scratch;

    std::vector<flushable*> to_flush_first;
    std::vector<flushable*> flushing_first;
    std::vector<flushable*> to_flush;
    std::vector<flushable*> flushing;
    std::vector<std::shared_ptr<flushable>> to_flush_shared;
    std::vector<std::shared_ptr<flushable>> flushing_shared;
    std::vector<std::shared_ptr<void>> retired;
    bool turn_end_is_coming = false;

    bool in_turn = false;
    steady_time turn_began;

    alignas(64) std::atomic<posted_work*> posted{nullptr};
};

loop::loop(std::size_t index, std::size_t read_buffer_bytes)
    : impl_(std::make_unique<impl>(index, read_buffer_bytes)) {}

loop::~loop() = default;

asio::io_context& loop::io() noexcept {
    return impl_->io;
}

std::size_t loop::index() const noexcept {
    return impl_->index;
}

void loop::post(unique_function<void()> work) {
    auto* const item = new posted_work{std::move(work)};
    // The top is read into a local: once pushed, `item` belongs to the loop and may be gone.
    posted_work* top = impl_->posted.load(std::memory_order_relaxed);
    do {
        item->next = top;
    } while (!impl_->posted.compare_exchange_weak(top, item, std::memory_order_release,
                                                  std::memory_order_relaxed));
    // Whoever finds the stack empty wakes the loop; the others ride along.
    if (top == nullptr) asio::post(impl_->io, [owner = impl_.get()] { owner->run_posted(); });
}

void loop::run() {
    current_loop = this;
    shard_metrics::set_here(&impl_->metrics);
    impl_->io.run();
    shard_metrics::set_here(nullptr);
    current_loop = nullptr;
}

void loop::stop() {
    impl_->io.stop();
}

loop* loop::current() noexcept {
    return current_loop;
}

void loop::flush_later(std::shared_ptr<flushable> who) {
    impl_->to_flush_shared.push_back(std::move(who));
    impl_->end_turn_later();
}

void loop::flush_later(flushable& who) {
    impl_->to_flush.push_back(&who);
    impl_->end_turn_later();
}

void loop::flush_first(flushable& who) {
    impl_->to_flush_first.push_back(&who);
    impl_->end_turn_later();
}

void loop::retire(std::shared_ptr<void> what) {
    impl_->retired.push_back(std::move(what));
    impl_->end_turn_later();
}

std::vector<char>& loop::read_buffer() noexcept {
    return impl_->read_buffer;
}

std::vector<char>& loop::write_scratch() noexcept {
    return impl_->write_scratch;
}

timer_wheel& loop::timers() noexcept {
    return impl_->timers;
}

shard_metrics& loop::metrics() noexcept {
    return impl_->metrics;
}

void loop::measure_flush() noexcept {
    if (impl_->metrics.awaits_flush()) impl_->end_turn_later();
}

poller& loop::sockets() noexcept {
    return impl_->sockets;
}

steady_time loop::now() const noexcept {
    return impl_->in_turn ? impl_->turn_began : std::chrono::steady_clock::now();
}

}  // namespace broker::transport
