#pragma once

#include "broker/registry/redis/address.hpp"
#include "broker/registry/redis/connection.hpp"
#include "broker/registry/redis/redis_options.hpp"
#include "broker/registry/redis/scripts.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// Finds the master and connects to it, on a thread of its own, because names are looked up and
// Sentinels are asked while the caller has others to answer. With Sentinels it also keeps asking
// whether the master is still the same one.

namespace broker::redis {

// A connection to a master that is ready for use.
struct established {
    std::unique_ptr<wire> line;
    std::string place;   // "host:port"
    std::string run_id;  // of the Redis process
    script_names scripts;
};

class connector {
public:
    // All are called on the connector's thread.
    struct listener {
        std::function<void(established)> on_connected;
        std::function<void(std::string why)> on_failed;  // it goes on trying
        std::function<void(std::string place)> on_moved;
    };

    // Throws std::invalid_argument when the options name no server, or name it wrongly.
    connector(options const& given, listener to);
    ~connector();

    connector(connector const&) = delete;
    connector& operator=(connector const&) = delete;

    // Tries until it succeeds, then rests until it is asked again.
    void connect();
    void stop();

private:
    void run();
    established try_next();
    established open(address const& where) const;
    address ask_sentinels();
    address ask_sentinel(address const& sentinel) const;
    bool pause(std::chrono::milliseconds time, bool until_asked);

    wire_options const wire_options_;
    std::chrono::milliseconds const longest_backoff_;
    std::string const master_name_;
    std::string const sentinel_password_;
    address credentials_;  // with Sentinels
    std::vector<address> addresses_;
    std::vector<address> sentinels_;
    std::size_t next_ = 0;  // of addresses_ or sentinels_
    listener const to_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool asked_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace broker::redis
