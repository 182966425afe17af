#include "bench/client/farewell.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace bench {
namespace {

constexpr std::chrono::seconds patience{2};

}  // namespace

void farewell::begin(client_loop::state& loop, stream socket, std::string rest, bool end_sending) {
    auto const made =
        std::make_shared<farewell>(loop, std::move(socket), std::move(rest), end_sending);
    if (made->send_rest()) loop.keep(made);
}

farewell::farewell(client_loop::state& loop, stream socket, std::string rest, bool end_sending)
    : loop_(loop), stream_(std::move(socket)), rest_(std::move(rest)), end_sending_(end_sending) {
    loop_.change(stream_.socket(), *this, EPOLLIN | EPOLLOUT);
    loop_.timers.arm(*this, bench_clock::now() + patience);
}

farewell::~farewell() {
    loop_.leave(*this);
    loop_.timers.disarm(*this);
}

bool farewell::send_rest() {
    std::string error;
    while (sent_ < rest_.size()) {
        auto const moved = stream_.write(std::string_view(rest_).substr(sent_), error);
        sent_ += moved.bytes;
        if (moved.what == progress::done) continue;
        return moved.what == progress::wants_read || moved.what == progress::wants_write;
    }
    if (end_sending_) stream_.end_sending();
    loop_.change(stream_.socket(), *this, EPOLLIN);
    return true;
}

void farewell::on_ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && !send_rest()) return loop_.release(this);
    std::string error;
    for (;;) {
        auto const moved = stream_.read(loop_.input, error);
        if (moved.what == progress::ended || moved.what == progress::failed) {
            return loop_.release(this);
        }
        if (moved.what != progress::done) return;
    }
}

void farewell::on_time(bench_clock::time_point /*now*/) {
    loop_.release(this);
}

}  // namespace bench
