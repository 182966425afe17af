#include "broker/transport/sockjs/receiver.hpp"

#include <algorithm>
#include <utility>

namespace broker::transport::sockjs {
namespace {

class polling_receiver final : public receiver {
public:
    polling_receiver(http_exchange_ptr exchange, http_response head, receiver_format const& format,
                     std::size_t limit, std::string callback)
        : exchange_(std::move(exchange)),
          head_(std::move(head)),
          format_(format),
          limit_(limit),
          callback_(std::move(callback)) {}

    void send_frame(std::string frame) override {
        head_.body = format_.wrap(std::move(frame), callback_);
        limit_ = 0;
        exchange_->respond(std::move(head_));
    }

    std::size_t room() const override { return limit_; }

    void end() override {
        if (std::exchange(limit_, 0) != 0) exchange_->respond(std::move(head_));
    }

    void drop() override { exchange_->drop(); }
    std::size_t queued_bytes() const override { return exchange_->queued_bytes(); }
    std::string_view transport_name() const override { return format_.transport_name; }

private:
    http_exchange_ptr exchange_;
    http_response head_;
    receiver_format const& format_;
    std::size_t limit_;
    std::string callback_;
};

class streaming_receiver final : public receiver {
public:
    streaming_receiver(http_exchange_ptr exchange, http_response head,
                       receiver_format const& format, std::size_t limit, std::string callback)
        : exchange_(std::move(exchange)),
          format_(format),
          room_(limit),
          callback_(std::move(callback)) {
        auto prelude = std::exchange(head.body, {});
        exchange_->start_stream(head);
        exchange_->write(std::move(prelude));
    }

    void send_frame(std::string frame) override {
        auto piece = format_.wrap(std::move(frame), callback_);
        room_ -= std::min(room_, piece.size());
        exchange_->write(std::move(piece));
    }

    std::size_t room() const override { return room_; }
    void end() override { exchange_->finish(); }
    void drop() override { exchange_->drop(); }
    std::size_t queued_bytes() const override { return exchange_->queued_bytes(); }
    std::string_view transport_name() const override { return format_.transport_name; }

private:
    http_exchange_ptr exchange_;
    receiver_format const& format_;
    std::size_t room_;
    std::string callback_;
};

}  // namespace

std::unique_ptr<receiver> make_polling_receiver(http_exchange_ptr exchange, http_response head,
                                                receiver_format const& format, std::size_t limit,
                                                std::string callback) {
    return std::make_unique<polling_receiver>(std::move(exchange), std::move(head), format, limit,
                                              std::move(callback));
}

std::unique_ptr<receiver> make_streaming_receiver(http_exchange_ptr exchange, http_response head,
                                                  receiver_format const& format, std::size_t limit,
                                                  std::string callback) {
    return std::make_unique<streaming_receiver>(std::move(exchange), std::move(head), format, limit,
                                                std::move(callback));
}

}  // namespace broker::transport::sockjs
