#include "broker/transport/fine_timer.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace broker::transport {

struct fine_timer::impl {
    impl(boost::asio::io_context& where, unique_function<void()> what)
        : timer(where), ring(std::move(what)) {}

    boost::asio::steady_timer timer;
    unique_function<void()> ring;
    bool set = false;
};

fine_timer::fine_timer(loop& where, unique_function<void()> ring)
    : impl_(std::make_shared<impl>(where.io(), std::move(ring))) {}

fine_timer::~fine_timer() {
    impl_->timer.cancel();
    impl_->set = false;  // one that is due already finds it so
}

void fine_timer::set(std::chrono::milliseconds delay) {
    if (std::exchange(impl_->set, true)) return;
    impl_->timer.expires_after(delay);
    impl_->timer.async_wait([self = impl_](boost::system::error_code const&) {
        if (std::exchange(self->set, false)) self->ring();
    });
}

}  // namespace broker::transport
