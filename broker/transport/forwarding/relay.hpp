#pragma once

#include "broker/transport/byte_stream.hpp"
#include "broker/transport/forwarding/answer_decoder.hpp"
#include "broker/transport/forwarding/forwarder.hpp"
#include "broker/transport/forwarding/host_lookup.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/loop.hpp"
#include "broker/transport/poller.hpp"
#include "broker/transport/timer_wheel.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

// One forwarded request: from an idle connection to the other node, or the look-up of its address,
// to the end of its answer. Keeps itself until then. On the shard of the exchange only.

namespace broker::transport {

class relay final : public pollable, public timed, public std::enable_shared_from_this<relay> {
public:
    relay(forwarder& owner, http_exchange_ptr exchange,
          unique_function<void(forward_failure)> failed);
    ~relay() override;
    relay(relay const&) = delete;
    relay& operator=(relay const&) = delete;

    void start(std::string const& address);

    void on_ready(std::uint32_t events) override;
    void on_deadline(steady_time now) override;

private:
    enum class phase : std::uint8_t { connecting, exchanging, over };

    void connect_anew();
    void connect(std::optional<socket_address> const& where);
    void connected();
    void begin_exchange();
    bool may_be_repeated() const;
    void send_request();
    void read_answer();
    void pass_on();
    void hold_back();
    void complete();
    void broken();
    void end(bool answered, bool keep_connection = false);
    void watch(std::uint32_t events);

    forwarder& owner_;  // outlives us
    loop& home_;
    http_exchange_ptr exchange_;
    unique_function<void(forward_failure)> failed_;
    std::shared_ptr<relay> self_;  // until the end
    std::string address_;
    byte_stream stream_;
    answer_decoder answer_;
    std::optional<http_response> head_;  // of an answer that is passed on as a whole
    std::string unsent_;                 // of the request
    std::size_t sent_ = 0;
    std::uint32_t watched_ = 0;
    phase phase_ = phase::connecting;
    bool in_poller_ = false;
    bool reused_ = false;  // the connection has carried another request before
    bool wholly_sent_ = false;
    bool answering_ = false;  // bytes of the answer have come
    bool streaming_ = false;  // the answer has begun
    bool held_back_ = false;  // the client has not taken what it was sent
};

}  // namespace broker::transport
