#pragma once

#include "broker/ports/sequenced_topics.hpp"
#include "chat/ports/store.hpp"

// The rooms as the broker sees them: topics with a history, for those who may read them.
//
// Everything under /topic/chatroom/ belongs here, also what is no room's address: no access rule
// and no wildcard reaches a room's messages in another way. Any thread; no state of its own.

namespace chat {

class room_topics final : public broker::sequenced_topics {
public:
    explicit room_topics(store& where) : store_(where) {}  // outlives us

    bool owns(std::string_view destination) const override;
    std::string_view room_of(std::string_view destination) const override;
    std::string_view access_ended_by(broker::message const& what) const override;
    void open(std::string destination, broker::principal_ptr caller, broker::executor& home,
              broker::unique_function<void(broker::open_outcome)> done) override;
    void read_after(std::string destination, std::uint64_t after, std::size_t limit,
                    broker::executor& home,
                    broker::unique_function<void(broker::history_outcome)> done) override;
    void last_seqs(std::vector<std::string> destinations, broker::executor& home,
                   broker::unique_function<void(broker::last_seqs_outcome)> done) override;

private:
    store& store_;
};

}  // namespace chat
