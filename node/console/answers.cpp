#include "node/console/answers.hpp"

#include "chat/json/object_writer.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

namespace node::console {
namespace {

namespace json = chat::json;
using json::object_writer;

void append_node(std::string& out, broker::cluster_node const& each) {
    object_writer one(out);
    one.field("id", each.id).field("address", each.internal_address);
    one.close();
}

chat::timestamp to_time(std::chrono::sys_seconds when) {
    return when;
}

void append_fields(object_writer& to, broker::session_report const& each) {
    to.field("session", each.session)
        .field("user", each.user)
        .field("transport", each.transport)
        .field("address", each.address)
        .field("since", to_time(each.since))
        .field("version", each.version)
        .field("queuedBytes", each.queued_bytes)
        .field("heartBeat", fmt::format("{},{}", each.beats_in.count(), each.beats_out.count()));
}

void append_session(std::string& out, broker::session_report const& each) {
    object_writer one(out);
    append_fields(one, each);
    one.field("subscriptions", each.subscriptions);
    one.close();
}

}  // namespace

std::string nodes_json(broker::cluster_node const& self,
                       std::vector<broker::cluster_node> const& others) {
    auto all = others;
    all.push_back(self);
    std::ranges::sort(all, {}, &broker::cluster_node::id);
    std::string out;
    object_writer body(out);
    body.field("self", self.id);
    json::append_array(body.key("nodes"), all, append_node);
    body.close();
    return out;
}

std::string destinations_json(std::vector<broker::destination_report> const& found) {
    std::string out;
    object_writer body(out);
    json::append_array(
        body.key("destinations"), found,
        [](std::string& to, broker::destination_report const& each) {
            object_writer one(to);
            one.field("destination", each.destination).field("subscribers", each.subscribers);
            one.close();
        });
    body.close();
    return out;
}

std::string sessions_json(broker::session_listing const& found) {
    std::string out;
    object_writer body(out);
    json::append_array(body.key("sessions"), found.sessions, append_session);
    body.field("more", found.more);
    body.close();
    return out;
}

std::string session_json(broker::session_details const& found) {
    std::string out;
    object_writer body(out);
    append_fields(body, found.session);
    json::append_array(body.key("subscriptions"), found.subscriptions,
                       [](std::string& to, broker::subscription_report const& each) {
                           object_writer one(to);
                           one.field("id", each.id)
                               .field("destination", each.destination)
                               .field("ack", each.ack)
                               .field("pending", each.pending);
                           one.close();
                       });
    body.close();
    return out;
}

std::string bans_json(std::vector<chat::ban> const& found) {
    std::string out;
    object_writer body(out);
    json::append_array(body.key("bans"), found, [](std::string& to, chat::ban const& each) {
        object_writer one(to);
        one.field("user", each.user)
            .field("by", each.by)
            .field("since", each.since)
            .field("reason", each.reason);
        one.close();
    });
    body.close();
    return out;
}

broker::session_listing together(std::vector<broker::session_listing> parts,
                                 broker::session_question const& question) {
    broker::session_listing all;
    for (auto& part : parts) {
        std::ranges::move(part.sessions, std::back_inserter(all.sessions));
        all.more = all.more || part.more;
    }
    auto const rank = [&question](broker::session_report const& each) {
        auto const first = question.slow ? -static_cast<std::int64_t>(each.queued_bytes)
                                         : -each.since.time_since_epoch().count();
        return std::pair(first, std::string_view(each.session));
    };
    std::ranges::sort(all.sessions, {}, rank);
    if (all.sessions.size() > question.limit) {
        all.sessions.resize(question.limit);
        all.more = true;
    }
    return all;
}

std::vector<broker::destination_report> together(
    std::vector<std::vector<broker::destination_report>> parts, std::size_t limit) {
    std::map<std::string, std::uint64_t> sums;
    for (auto& part : parts) {
        for (auto& each : part) sums[std::move(each.destination)] += each.subscribers;
    }
    std::vector<broker::destination_report> all;
    all.reserve(sums.size());
    for (auto const& [name, count] : sums) all.push_back({name, count});
    std::ranges::stable_sort(all, std::ranges::greater(), &broker::destination_report::subscribers);
    if (all.size() > limit) all.resize(limit);
    return all;
}

}  // namespace node::console
