#include "bench/scenario/room_load.hpp"

#include "bench/scenario/chat_bodies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace bench {
namespace {

constexpr std::string_view joined_receipt = "joined";
constexpr std::string_view subscribed_receipt = "subscribed";
constexpr std::string_view left_receipt = "left";
// What is on its way to those who read goes first, but not for ever.
constexpr std::chrono::milliseconds slow_readers_wait{500};

}  // namespace

room_load::room_load(worker_context const& context)
    : context_(context),
      clients_(context_, *this),
      publishers_(context_),
      slow_asked_(context_.what.kind != scenario_kind::slow) {
    auto const& what = context_.what;
    std::size_t const count = context_.share(what.rooms);
    std::size_t const first = context_.first_of(what.rooms);
    if (what.kind == scenario_kind::chat) {
        day_ = std::make_unique<chat_day>(
            context_, publishers_,
            chat_day::movements{
                .leave = [this](stomp_client const& who) { leave(who.index); },
                .come_back = [this](stomp_client const& who) { come_back(who.index); }});
    }
    for (std::size_t i = 0; i < count; ++i) add_room(i, first + i);
}

void room_load::add_room(std::size_t local, std::size_t over_all) {
    auto const& what = context_.what;
    auto const& server = *context_.server.as;
    place_to_talk added;
    added.number = what.stored ? context_.rooms[over_all] : over_all;
    added.topic = what.stored ? "/topic/chatroom/" + std::to_string(added.number)
                              : with_number(server.topic, added.number);
    added.first_publisher = publishers_.size();
    rooms_.push_back(std::move(added));
    bool const chat = what.kind == scenario_kind::chat;
    // Which subscribers are slow does not depend on how many threads there are.
    std::size_t const slow = what.kind == scenario_kind::slow ? what.slow_readers : 0;
    std::size_t const slow_here =
        std::min(slow / what.rooms + (over_all < slow % what.rooms ? 1 : 0), what.subscribers);
    std::size_t const first_here = clients_.size();
    if (!chat) {
        for (std::size_t p = 0; p < what.publishers; ++p) add_member(role::publisher, local);
    }
    for (std::size_t s = 0; s < what.subscribers; ++s) {
        add_member(chat            ? role::participant
                   : s < slow_here ? role::slow_reader
                                   : role::reader,
                   local);
    }
    for (std::size_t place = first_here; place < clients_.size(); ++place) {
        if (members_[place].sends()) add_publisher(place, over_all, what.subscribers - slow_here);
    }
}

void room_load::add_publisher(std::size_t place, std::size_t over_all, std::size_t readers) {
    auto const& what = context_.what;
    auto& client = clients_.at(place);
    auto const& in = rooms_.back();
    auto const user = context_.who.user_of(clients_.number_of(client));
    std::size_t const first = over_all * what.senders_per_room();
    members_[place].place = publishers_.add(
        {.client = &client,
         .destination = what.stored ? std::string(send_message_destination)
                                    : with_number(context_.server.as->topic_send, in.number),
         .body = what.stored ? chat_body(in.number, user, what.body_bytes)
                             : stamped_text("", what.body_bytes, ""),
         // Of people who come and go each reader's own account says what is on its way.
         .on_way = arrival_book(day_ ? 0 : readers)},
        static_cast<std::uint32_t>(first + publishers_.size() - in.first_publisher));
    if (day_) day_->add({in.number, user});
}

void room_load::add_member(role is, std::size_t room) {
    auto const& what = context_.what;
    std::size_t const in_a_room =
        is == role::participant ? what.subscribers : what.publishers + what.subscribers;
    std::size_t const before = context_.first_of(what.rooms) * in_a_room;
    clients_.add(before + clients_.size() + 1);
    member added{.is = is, .room = room};
    if (added.reads()) added.streams.resize(what.senders_per_room());
    members_.push_back(std::move(added));
}

void room_load::open() {
    clients_.connect_all(bench_clock::now());
    if (!receipts()) probe();
}

std::string room_load::missing() const {
    std::string out = fmt::format("{} of {} clients are not ready ({} connected)",
                                  clients_.size() - ready_, clients_.size(), clients_.connected());
    if (!clients_.last_failure().empty()) out += ": " + clients_.last_failure();
    return out;
}

void room_load::on_connected(stomp_client& client) {
    clients_.on_connected(client);
    auto& who = members_[client.index];
    // A user joins once; who comes back is still a member.
    if (context_.what.stored && context_.who.distinct() && !who.counted_ready) {
        join(client, who);
        return;
    }
    who.is == role::publisher ? is_ready(who) : subscribe(client, who);
}

void room_load::join(stomp_client& client, member& who) {
    who.waits_for = step::membership;
    auto const user = context_.who.user_of(clients_.number_of(client));
    client.send(join_destination, join_body(rooms_[who.room].number, user), joined_receipt);
}

