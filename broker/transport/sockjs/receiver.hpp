#pragma once

#include "broker/transport/http.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

// The HTTP response that currently carries a session's frames.

namespace broker::transport::sockjs {

class receiver {
public:
    virtual ~receiver() = default;

    virtual void send_frame(std::string frame) = 0;

    // Bytes of frames it still takes; the last frame may go beyond. 0: end() it.
    virtual std::size_t room() const = 0;

    // Completes the response; nothing may follow.
    virtual void end() = 0;

    // Breaks the connection; what has not been taken by the network is lost.
    virtual void drop() = 0;

    // Sent, but not yet taken by the network.
    virtual std::size_t queued_bytes() const = 0;

    virtual std::string_view transport_name() const = 0;
};

// What one transport makes of a frame.
struct receiver_format {
    std::string_view transport_name;
    // `callback` is the name of the client's function, for the transports that call one.
    std::string (*wrap)(std::string&& frame, std::string_view callback);
};

// A response that is complete with its first frame. `head` is the answer without its body.
std::unique_ptr<receiver> make_polling_receiver(http_exchange_ptr exchange, http_response head,
                                                receiver_format const& format, std::size_t limit,
                                                std::string callback = {});

// A response that goes on until `limit` bytes of frames were sent. `head.body`, the prelude, is
// its first chunk and does not count.
std::unique_ptr<receiver> make_streaming_receiver(http_exchange_ptr exchange, http_response head,
                                                  receiver_format const& format, std::size_t limit,
                                                  std::string callback = {});

}  // namespace broker::transport::sockjs
