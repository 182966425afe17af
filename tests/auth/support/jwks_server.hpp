#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

// An issuer's web server: answers every GET with the same text, on a free port of 127.0.0.1.

class jwks_server {
public:
    explicit jwks_server(std::string body);
    ~jwks_server();
    jwks_server(jwks_server const&) = delete;
    jwks_server& operator=(jwks_server const&) = delete;

    std::string address(std::string const& path = "/jwks.json") const;
    void answer(std::string body, unsigned status = 200);
    void redirect_to(std::string location);
    // Requests are taken but not answered until the next call of answer().
    void stall();
    int requests() const { return requests_; }
    // Returns when so many requests have come in all.
    void wait_for_requests(int count);

private:
    void serve();
    std::string response();

    int socket_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::string body_;
    std::string location_;
    unsigned status_ = 200;
    bool stalled_ = false;
    bool stopping_ = false;
    std::atomic<int> requests_ = 0;
    std::thread thread_;
};
