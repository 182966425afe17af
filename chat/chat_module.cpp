#include "chat/chat_module.hpp"

#include "chat/app/app_handlers.hpp"
#include "chat/batch_publisher.hpp"
#include "chat/direct_inbox.hpp"
#include "chat/message_builder.hpp"
#include "chat/operations/context.hpp"
#include "chat/rest/rest_service.hpp"
#include "chat/room_topic.hpp"
#include "chat/room_topics.hpp"
#include "chat/seen_users.hpp"
#include "chat/tracked_store.hpp"

#include <boost/system/system_error.hpp>
#include <future>
#include <utility>

namespace chat {

// Ends in the opposite order: the writer first, which gives its last batches to the publisher; the
// store's jobs before what they come back to.
struct chat_module::parts {
    parts(store& where, writer_factory const& make_writer, broker::bus& bus,
          broker::user_sessions& sessions, broker::authenticator& credentials,
          chat_options const& options)
        : jobs(where, [this] { users.store_works(); }),
          users(credentials, jobs),
          shared{jobs, bus, sessions, options},
          publisher(bus, options.on_stored),
          app(shared),
          topics(jobs),
          inbox(jobs, bus),
          rest(shared, users) {
        writer = make_writer(publisher);
        shared.writer = writer.get();
    }

    ~parts() {
        inbox.stop();
        // A job that comes back from the store may still append.
        jobs.wait();
        writer.reset();
    }

    tracked_store jobs;
    seen_users users;
    context shared;
    batch_publisher publisher;
    app::app_handlers app;
    room_topics topics;
    direct_inbox inbox;
    rest::rest_service rest;
    std::unique_ptr<message_writer> writer;
};

chat_module::chat_module(store& where, writer_factory const& make_writer, broker::bus& bus,
                         broker::user_sessions& sessions, broker::authenticator& credentials,
                         chat_options const& options)
    : parts_(std::make_unique<parts>(where, make_writer, bus, sessions, credentials, options)) {}

chat_module::~chat_module() = default;

broker::app_handler& chat_module::app() {
    return parts_->app;
}
broker::sequenced_topics& chat_module::topics() {
    return parts_->topics;
}
void chat_module::announce(broker::presence_change const& change) {
    auto const room = parse_id(change.room);
    auto const who = parse_id(change.user);
    if (!room || !who) return;
    auto told = presence_message(room_id(*room), user_id(*who), change.present);
    parts_->shared.bus.publish({broker::topic_event{std::move(told)}});
}

broker::user_inbox& chat_module::inbox() {
    return parts_->inbox;
}
message_writer& chat_module::writer() {
    return *parts_->writer;
}
broker::authenticator& chat_module::authenticator() {
    return parts_->users;
}

void chat_module::register_routes(
    broker::transport::http_routes& routes,
    std::function<bool(broker::transport::http_request const&)> origin_allowed,
    broker::limiting::limiter* limits) {
    parts_->rest.register_routes(routes, std::move(origin_allowed), limits);
}

void chat_module::admit_admin(std::shared_ptr<broker::transport::http_exchange> exchange,
                              bool forwarded, broker::unique_function<void(rest::rest_call)> then) {
    using kept = rest::rest_service::limits_kept;
    parts_->rest.admit_admin(std::move(exchange), forwarded ? kept::elsewhere : kept::here,
                             std::move(then));
}

void ensure_lobby(store& where) {
    std::promise<boost::system::error_code> finished;
    auto work = [](unit_of_work& unit) {
        if (unit.any_room()) return false;
        return unit.create_room({.name = "Lobby", .study = {}, .metadata = {}}).has_value();
    };
    where.run(access::read_write, std::move(work),
              [&finished](boost::system::error_code failed) { finished.set_value(failed); });
    if (auto const failed = finished.get_future().get())
        throw boost::system::system_error(failed, "the lobby cannot be created");
}

}  // namespace chat
