#pragma once

#include "broker/transport/forwarding/forward_options.hpp"
#include "broker/transport/http.hpp"
#include "broker/unique_function.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

// Brings requests to the node that they are for, and its answers back, as they come.
//
// A connection to the other node carries one request at a time and is kept for the next one. Its
// answer is passed on head first, piece by piece; while the client has not taken what it was sent,
// no more is read. Who goes away first, client or node, takes the other side along. Any shard, at
// the same time; outlives what is under way.

namespace broker::transport {

class idle_connections;
class loop;

enum class forward_failure : std::uint8_t {
    unreachable,  // no connection, or it broke before the answer had begun
    too_many,     // forward_options::under_way
};

struct forward_counts {
    std::size_t under_way = 0;
    std::uint64_t forwarded = 0;  // since the start
    std::uint64_t failed = 0;     // of those, without an answer
    std::uint64_t connected = 0;  // connections made for them
};

class forwarder {
public:
    explicit forwarder(forward_options options);
    ~forwarder();  // while the loops still are
    forwarder(forwarder const&) = delete;
    forwarder& operator=(forwarder const&) = delete;

    // On the exchange's shard. `failed` is called at most once, instead of an answer, never after
    // the client has gone, and perhaps before this returns.
    void forward(http_exchange_ptr exchange, std::string const& address,
                 unique_function<void(forward_failure)> failed);

    // Whether another node of this cluster has sent it.
    bool accepts(http_request const& request) const;

    forward_counts counts() const noexcept;  // any thread

    // For the relays.
    forward_options const& options() const noexcept { return options_; }
    void ended(bool answered) noexcept;
    void connects() noexcept { connected_.fetch_add(1, std::memory_order_relaxed); }
    idle_connections& idle(loop& home);

private:
    forward_options const options_;
    std::atomic<std::size_t> under_way_{0};
    std::atomic<std::uint64_t> forwarded_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::uint64_t> connected_{0};
    // By loop; each entry is touched on its own loop only. Far more than machines have cores: a
    // table of fixed size needs no lock.
    std::array<std::unique_ptr<idle_connections>, 512> idle_;
};

}  // namespace broker::transport
