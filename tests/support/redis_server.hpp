#pragma once

#include <sys/types.h>
#include <string>
#include <vector>

// A private redis-server, or a Sentinel, for tests: in a temporary directory, on a free port of
// 127.0.0.1. It ends and its directory goes with this object, and it ends when this process is
// killed. To be made and started by a thread that lives as long as the server.

namespace tests {

class redis_server {
public:
    // `arguments` are further ones of its program line. Throws std::runtime_error.
    explicit redis_server(std::vector<std::string> const& arguments = {});
    ~redis_server();

    redis_server(redis_server const&) = delete;
    redis_server& operator=(redis_server const&) = delete;

    int port() const { return port_; }
    std::string url() const;  // "redis://127.0.0.1:…"
    std::string place() const;

    void start();   // waits until it answers
    void kill();    // -9
    void freeze();  // SIGSTOP: connections stay, nobody answers
    void thaw();

    // Runs a command with redis-cli; its output without the last line end.
    std::string run(std::string const& command) const;

protected:
    struct not_started {};
    explicit redis_server(not_started);
    void add_arguments(std::vector<std::string> const& more);

private:
    std::vector<std::string> program_line_;
    std::string directory_;
    int port_ = 0;
    pid_t process_ = -1;
};

// Watches `master` under the name mymaster; a quorum of one.
class redis_sentinel : public redis_server {
public:
    explicit redis_sentinel(redis_server const& master,
                            std::vector<std::string> const& arguments = {});
};

}  // namespace tests
