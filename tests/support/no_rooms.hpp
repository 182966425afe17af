#pragma once

#include "broker/ports/sequenced_topics.hpp"
#include "broker/ports/user_inbox.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The ports of a chat that has no rooms and whose users' inboxes are empty, for tests of what
// stands beside it.

namespace tests {

class no_rooms : public broker::sequenced_topics {
public:
    bool owns(std::string_view) const override { return false; }
    std::string_view room_of(std::string_view) const override { return {}; }
    std::string_view access_ended_by(broker::message const&) const override { return {}; }
    void open(std::string, broker::principal_ptr, broker::executor&,
              broker::unique_function<void(broker::open_outcome)>) override {}
    void read_after(std::string, std::uint64_t, std::size_t, broker::executor&,
                    broker::unique_function<void(broker::history_outcome)>) override {}
    void last_seqs(std::vector<std::string>, broker::executor&,
                   broker::unique_function<void(broker::last_seqs_outcome)>) override {}
};

class no_inbox : public broker::user_inbox {
public:
    std::string_view queue() const override { return "/queue/messages"; }
    std::uint64_t order_of(broker::message const&) const override { return 0; }
    void undelivered(std::string, std::uint64_t, std::size_t, broker::executor&,
                     broker::unique_function<void(broker::inbox_outcome)>) override {}
    void owed_to(std::vector<std::string>, broker::executor&,
                 broker::unique_function<void(broker::owed_users_outcome)>) override {}
    void delivered(std::string_view, broker::message const&) override {}
};

}  // namespace tests
