#include "broker/auth/jwt/jwks_source.hpp"
#include "support/jwks_server.hpp"
#include "support/signing.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

using namespace broker::auth;
using namespace std::chrono_literals;

namespace {

std::string one_key_set(std::string_view kid) {
    static auto const key = signing::make_p256_key();
    return signing::key_set(signing::jwk(key, kid));
}

jwt_options from(std::string location) {
    return {.algorithms = {jwt_algorithm::es256},
            .jwks_location = std::move(location),
            .jwks_min_gap = 0ms};
}

// The ids of the set after a fetch that this asks for.
std::string ids_after_refresh(jwks_source& source) {
    std::promise<std::string> answer;
    bool const asked = source.refresh([&](key_set_ptr const& keys) {
        std::string ids;
        if (!keys)
            ids = "none";
        else
            for (auto const& key : *keys) ids += key.id + " ";
        answer.set_value(ids);
    });
    return asked ? answer.get_future().get() : "refused";
}

// The fetch that begins by itself may answer for an earlier state of the server.
std::string settled_ids(jwks_source& source) {
    ids_after_refresh(source);
    return ids_after_refresh(source);
}

struct recorder {
    std::mutex mutex;
    std::vector<std::string> events;
    std::function<void(auth_event const&)> sink() {
        return [this](auth_event const& event) {
            std::lock_guard lock(mutex);
            events.push_back(std::string(event.name) + " " + event.detail);
        };
    }
    bool has(std::string_view part) {
        std::lock_guard lock(mutex);
        for (auto const& event : events) {
            if (event.find(part) != std::string::npos) return true;
        }
        return false;
    }
};

}  // namespace

TEST_CASE("a key set is fetched at start, and again when it is asked for") {
    jwks_server server(one_key_set("old"));
    recorder seen;
    jwks_source source(from(server.address()), seen.sink());
    CHECK(settled_ids(source) == "old ");
    server.answer(one_key_set("new"));
    CHECK(ids_after_refresh(source) == "new ");
    REQUIRE(source.current());
    CHECK(source.current()->front().id == "new");
    CHECK(seen.has("jwks_loaded " + server.address() + ": 1 keys"));
}

TEST_CASE("passwords in the address are not told") {
    jwks_server server(one_key_set("old"));
    auto const host = server.address().substr(std::string("http://").size());
    recorder seen;
    {
        jwks_source source(from("http://joe:secret@" + host + "?key=secret"), seen.sink());
        CHECK(settled_ids(source) == "old ");
        server.answer("nothing", 500);
        ids_after_refresh(source);
    }
    CHECK(seen.has("jwks_loaded " + server.address() + ": 1 keys"));
    CHECK(seen.has("jwks_failed " + server.address() + ": "));
    CHECK_FALSE(seen.has("secret"));
}

TEST_CASE("the last good set is kept while the address fails") {
    jwks_server server(one_key_set("good"));
    recorder seen;
    jwks_source source(from(server.address()), seen.sink());
    CHECK(settled_ids(source) == "good ");
    server.answer(one_key_set("bad"), 503);
    CHECK(ids_after_refresh(source) == "good ");
    CHECK(seen.has("the answer has status 503"));
    server.answer("<html>");
    CHECK(ids_after_refresh(source) == "good ");
    CHECK(seen.has("it is no JSON Web Key Set"));
    server.answer(std::string(max_key_set_bytes + 1, ' '));
    CHECK(ids_after_refresh(source) == "good ");
    CHECK(seen.has("longer than"));
    server.answer(one_key_set("back"));
    CHECK(ids_after_refresh(source) == "back ");
}

TEST_CASE("an address where nobody listens leaves no keys, and is tried again by itself") {
    recorder seen;
    auto server = std::make_unique<jwks_server>(one_key_set("x"));
    auto const address = server->address();
    server.reset();
    jwks_source source(from(address), seen.sink());
    CHECK(settled_ids(source) == "none");
    CHECK(source.current() == nullptr);
    CHECK(seen.has("jwks_failed " + address));
}

TEST_CASE("after a failure the next try comes by itself") {
    jwks_server server("not yet");
    jwks_source source(from(server.address()), {});
    server.wait_for_requests(1);
    server.answer(one_key_set("later"));
    server.wait_for_requests(2);  // a second later, not jwks_refresh
    CHECK(settled_ids(source) == "later ");
}

TEST_CASE("tokens with unknown keys cannot make more than one fetch in the gap") {
    jwks_server server(one_key_set("a"));
    auto options = from(server.address());
    options.jwks_min_gap = 1h;
    jwks_source source(options, {});
    ids_after_refresh(source);  // joins the first fetch, or comes too late
    CHECK(ids_after_refresh(source) == "refused");
    CHECK(ids_after_refresh(source) == "refused");
    CHECK(server.requests() == 1);
}

TEST_CASE("who asks while a fetch is under way waits for that one") {
    jwks_server server(one_key_set("a"));
    server.stall();
    jwks_source source(from(server.address()), {});
    server.wait_for_requests(1);
    std::promise<int> both;
    std::atomic<int> answered = 0;
    for (int i = 0; i < 2; ++i) {
        CHECK(source.refresh([&](key_set_ptr const& keys) {
            CHECK(keys != nullptr);
            if (++answered == 2) both.set_value(2);
        }));
    }
    server.answer(one_key_set("a"));
    CHECK(both.get_future().get() == 2);
    CHECK(server.requests() == 1);
}

TEST_CASE("a source ends at once although its fetch hangs") {
    jwks_server server(one_key_set("a"));
    server.stall();
    auto const begin = std::chrono::steady_clock::now();
    {
        auto options = from(server.address());
        options.jwks_timeout = 60s;
        jwks_source source(options, {});
        server.wait_for_requests(1);
        source.refresh([](key_set_ptr const&) { FAIL("dropped instead"); });
    }
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a redirect is followed to http and https only") {
    jwks_server server(one_key_set("here"));
    jwks_server front("");
    front.redirect_to(server.address());
    jwks_source source(from(front.address()), {});
    CHECK(settled_ids(source) == "here ");

    front.redirect_to("file:///etc/passwd");
    recorder seen;
    jwks_source refused(from(front.address()), seen.sink());
    CHECK(settled_ids(refused) == "none");
    CHECK(seen.has("jwks_failed"));
}

TEST_CASE("a file is read again when it is asked for") {
    auto const path = std::filesystem::temp_directory_path() /
                      ("stampede-jwks-" + std::to_string(::getpid()) + ".json");
    auto const write = [&](std::string const& text) { std::ofstream(path) << text; };
    write(one_key_set("one"));
    {
        jwks_source source(from(path.string()), {});
        CHECK(settled_ids(source) == "one ");
        write(one_key_set("two"));
        CHECK(ids_after_refresh(source) == "two ");
        std::filesystem::remove(path);
        CHECK(ids_after_refresh(source) == "two ");
    }
}
