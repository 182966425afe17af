#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

// A proxy before a server on 127.0.0.1 that cuts a connection, or lets it stall, when it sees
// certain bytes: what a network does at the worst moment.

namespace tests {

class cutting_proxy {
public:
    explicit cutting_proxy(int server_port);
    ~cutting_proxy();
    cutting_proxy(cutting_proxy const&) = delete;
    cutting_proxy& operator=(cutting_proxy const&) = delete;

    int port() const { return port_; }

    enum class side { client, server };
    // The next chunk from `side` that holds `bytes` is swallowed and its connection cut; once.
    void cut_at(side from, std::string bytes);
    // The same, and no connection is let through any more until open().
    void cut_and_stay_away(side from, std::string bytes);
    // The chunk is swallowed, and until open() whatever comes on any connection, new ones included.
    // The clients find their bytes taken and no answer; the server finds them gone.
    void stall_at(side from, std::string bytes);
    void open() {
        away_ = false;
        stalls_ = false;
    }
    int cuts() const { return cuts_; }

private:
    enum class then { cut, stay_away, stall };
    enum class fate { open, ended, stalled };
    void strike_at(side from, std::string bytes, then what);
    void serve();
    fate forward(int from, int to, side which);

    int const server_port_;
    int listener_ = -1;
    int wake_[2] = {-1, -1};
    int port_ = 0;
    std::mutex mutex_;
    side side_ = side::client;
    std::string trigger_;
    then then_ = then::cut;
    std::atomic<bool> away_ = false;
    std::atomic<bool> stalls_ = false;
    std::atomic<int> cuts_ = 0;
    std::thread thread_;
};

}  // namespace tests