void room_load::subscribe(stomp_client& client, member& who) {
    who.waits_for = step::subscription;
    bool const returns = who.is_there == presence::coming;
    if (!who.counted_ready || returns) who.asked = bench_clock::now();
    std::string resume;
    // Who left does not ask for what was said without him.
    if (context_.what.stored && who.last_sequence > 0 && !returns) {
        resume = fmt::format("x-last-seq:{}\n", who.last_sequence);
    }
    client.subscribe(subscription, rooms_[who.room].topic,
                     receipts() ? subscribed_receipt : std::string_view(), resume);
}

void room_load::is_ready(member& who) {
    if (who.waits_for == step::nothing || who.waits_for == step::farewell) return;
    bool const subscribed = who.waits_for == step::subscription;
    who.waits_for = step::nothing;
    if (who.is == role::publisher && who.counted_ready) {
        --not_back_;
        publishers_.release(who.place, bench_clock::now());
    }
    if (subscribed) {
        bool const resumes = who.counted_ready && who.is_there == presence::here;
        if (resumes) --not_back_;
        // A probe tells that one is subscribed, and not since when.
        if (resumes || receipts()) {
            context_.record.took(resumes ? latency::resume : latency::subscribe, who.asked,
                                 bench_clock::now());
        }
        is_back(who);
    }
    if (!std::exchange(who.counted_ready, true)) ++ready_;
}

void room_load::on_receipt(stomp_client& client, std::string_view receipt) {
    auto& who = members_[client.index];
    if (receipt == joined_receipt && who.waits_for == step::membership) {
        who.is == role::publisher ? is_ready(who) : subscribe(client, who);
    } else if (receipt == subscribed_receipt) {
        is_ready(who);
        if (who.is == role::slow_reader) client.pause_reading();
    } else if (receipt == gone_receipt) {
        is_gone(client, who);
    } else if (receipt == left_receipt) {
        if (who.waits_for != step::farewell) return;
        if (who.is == role::publisher) return reconnect(client, who);
        who.waits_for = step::nothing;
        --slow_undecided_;
    } else if (who.sends()) {
        publishers_.on_receipt(who.place, receipt);
    }
}

void room_load::on_message(stomp_client& client, frame_view message) {
    auto& who = members_[client.index];
    if (who.is == role::publisher) return;
    // A room numbers what it says of joining and leaving, too.
    if (context_.what.stored && who.reads()) take_sequence(who, message);
    auto const seen = find_stamp(message.body());
    if (!seen) return;
    std::size_t const place = publishers_.place_of(*seen);
    if (place == publishers_.size()) return;
    if (seen->number == 0) {
        is_ready(who);
        if (who.is == role::slow_reader && !slow_asked_) client.pause_reading();
        return;
    }
    if (who.is == role::slow_reader) return;
    if (!receipts()) is_ready(who);
    auto const now = bench_clock::now();
    auto const kind = who.streams[place - rooms_[who.room].first_publisher].on(seen->number);
    who.seen.count(kind);
    if (kind == arrival::duplicate) return;
    publishers_.on_arrival(place, seen->number);
    context_.record.delivered(now);
    context_.record.took(latency::delivery, seen->due, now);
    if (std::size_t const urls = context_.server.urls.size(); urls > 1) {
        bool const same = clients_.number_of(client) % urls ==
                          clients_.number_of(*publishers_.at(place).client) % urls;
        context_.record.took(same ? latency::same_url : latency::other_url, seen->due, now);
    }
}

void room_load::take_sequence(member& who, frame_view message) {
    auto const text = message.header("seq");
    std::uint64_t number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) return;
    // What was in the room before the subscription is nobody's loss.
    if (who.last_sequence == 0) who.sequence = arrivals(number - 1);
    who.seen_sequence.count(who.sequence.on(number));
    who.last_sequence = std::max(who.last_sequence, number);
    if (day_) day_->saw(who.place, who.last_sequence);
}

void room_load::on_error(stomp_client& client, frame_view error) {
    auto const& who = members_[client.index];
    // Closed for not reading, as it should be; on_closed counts it.
    if (who.is == role::slow_reader && who.counted_ready) return;
    clients_.on_error(error);
}

void room_load::on_closed(stomp_client& client, std::string_view reason) {
    auto& who = members_[client.index];
    if (who.is == role::publisher && who.waits_for == step::farewell) {
        return reconnect(client, who);
    }
    if (std::exchange(who.waits_for, step::connection) == step::farewell) --slow_undecided_;
    if (who.is == role::slow_reader && who.counted_ready) {
        // What servers do with those who do not read; no error.
        ++slow_closed_;
        clients_.close(client, false);
        return;
    }
    clients_.on_closed(client, reason);
}

