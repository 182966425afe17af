#include "chat/turn_writer.hpp"

#include "broker/transport/loop.hpp"

#include <iterator>
#include <utility>

namespace chat {

// Where the messages of one shard's turn lie.
class turn_writer::desk final : public broker::transport::flushable {
public:
    desk(message_writer& writer, std::size_t most) : writer_(writer), most_(most) {}

    void take(pending_write&& write, broker::transport::loop& here) {
        if (!std::exchange(in_this_turn_, true)) here.flush_first(*this);
        if (writes_.empty()) writes_.reserve(most_);
        writes_.push_back(std::move(write));
        if (writes_.size() == most_) give();
    }

    void flush() override {
        in_this_turn_ = false;
        if (!writes_.empty()) give();
    }

private:
    void give() {
        // They may wait for long, and many of them: with no more than their own size beside them.
        if (2 * writes_.size() >= most_) return writer_.append_all(std::exchange(writes_, {}));
        if (writes_.size() == 1) {
            writer_.append(std::move(writes_.front()));
        } else {
            writer_.append_all(
                {std::make_move_iterator(writes_.begin()), std::make_move_iterator(writes_.end())});
        }
        writes_.clear();
    }

    message_writer& writer_;
    std::size_t const most_;
    std::vector<pending_write> writes_;
    bool in_this_turn_ = false;  // its end will call flush()
};

turn_writer::turn_writer(std::unique_ptr<message_writer> writer, std::size_t shards,
                         std::size_t most)
    : writer_(std::move(writer)) {
    for (std::size_t i = 0; i != shards; ++i) {
        desks_.push_back(std::make_unique<desk>(*writer_, most));
    }
}

turn_writer::~turn_writer() {
    for (auto const& each : desks_) each->flush();
}

void turn_writer::append(pending_write write) {
    auto* const here = broker::transport::loop::current();
    if (here == nullptr) return writer_->append(std::move(write));
    desks_[here->index()]->take(std::move(write), *here);
}

void turn_writer::append_all(std::vector<pending_write> writes) {
    writer_->append_all(std::move(writes));
}

void turn_writer::probe(broker::unique_function<void(boost::system::error_code)> done) {
    writer_->probe(std::move(done));
}

}  // namespace chat
