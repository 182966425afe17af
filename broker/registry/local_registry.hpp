#pragma once

#include "broker/ports/presence.hpp"
#include "broker/ports/registry.hpp"
#include "broker/ports/session_owners.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

// The registry of a node that is alone: there are no other nodes to find, every session is ours,
// and who is in a room is what this node knows. `find` answers on the caller's thread.

namespace broker {

class local_registry final : public registry, public session_owners, public presence {
public:
    // `on_change` is called on the thread that enters or leaves; must not block.
    explicit local_registry(std::string node = "node",
                            std::function<void(presence_change)> on_change = {});

    void enter(interest what, executor& home, unique_function<void()> done) override;
    void leave(interest const& what) override;
    void find(std::vector<interest> what,
              unique_function<void(std::optional<interested_nodes>)> done) override;

    void claim(std::string session, executor& home,
               unique_function<void(std::optional<session_owner>)> done) override;
    void find(std::string session, executor& home,
              unique_function<void(std::optional<session_owner>)> done) override;
    void release(std::string session) override;

    void enter_room_user(std::string room, std::string user) override;
    void leave_room_user(std::string room, std::string user) override;
    void find_room_users(std::string room, std::size_t most, executor& home,
                         unique_function<void(std::optional<room_presence>)> done) override;

private:
    std::string const node_;
    std::function<void(presence_change)> const on_change_;
    // Also held while a change is told, so that changes are told in their order.
    std::mutex mutex_;
    std::map<std::string, std::map<std::string, std::size_t>> rooms_;  // -> user -> sessions
    std::set<std::string> sessions_;
};

}  // namespace broker
