#pragma once

#include "broker/ports/executor.hpp"
#include "broker/ports/sequenced_topics.hpp"
#include "broker/principal.hpp"
#include "broker/routing/delivery_watch.hpp"
#include "broker/routing/room_sequencer.hpp"
#include "broker/routing/string_map.hpp"
#include "broker/routing/subscriber_list.hpp"
#include "broker/unique_function.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The sequenced topics (rooms) that this shard's sessions are subscribed to.
//
// Subscribing registers the interest first, then asks who may read and where the topic stands, then
// replays from the store what the client asked for, and goes live: no message is missed and none
// comes twice, whatever is published meanwhile. A gap in what the bus brings is filled from the
// store. One per shard; on its thread only. Completions come back by the shard's executor.
//
// Access ends with a stored message that says so, which comes as surely as every other: it is the
// last that its user's subscriptions get. One that was opened when it was stored already stays: its
// user may read again.

namespace broker::routing {

class room_feeds {
public:
    // Told once: nothing when the subscription is live, the reason when it was refused (the
    // subscription is then out of the tables again).
    using subscribed = unique_function<void(std::optional<topic_refusal>)>;

    // `store` and `home` outlive us.
    room_feeds(sequenced_topics& store, executor& home);
    ~room_feeds();
    room_feeds(room_feeds const&) = delete;
    room_feeds& operator=(room_feeds const&) = delete;

    bool owns(std::string_view destination) const { return store_.owns(destination); }

    // `after`: replay what has a higher seq. Without it delivery begins with the next message.
    void subscribe(std::string_view destination, subscription& who, principal_ptr caller,
                   std::optional<std::uint64_t> after, subscribed done);
    // At any time after subscribe() until it was refused; also before it is live.
    void unsubscribe(subscription& who);

    // What `who` is subscribed to, or on its way to; empty when it is not any more.
    static std::string_view name_of(subscription const& who) noexcept;

    void on_message(message_ptr const& what);

    // Asks the store for what the bus did not bring, for every topic; one round at a time.
    void sweep();
    bool sweeping() const noexcept { return sweeping_ > 0; }

    // Fills the gaps that are still there, and retries what waits for the store or for a slow
    // reader; to be called a few times a second, and gap_patience after has_gaps() became true.
    void on_tick();

    // Messages are missing that the bus may still bring: what several nodes publish comes in an
    // order that is nearly that of its seq.
    bool has_gaps() const noexcept { return has_gaps_; }
    static constexpr std::chrono::milliseconds gap_patience{20};

    // Calls `visit` with the name and how many are subscribed, or on their way to it.
    void for_each_room(std::function<void(std::string_view, std::size_t)> const& visit) const;

    std::size_t room_count() const noexcept { return feeds_.size(); }

    // A replay waits while its reader has more than this queued.
    static constexpr std::size_t replay_queue_bytes = 256 * 1024;
    static constexpr std::size_t replay_page = 200;
    static constexpr std::size_t sweep_page = 500;

    void watch_with(delivery_watch* who) noexcept { watch_ = who; }

private:
    struct joiner;
    struct feed;

    void on_opened(std::string const& name, std::uint64_t serial, open_outcome outcome);
    void advance(feed& where, joiner& who);
    void on_replay(std::string const& name, std::uint64_t serial, history_outcome outcome);
    void finish_join(feed& where, std::uint64_t serial, std::optional<topic_refusal> refusal);
    void repair_soon(feed& where);
    void repair(feed& where);
    void on_repair(std::string const& name, std::uint64_t feed_serial, history_outcome outcome);
    static void count_repaired(feed& where, std::uint64_t before,
                               std::vector<message_ptr> const& page,
                               std::vector<message_ptr> const& delivered);
    void deliver_all(feed& where, std::vector<message_ptr> const& in_order);
    void note_end_ahead(feed& where, message_ptr const& what);
    void deliver_event(feed& where, message_ptr const& what);
    void end_access(feed& where, message const& what);
    bool ends_access_of(subscription const& who, message const& what) const;
    void on_last_seqs(std::vector<std::string> const& names, last_seqs_outcome outcome);
    void drop_if_unused(feed& where);
    feed* find(std::string_view name);

    sequenced_topics& store_;
    executor& home_;
    string_map<std::unique_ptr<feed>> feeds_;
    std::uint64_t next_feed_serial_ = 1;
    std::shared_ptr<bool> alive_;  // completions that come after us find it false
    bool waiting_ = false;         // somebody waits for on_tick()
    bool has_gaps_ = false;
    std::size_t sweeping_ = 0;  // questions of the sweep that are not answered yet
    delivery_watch* watch_ = nullptr;
};

}  // namespace broker::routing