void room_load::begin(bench_clock::time_point start) {
    std::size_t const senders = context_.what.rooms * context_.what.senders_per_room();
    std::size_t const first_sender =
        context_.first_of(context_.what.rooms) * context_.what.senders_per_room();
    publishers_.begin(start, senders);
    if (day_) day_->begin(start, first_sender, senders);
    if (context_.what.kind == scenario_kind::resume) {
        auto const half = context_.what.warm_up + context_.what.measured() / 2;
        cut_at_ = start + std::chrono::duration_cast<bench_clock::duration>(half);
    }
}

bench_clock::time_point room_load::tick(bench_clock::time_point now) {
    if (now >= cut_at_) cut_off();
    auto const next_connect = clients_.tick(now);
    auto const next_send = day_ ? day_->tick(now) : publishers_.tick(now);
    return std::min({next_connect, next_send, cut_at_});
}

void room_load::cut_off() {
    // From when it was due: a thread that was held up, perhaps to the end, leaves no latency out.
    auto const due = std::exchange(cut_at_, bench_clock::time_point::max());
    for (std::size_t place = 0; place < clients_.size(); ++place) {
        auto& who = members_[place];
        auto& client = clients_.at(place);
        if (who.is == role::reader) {
            who.asked = due;
            ++not_back_;
            reconnect(client, who);
        } else if (!context_.what.publishers_stay && client.connected()) {
            // What a cut swallows of its messages would be nobody's loss: it takes its leave.
            who.waits_for = step::farewell;
            ++not_back_;
            publishers_.hold(who.place);
            client.disconnect(left_receipt);
        }
    }
    if (!receipts()) probe();
}

void room_load::reconnect(stomp_client& client, member& who) {
    who.waits_for = step::connection;
    clients_.close(client, false);
    clients_.connect(client, bench_clock::now());
}

void room_load::probe() {
    if (ready() && not_back_ == 0) return;
    if (clients_.connected() == clients_.size()) {
        for (auto const& each : rooms_) publishers_.probe(each.first_publisher);
    }
    context_.loop.at(bench_clock::now() + probe_pace, [this] { probe(); });
}

bool room_load::settled() const {
    return publishers_.settled() && clients_.waiting() == 0 &&
           (!day_ || (day_->settled() && everything_came())) && slow_asked_ &&
           slow_undecided_ == 0 && not_back_ == 0;
}

// Who does not read does not see that it was closed, either: its kernel has what came before.
void room_load::ask_slow_readers() {
    slow_asked_ = true;
    for (std::size_t place = 0; place < members_.size(); ++place) {
        auto& who = members_[place];
        auto& client = clients_.at(place);
        if (who.is != role::slow_reader || !client.connected()) continue;
        client.resume_reading();
        who.waits_for = step::farewell;
        ++slow_undecided_;
        if (receipts()) {
            client.unsubscribe(subscription, left_receipt);
        } else {
            client.disconnect(left_receipt);
        }
    }
}

bench_clock::time_point room_load::settle(bench_clock::time_point now) {
    if (day_) day_->take_history();
    settling_since_ = std::min(settling_since_, now);
    if (!slow_asked_ && (publishers_.settled() || now - settling_since_ >= slow_readers_wait)) {
        ask_slow_readers();
    }
    return clients_.tick(now);
}

void room_load::finish(run_result& into) {
    for (auto& who : members_) {
        if (!who.reads()) continue;
        std::size_t place = rooms_[who.room].first_publisher;
        for (auto const& stream : who.streams) {
            std::uint64_t const sent = publishers_.at(place++).sent;
            who.seen.expected += sent - stream.excused(sent);
            who.seen.lost += stream.lost(sent);
        }
        into.arrivals.add(who.seen);
        if (who.last_sequence == 0) continue;
        // The room's last number is not known: what lies between the first and the highest counts.
        who.seen_sequence.lost = who.sequence.lost(who.sequence.highest());
        who.seen_sequence.expected = who.seen_sequence.arrived + who.seen_sequence.lost;
        into.room_sequence.add(who.seen_sequence);
    }
    if (context_.what.receipts) {
        into.add_count("receipts_missing", publishers_.missing_receipts() + unanswered_movements());
    }
    if (day_) {
        day_->take_history();  // what came since the last look
        day_->finish(into);
    }
    if (context_.what.kind == scenario_kind::resume) into.add_count("resume_missing", not_back_);
    if (auto const held = publishers_.held(); held > 0) {
        into.errors["not sent: the publisher has not come back"] += held;
    }
    if (publishers_.stalls() > 0) {
        into.warnings.push_back(fmt::format(
            "{} times a publisher at full load waited 2 s in vain, and its messages on their "
            "way were given up",
            publishers_.stalls()));
    }
    if (context_.what.kind == scenario_kind::slow) {
        into.add_count("slow_readers_closed", slow_closed_);
    }
}

}  // namespace bench
