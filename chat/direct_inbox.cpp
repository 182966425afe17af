#include "chat/direct_inbox.hpp"

#include "chat/json/message_json.hpp"
#include "chat/message_builder.hpp"
#include "chat/room_topic.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <utility>

namespace chat {
namespace {

constexpr std::size_t rounds_remembered = 5;
constexpr unsigned rounds_until_lost = 2;
constexpr unsigned most_rounds = 5;

}  // namespace

direct_inbox::direct_inbox(store& where, broker::bus& bus)
    : store_(where), bus_(bus), writer_([this] { run(); }) {}

direct_inbox::~direct_inbox() {
    stop();
}

void direct_inbox::stop() {
    {
        std::lock_guard const guard(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (writer_.joinable()) writer_.join();
}

std::string_view direct_inbox::queue() const {
    return messages_queue;
}

std::uint64_t direct_inbox::order_of(broker::message const& what) const {
    auto const id = direct_message_id(what.id());
    return id ? id->value : 0;
}

void direct_inbox::undelivered(std::string user, std::uint64_t after, std::size_t limit,
                               broker::executor& home,
                               broker::unique_function<void(broker::inbox_outcome)> done) {
    auto const id = parse_id(user);
    if (!id) {
        home.post([done = std::move(done)]() mutable { done(broker::inbox_page()); });
        return;
    }
    // The frames are made on the database thread, as a room's are.
    auto work = [who = user_id(*id), after,
                 limit](unit_of_work& unit) -> result<broker::inbox_page> {
        broker::inbox_page page;
        auto const owed = unit.undelivered(who, message_id(after), limit);
        for (auto const& stored : owed) page.messages.push_back(direct_message(stored, who));
        if (owed.size() == limit) page.next = owed.back().id.value;
        return page;
    };
    // Only what was delivered before the question is left out. Later deliveries are on their way to
    // whoever asks, and would come behind what the store has after them.
    std::uint64_t before = 0;
    {
        std::lock_guard const guard(mutex_);
        before = deliveries_;
    }
    auto read = [this, before, who = user_id(*id),
                 done = std::move(done)](result<broker::inbox_page> page) mutable {
        if (!page) return done(broker::topic_refusal{"store_unavailable", page.error().message()});
        {
            std::lock_guard const guard(mutex_);
            std::erase_if(page->messages, [&](auto const& message) {
                auto const given = given_.find({who, message_id(order_of(*message))});
                return given != given_.end() && given->second <= before;
            });
        }
        done(std::move(*page));
    };
    in_transaction(store_, access::read_only, home, std::move(work), std::move(read));
}

void direct_inbox::owed_to(std::vector<std::string> users, broker::executor& home,
                           broker::unique_function<void(broker::owed_users_outcome)> done) {
    std::vector<user_id> ids;
    ids.reserve(users.size());
    for (auto const& user : users) {
        if (auto const id = parse_id(user)) ids.emplace_back(*id);
    }
    if (ids.empty()) {
        home.post([done = std::move(done)]() mutable { done(std::vector<std::string>()); });
        return;
    }
    auto work = [ids = std::move(ids)](unit_of_work& unit) -> result<std::vector<owed_message>> {
        return unit.newest_undelivered(ids);
    };
    auto read = [this, done = std::move(done)](result<std::vector<owed_message>> newest) mutable {
        if (!newest)
            return done(broker::topic_refusal{"store_unavailable", newest.error().message()});
        {
            // What is delivered and not yet written is of no interest.
            std::lock_guard const guard(mutex_);
            std::erase_if(*newest, [this](owed_message const& each) {
                return given_.contains({each.user, each.message});
            });
        }
        std::vector<std::string> owed;
        for (auto const& each : *newest) {
            auto user = std::to_string(each.user.value);
            if (owed.empty() || owed.back() != user) owed.push_back(std::move(user));
        }
        done(std::move(owed));
    };
    in_transaction(store_, access::read_only, home, std::move(work), std::move(read));
}

void direct_inbox::delivered(std::string_view user, broker::message const& what) {
    auto const who = parse_id(user);
    auto const message = direct_message_id(what.id());
    auto const place = json::place_in(what.body());
    // The body is believed because its message-id, which only a node gives, says the same.
    if (!who || !message || !place || place->id != *message) return;
    mark const made{user_id(*who), *place};
    bool first = false;
    {
        std::lock_guard const guard(mutex_);
        if (!given_.try_emplace({made.user, *message}, ++deliveries_).second) return;
        first = gathered_.empty();
        gathered_.push_back(made);
    }
    if (first) changed_.notify_one();
}

void direct_inbox::run() {
    std::unique_lock guard(mutex_);
    for (bool last = false; !last;) {
        changed_.wait(guard, [this] { return stopping_ || !given_.empty(); });
        changed_.wait_for(guard, write_every, [this] { return stopping_; });
        last = stopping_;
        auto batch = std::exchange(gathered_, {});
        guard.unlock();
        auto kept = write(std::move(batch));
        guard.lock();
        kept.insert(kept.end(), gathered_.begin(), gathered_.end());
        if (kept.size() > most_marks) {
            auto const end = kept.end() - static_cast<std::ptrdiff_t>(most_marks);
            for (auto lost = kept.begin(); lost != end; ++lost)
                given_.erase({lost->user, lost->message.id});
            kept.erase(kept.begin(), end);
        }
        gathered_ = std::move(kept);
    }
}

// Answers what has to be written again.
direct_inbox::marks direct_inbox::write(marks batch) {
    std::ranges::stable_sort(batch, {}, &mark::user);
    marks kept;
    marks done;
    std::size_t at = 0;
    while (at != batch.size()) {
        auto end = std::min(batch.size(), at + marks_per_write);
        // A gap is one only when all of a user is looked at together.
        while (end != batch.size() && batch[end].user == batch[end - 1].user) ++end;
        marks const some(batch.begin() + static_cast<std::ptrdiff_t>(at),
                         batch.begin() + static_cast<std::ptrdiff_t>(end));
        std::vector<gap> gaps;
        if (!write_some(some, gaps)) break;
        for (auto each : some) {
            auto const gap_of = std::ranges::find(gaps, each.user, &gap::user);
            if (gap_of == gaps.end() || ++each.rounds == most_rounds) {
                done.push_back(each);
                continue;
            }
            kept.push_back(each);
            if (each.rounds < rounds_until_lost || gap_of->missing.empty()) continue;
            publish_again(*gap_of);
            gap_of->missing.clear();
        }
        at = end;
    }
    kept.insert(kept.end(), batch.begin() + static_cast<std::ptrdiff_t>(at), batch.end());
    settle(std::move(done));
    return kept;
}

// In one transaction; false when the store could not.
bool direct_inbox::write_some(marks const& some, std::vector<gap>& gaps) {
    auto const found = std::make_shared<std::vector<gap>>();
    auto work = [found, some](unit_of_work& unit) {
        found->clear();  // it may be done again
        for (auto at = some.begin(); at != some.end();) {
            auto const user = at->user;
            std::vector<message_place> messages;
            for (; at != some.end() && at->user == user; ++at) messages.push_back(at->message);
            auto missing = unit.mark_delivered(user, messages);
            if (!missing.empty()) found->push_back({user, std::move(missing)});
        }
        return true;
    };
    std::promise<boost::system::error_code> finished;
    store_.run(access::read_write, std::move(work),
               [&finished](boost::system::error_code failed) { finished.set_value(failed); });
    if (finished.get_future().get()) return false;
    gaps = std::move(*found);
    return true;
}

void direct_inbox::publish_again(gap const& what) {
    std::vector<broker::bus_event> events;
    for (auto const& stored : what.missing)
        events.emplace_back(broker::user_event{std::to_string(what.user.value),
                                               std::string(messages_queue),
                                               direct_message(stored, what.user)});
    bus_.publish(std::move(events));
}

void direct_inbox::settle(marks written) {
    std::lock_guard const guard(mutex_);
    written_.push_back(std::move(written));
    if (written_.size() <= rounds_remembered) return;
    for (auto const& each : written_.front()) given_.erase({each.user, each.message.id});
    written_.pop_front();
}

}  // namespace chat
