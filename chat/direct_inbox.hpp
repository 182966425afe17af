#pragma once

#include "broker/ports/bus.hpp"
#include "broker/ports/user_inbox.hpp"
#include "chat/ids.hpp"
#include "chat/ports/store.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

// Which direct messages are owed to whom: what the store says, and what this node has delivered
// since it was told last.
//
// Deliveries are gathered and written about once a second, so that a live message costs the
// database nothing. A delivery that skips an older message of its room twice is a sign that the
// bus lost that one: it is published again. Any thread; a thread of its own writes.

namespace chat {

class direct_inbox final : public broker::user_inbox {
public:
    // Both outlive us.
    direct_inbox(store& where, broker::bus& bus);
    ~direct_inbox() override;

    // Writes what is gathered and ends the thread. Once; nothing is delivered afterwards.
    void stop();

    std::string_view queue() const override;
    std::uint64_t order_of(broker::message const& what) const override;
    void undelivered(std::string user, std::uint64_t after, std::size_t limit,
                     broker::executor& home,
                     broker::unique_function<void(broker::inbox_outcome)> done) override;
    void owed_to(std::vector<std::string> users, broker::executor& home,
                 broker::unique_function<void(broker::owed_users_outcome)> done) override;
    void delivered(std::string_view user, broker::message const& what) override;

    static constexpr std::chrono::milliseconds write_every{1000};
    static constexpr std::size_t marks_per_write = 1000;
    // While the store is away. What is forgotten may be delivered again at the next connect.
    static constexpr std::size_t most_marks = 100'000;

private:
    struct mark {
        user_id user;
        message_place message;
        unsigned rounds = 0;  // how often an older message was missing
    };
    struct delivery {
        user_id user;
        message_id message;

        friend bool operator==(delivery const&, delivery const&) = default;
    };
    struct delivery_hash {
        std::size_t operator()(delivery const& which) const noexcept {
            return std::hash<user_id>()(which.user) * 0x9e3779b97f4a7c15U ^
                   std::hash<message_id>()(which.message);
        }
    };
    using marks = std::vector<mark>;
    struct gap {
        user_id user;
        std::vector<stored_message> missing;
    };

    void run();
    marks write(marks batch);
    bool write_some(marks const& some, std::vector<gap>& gaps);
    void publish_again(gap const& what);
    void settle(marks written);

    store& store_;
    broker::bus& bus_;

    std::mutex mutex_;  // held for moments only
    std::condition_variable changed_;
    marks gathered_;
    // Delivered here, and when (the count of deliveries). Those that are written stay for some
    // rounds, because a read of the store may have begun before.
    std::unordered_map<delivery, std::uint64_t, delivery_hash> given_;
    std::uint64_t deliveries_ = 0;
    std::deque<marks> written_;
    bool stopping_ = false;
    std::thread writer_;
};

}  // namespace chat
