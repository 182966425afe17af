#pragma once

#include "broker/registry/session_table.hpp"

#include <mutex>
#include <string>
#include <vector>

// The user sessions that this node knows by itself: its own. For a node that is alone those are all
// there are; in a cluster without a registry nobody knows of the others.

namespace broker {

class local_user_sessions final : public user_sessions {
public:
    enum class setting : std::uint8_t {
        alone,     // what this node has is the whole answer
        unlisted,  // there are other nodes, which cannot be asked
    };
    local_user_sessions(std::string node, setting where)
        : alone_(where == setting::alone), table_(std::move(node)) {}

    void enter_session(user_session what, executor& home, unique_function<void()> done) override;
    void leave_session(std::string_view user, std::string_view id) override;
    void find_sessions(std::string user, std::size_t most, executor& home,
                       unique_function<void(found_sessions)> done) override;
    void count_sessions(std::vector<std::string> users, executor& home,
                        unique_function<void(session_counts)> done) override;

private:
    bool const alone_;
    std::mutex mutex_;
    session_table table_;
};

}  // namespace broker
