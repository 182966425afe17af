#pragma once

#include "chat/ports/message_writer.hpp"

#include <cstddef>
#include <memory>
#include <vector>

// What the sessions of a shard send in one turn of its loop, given to the writer in one piece: the
// messages that a client sends at once are committed together, and so delivered together. One by
// one the first of them would go ahead alone, and the others would come in a commit, and a
// delivery, of their own.
//
// Given at the end of the turn, before what it sends to clients, and as soon as there are `most` of
// them: the writer shall not be idle while a shard reads on. Messages of other threads, and
// append_all, are given at once.

namespace chat {

class turn_writer final : public message_writer {
public:
    // `shards`: how many loops there are (loop::index() is below it).
    turn_writer(std::unique_ptr<message_writer> writer, std::size_t shards, std::size_t most = 64);
    // Gives what is left, when no loop runs any more.
    ~turn_writer() override;
    turn_writer(turn_writer const&) = delete;
    turn_writer& operator=(turn_writer const&) = delete;

    void append(pending_write write) override;
    void append_all(std::vector<pending_write> writes) override;
    // Asks the writer behind; the messages of this turn come after it.
    void probe(broker::unique_function<void(boost::system::error_code)> done) override;

private:
    class desk;

    std::unique_ptr<message_writer> writer_;
    std::vector<std::unique_ptr<desk>> desks_;  // by shard; each is touched on its own only
};

}  // namespace chat
