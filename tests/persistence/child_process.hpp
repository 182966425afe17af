#pragma once

#include "persistence/storage.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

// A program beside the test's own, on the same database, whose output the test reads and which it
// may kill. It dies with the test.

namespace tests {

class child_process {
public:
    child_process(std::string const& program, persistence::storage_options const& options,
                  std::vector<std::string> words) {
        words.insert(
            words.begin(),
            {(std::filesystem::read_symlink("/proc/self/exe").parent_path() / program).string(),
             options.kind == persistence::backend::sqlite ? "sqlite" : "postgresql",
             options.location});
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
        process_ = fork();
        if (process_ < 0) throw std::runtime_error("fork");
        if (process_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            dup2(ends[1], STDOUT_FILENO);
            execv(arguments[0], arguments.data());
            _exit(127);
        }
        close(ends[1]);
        output_ = fdopen(ends[0], "r");
    }
    ~child_process() {
        if (process_ > 0) end();
        std::fclose(output_);
    }
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;

    // The next whole line; false at the end. What was cut off by the end is no line.
    bool line(std::string& into) {
        into.clear();
        for (int c = std::fgetc(output_); c != EOF; c = std::fgetc(output_)) {
            if (c == '\n') return true;
            into += static_cast<char>(c);
        }
        return false;
    }
    void kill_hard() { kill(process_, SIGKILL); }
    int wait() {
        int status = 0;
        waitpid(process_, &status, 0);
        process_ = -1;
        return status;
    }

private:
    void end() {
        kill_hard();
        wait();
    }

    pid_t process_ = -1;
    std::FILE* output_ = nullptr;
};

}  // namespace tests
