#include "chat/app/app_handlers.hpp"
#include "chat/batch_publisher.hpp"
#include "chat/room_access.hpp"
#include "chat/room_topics.hpp"
#include "chat/seen_users.hpp"
#include "support.hpp"

#include <doctest/doctest.h>

// What clients are told when the store refuses, and rules that no request of today can reach on a
// real store.

using namespace chat_tests;
using namespace chat;

namespace {

class refusing_store final : public store {
public:
    errc why = errc::store_busy;
    void run(chat::access, std::function<bool(unit_of_work&)>,
             broker::unique_function<void(boost::system::error_code)> done,
             std::chrono::milliseconds) override {
        done(why);
    }
};

class refusing_writer final : public message_writer {
public:
    explicit refusing_writer(batch_listener& listener) : listener_(listener) {}
    errc why = errc::store_busy;
    void append(pending_write write) override {
        std::vector<finished_write> batch;
        batch.push_back({{.stored = why}, std::move(write.waiter)});
        listener_.on_batch(std::move(batch));
    }
    void append_all(std::vector<pending_write> writes) override {
        for (auto& write : writes) append(std::move(write));
    }
    void probe(broker::unique_function<void(boost::system::error_code)> done) override {
        done(why);
    }

private:
    batch_listener& listener_;
};

struct broken_chat {
    refusing_store store;
    recording_bus bus;
    batch_publisher publisher{bus};
    refusing_writer writer{publisher};
    broker::local_user_sessions sessions{"here", broker::local_user_sessions::setting::alone};
    context shared{store, bus, sessions, {}, &writer};
    app::app_handlers handlers{shared};
    test_shard shard;

    std::string send(std::string_view destination, std::string_view body) {
        stomp::frame frame;
        frame.body = body;
        std::optional<broker::app_outcome> outcome;
        handlers.on_app_send({.frame = frame,
                              .destination = destination,
                              .caller = verified(7),
                              .session_id = "s",
                              .home = shard},
                             [&](broker::app_outcome told) { outcome = std::move(told); });
        REQUIRE(shard.run_until([&] { return outcome.has_value(); }));
        auto const* error = std::get_if<broker::app_error>(&*outcome);
        return error == nullptr ? "ok" : error->code;
    }
};

}  // namespace

TEST_CASE("a store that refuses is told as it is, and nothing is published") {
    for (auto const why :
         {errc::store_busy, errc::store_unavailable, errc::store_in_doubt, errc::room_inactive}) {
        broken_chat chat;
        chat.store.why = why;
        chat.writer.why = why;
        auto const code = describe(why).code;
        CAPTURE(code);
        CHECK(chat.send("/app/chat.sendMessage", R"({"chatRoomId":1,"content":"x"})") == code);
        CHECK(chat.send("/app/chat.send", R"({"to":8,"message":"x"})") == code);
        CHECK(chat.send("/app/chat.join", R"({"chatRoomId":1})") == code);
        CHECK(chat.send("/app/chat.leave", R"({"chatRoomId":1})") == code);
        CHECK(chat.send("/app/chat.read", R"({"chatRoomId":1})") == code);
        CHECK(chat.send("/app/chat.typing", R"({"chatRoomId":1})") == code);
        CHECK(chat.bus.take().empty());
    }
}

TEST_CASE("a subscription is refused while the store cannot be asked") {
    broken_chat chat;
    chat.store.why = errc::store_unavailable;
    room_topics topics(chat.store);
    std::string code;
    topics.open("/topic/chatroom/1", verified(7), chat.shard,
                [&](broker::open_outcome const& told) {
                    code = std::get<broker::topic_refusal>(told).code;
                });
    REQUIRE(chat.shard.run_until([&] { return !code.empty(); }));
    CHECK(code == "store_unavailable");
    code.clear();
    topics.read_after("/topic/chatroom/1", 0, 10, chat.shard,
                      [&](broker::history_outcome const& told) {
                          code = std::get<broker::topic_refusal>(told).code;
                      });
    REQUIRE(chat.shard.run_until([&] { return !code.empty(); }));
    CHECK(code == "store_unavailable");
}

TEST_CASE("a store that cannot write keeps nobody out") {
    broken_chat chat;
    test_authenticator credentials;
    seen_users users(credentials, chat.store);
    for (auto i = 0; i < 3; ++i) {
        auto passed = false;
        users.authenticate({.login = {}, .passcode = {}, .authorization = "Bearer 7"}, chat.shard,
                           [&](broker::auth_outcome const& told) {
                               passed = std::holds_alternative<broker::principal_ptr>(told);
                           });
        CHECK(chat.shard.run_until([&] { return passed; }));
    }
}

TEST_CASE("an error of another module is store_unavailable to a client") {
    auto const foreign = boost::system::errc::make_error_code(boost::system::errc::io_error);
    CHECK(to_refusal(foreign).code == errc::store_unavailable);
}

TEST_CASE("nobody joins a room that takes no messages any more") {
    room closed;
    closed.active = false;
    CHECK(may_join(closed).error() == errc::room_inactive);
}
