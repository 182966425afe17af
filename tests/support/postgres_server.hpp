#pragma once

#include <sys/types.h>
#include <string>

// A private PostgreSQL server for tests and benchmarks: in a temporary directory, on a free port of
// 127.0.0.1, with fsync on. It ends and its directory goes with this object, and it ends when this
// process is killed. As root it runs as the user postgres.

namespace tests {

class postgres_server {
public:
    // Starts it and waits until it answers. Throws std::runtime_error. `settings` are further lines
    // for its configuration file. To be made and started by a thread that lives as long as the
    // server.
    explicit postgres_server(std::string const& settings = {});
    // A hot standby of another one, which streams from it. Answers reads when this returns.
    struct standby_of {
        postgres_server const& source;
    };
    explicit postgres_server(standby_of other);
    ~postgres_server();

    postgres_server(postgres_server const&) = delete;
    postgres_server& operator=(postgres_server const&) = delete;

    // The one of this process, started at the first call.
    static postgres_server& shared();

    // "host=127.0.0.1 port=… user=postgres dbname=…"
    std::string connection_string(std::string const& database = "postgres") const;
    // Makes an empty schema that nothing else uses, and gives the string that leads into it.
    std::string fresh_schema();

    // Runs statements; throws std::runtime_error.
    void execute(std::string const& sql);

    enum class how { fast, crash };
    void stop(how manner = how::fast);
    void start();

    // CPU time of its processes that live, user and system.
    double cpu_seconds() const;

    int port() const { return port_; }
    std::string const& directory() const { return directory_; }

private:
    void make_directory();

    std::string directory_;
    int port_ = 0;
    pid_t process_ = -1;
    int schemas_ = 0;
};

}  // namespace tests
