#pragma once

#include <sys/types.h>
#include <string>
#include <vector>

// A private RabbitMQ for tests and benchmarks: in a temporary directory, on free ports of
// 127.0.0.1, with a port mapper (epmd) of its own. All of it ends with this object, and when this
// process is killed. As root it runs as the user rabbitmq. Its start takes some seconds.

namespace tests {

class rabbitmq_server {
public:
    // Starts it and waits until it answers. Throws std::runtime_error. To be made and started by a
    // thread that lives as long as the server.
    rabbitmq_server();
    ~rabbitmq_server();

    rabbitmq_server(rabbitmq_server const&) = delete;
    rabbitmq_server& operator=(rabbitmq_server const&) = delete;

    // The one of this process, started at the first call.
    static rabbitmq_server& shared();

    // "amqp://guest:guest@127.0.0.1:PORT"
    std::string url() const;
    int port() const { return port_; }
    // "amqps://guest:guest@localhost:PORT", and whom to trust for it.
    std::string tls_url() const;
    int tls_port() const { return tls_port_; }
    std::string certificate_file() const { return directory_ + "/certificate.pem"; }

    enum class how { fast, crash };
    void stop(how manner = how::fast);
    void start();  // with what durable queues held before
    // It lives, but neither reads nor answers, until it goes on.
    void freeze();
    void thaw();

    // Runs rabbitmqctl; throws std::runtime_error with its output when it fails.
    std::string control(std::vector<std::string> words) const;

    // CPU time, user and system.
    double cpu_seconds() const;

private:
    pid_t spawn(std::vector<std::string> words, int output) const;
    void start_port_mapper();
    void make_certificate() const;

    std::string directory_;
    std::string node_name_;
    int port_ = 0;
    int tls_port_ = 0;
    int distribution_port_ = 0;
    int mapper_port_ = 0;
    pid_t process_ = -1;
    pid_t mapper_ = -1;
};

}  // namespace tests
