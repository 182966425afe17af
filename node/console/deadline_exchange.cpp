#include "node/console/deadline_exchange.hpp"

#include <utility>

namespace node::console {

using broker::transport::http_exchange_ptr;
using broker::transport::http_response;

http_exchange_ptr deadline_exchange::make(http_exchange_ptr behind, broker::transport::loop& home,
                                          std::chrono::milliseconds patience,
                                          broker::unique_function<void()> late) {
    std::shared_ptr<deadline_exchange> made(
        new deadline_exchange(std::move(behind), home, std::move(late)));
    home.timers().set(*made, home.now() + patience);
    made->behind_->on_abort([weak = made->weak_from_this()] {
        if (auto const self = weak.lock()) self->give_up();
    });
    return made;
}

deadline_exchange::deadline_exchange(http_exchange_ptr behind, broker::transport::loop& home,
                                     broker::unique_function<void()> late)
    : behind_(std::move(behind)), loop_(home), late_(std::move(late)) {}

void deadline_exchange::respond(http_response response) {
    if (over_) return;
    loop_.timers().cancel(*this);
    behind_->respond(std::move(response));
}

void deadline_exchange::start_stream(http_response const& head) {
    if (over_) return;
    loop_.timers().cancel(*this);
    behind_->start_stream(head);
}

void deadline_exchange::write(std::string piece) {
    if (!over_) behind_->write(std::move(piece));
}

void deadline_exchange::finish() {
    if (!over_) behind_->finish();
}

void deadline_exchange::drop() {
    if (over_) return;
    loop_.timers().cancel(*this);
    behind_->drop();
}

void deadline_exchange::on_abort(broker::unique_function<void()> callback) {
    on_abort_ = std::move(callback);
}

void deadline_exchange::on_drained(broker::unique_function<void()> callback) {
    if (!over_) behind_->on_drained(std::move(callback));
}

void deadline_exchange::give_up() {
    over_ = true;
    loop_.timers().cancel(*this);
    if (auto gone = std::exchange(on_abort_, {})) gone();
}

void deadline_exchange::on_deadline(broker::steady_time) {
    auto const keep = shared_from_this();
    give_up();
    late_();
}

}  // namespace node::console
