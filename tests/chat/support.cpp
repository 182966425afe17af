#include "support.hpp"

#include <simdjson.h>
#include <unistd.h>
#include <atomic>
#include <cstdlib>
#include <stdexcept>

namespace chat_tests {
namespace {

using namespace std::chrono_literals;
namespace transport = broker::transport;

class test_exchange final : public transport::http_exchange {
public:
    test_exchange(transport::http_request request, broker::executor& home)
        : request_(std::move(request)), home_(home) {}

    transport::http_request const& request() const override { return request_; }
    broker::executor& home() override { return home_; }
    void respond(transport::http_response response) override {
        if (answered_) throw std::logic_error("answered twice");
        answered_ = std::move(response);
    }
    void start_stream(transport::http_response const&) override { unexpected(); }
    void write(std::string) override { unexpected(); }
    void finish() override { unexpected(); }
    std::size_t queued_bytes() const override { return 0; }
    void on_abort(broker::unique_function<void()>) override {}
    void on_drained(broker::unique_function<void()>) override {}
    bool is_websocket_upgrade() const override { return false; }
    void accept_websocket(std::string_view, transport::websocket_options const&,
                          std::unique_ptr<transport::websocket_handler>) override {
        unexpected();
    }
    void drop() override { unexpected(); }
    void move_to_shard(std::size_t, std::function<void(std::shared_ptr<http_exchange>)>) override {
        unexpected();
    }
    std::size_t shard_index() const override { return 0; }
    std::size_t shard_count() const override { return 1; }

    std::optional<transport::http_response> const& answered() const { return answered_; }

private:
    [[noreturn]] static void unexpected() { throw std::logic_error("not used by the chat"); }

    transport::http_request request_;
    broker::executor& home_;
    std::optional<transport::http_response> answered_;
};

// The time of a message differs from run to run.
std::string without_time(std::string_view body) {
    std::string text(body);
    auto const from = text.find(",\"createdAt\":\"");
    if (from == std::string::npos) return text;
    auto const end = text.find('"', from + 14);
    return text.erase(from, end + 1 - from);
}

std::filesystem::path new_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "stampede-chat-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    return pattern;
}

}  // namespace

void test_shard::post(broker::unique_function<void()> work) {
    std::scoped_lock const lock(mutex_);
    work_.push_back(std::move(work));
    posted_.notify_one();
}

bool test_shard::run_until(std::function<bool()> const& condition) {
    auto const deadline = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
        broker::unique_function<void()> next;
        {
            std::unique_lock lock(mutex_);
            if (!posted_.wait_until(lock, deadline, [&] { return !work_.empty(); })) return false;
            next = std::move(work_.front());
            work_.pop_front();
        }
        next();
    }
    return true;
}

bool recording_bus::wait_for_event() {
    std::unique_lock lock(mutex_);
    return published_.wait_for(lock, 30s, [this] { return !events_.empty(); });
}

void recording_bus::publish(std::vector<broker::bus_event> events) {
    std::scoped_lock const lock(mutex_);
    published_.notify_all();
    for (auto& event : events) {
        if (auto* topic = std::get_if<broker::topic_event>(&event)) {
            events_.push_back("topic " + std::string(topic->message->destination()) + " " +
                              without_time(topic->message->body()));
            messages_.push_back(topic->message);
        } else if (auto* user = std::get_if<broker::user_event>(&event)) {
            events_.push_back("user " + user->user + " " + user->queue + " " +
                              without_time(user->message->body()));
        } else if (auto* ended = std::get_if<broker::access_ended_event>(&event)) {
            events_.push_back("ended " + ended->user + " " + ended->destination);
        } else if (auto* all = std::get_if<broker::everybody_event>(&event)) {
            events_.push_back("everybody " + all->queue + " " + without_time(all->message->body()));
        }
    }
}

std::vector<std::string> recording_bus::take() {
    std::scoped_lock const lock(mutex_);
    return std::exchange(events_, {});
}

std::vector<broker::message_ptr> recording_bus::messages() const {
    std::scoped_lock const lock(mutex_);
    return messages_;
}

void test_authenticator::authenticate(broker::credentials const& offered, broker::executor&,
                                      broker::unique_function<void(broker::auth_outcome)> done) {
    auto const& token = offered.authorization;
    if (!token && open_mode) return done(believed());
    if (!token) return done(broker::auth_refusal{"credentials_missing", "Credentials are needed."});
    auto const name = token->substr(std::string_view("Bearer ").size());
    if (name == "service" || name == "guest" || name == "admin") {
        auto who = std::make_shared<broker::principal>();
        who->name = name;
        if (name != "guest") who->roles = {std::string(name)};
        return done(broker::principal_ptr(std::move(who)));
    }
    if (name == "unchecked") {
        return done(broker::auth_refusal{"auth_unavailable", "The keys are away.",
                                         std::chrono::milliseconds(4'001)});
    }
    auto const user = std::strtoull(name.c_str(), nullptr, 10);
    if (user == 0) return done(broker::auth_refusal{"token_invalid", "The token is not valid."});
    done(verified(user));
}

std::string answer::header(std::string_view name) const {
    for (auto const& one : headers) {
        if (one.name == name) return one.value;
    }
    return {};
}

std::string answer::at(std::string_view pointer) const {
    return json_at(body, pointer);
}

std::string json_at(std::string_view body, std::string_view pointer) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    simdjson::dom::element value;
    if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return "not JSON";
    if (root.at_pointer(pointer).get(value) != simdjson::SUCCESS) return "-";
    if (value.is_string()) return std::string(value.get_string().value_unsafe());
    return simdjson::minify(value);
}

broker::principal_ptr verified(std::uint64_t user, std::vector<std::string> roles) {
    auto who = std::make_shared<broker::principal>();
    who->name = std::to_string(user);
    who->user_id = user;
    who->roles = std::move(roles);
    return who;
}

broker::principal_ptr believed(std::optional<std::uint64_t> user) {
    auto who = std::make_shared<broker::principal>();
    who->unverified = true;
    who->user_id = user;
    if (user) who->name = std::to_string(*user);
    return who;
}

chat_node::chat_node(chat::chat_options options, bool open_mode, bool outbox)
    : directory_(new_directory()) {
    authenticator.open_mode = open_mode;
    persistence::storage_options where;
    where.location = (directory_ / "chat.db").string();
    where.outbox = outbox;
    storage_ = persistence::open_storage(std::move(where));
    auto make_writer = [this](chat::batch_listener& listener) {
        return storage_->start_writer(listener);
    };
    module_ = std::make_unique<chat::chat_module>(storage_->store(), make_writer, bus, sessions,
                                                  authenticator, options);
    module_->register_routes(routes_, [](transport::http_request const& request) {
        return request.header("Origin") != "http://evil.example";
    });
}

chat_node::~chat_node() {
    module_.reset();
    storage_.reset();
    std::filesystem::remove_all(directory_);
}

answer chat_node::rest(std::string_view method, std::string_view target, std::string_view body,
                       headers extra) {
    transport::http_request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (auto const query = target.find('?'); query != std::string_view::npos)
        request.query = target.substr(query + 1);
    request.headers = std::move(extra);
    if (!body.empty() && !request.header("Content-Type"))
        request.headers.push_back({"Content-Type", "application/json"});
    request.body = body;
    request.id = transport::request_id_for(request);

    auto exchange = std::make_shared<test_exchange>(std::move(request), shard);
    routes_.find(exchange->request().path).handler(exchange);
    if (!shard.run_until([&] { return exchange->answered().has_value(); }))
        throw std::runtime_error("no answer");
    auto const& response = *exchange->answered();
    return {response.status, response.headers,
            response.static_body.empty() ? response.body : std::string(response.static_body)};
}

broker::app_flow chat_node::app_later(std::string_view destination, std::string_view body,
                                      broker::principal_ptr caller,
                                      std::function<void(broker::app_outcome)> done,
                                      bool behind_others) {
    stomp::frame frame;
    frame.body = body;
    return module_->app().on_app_send({.frame = frame,
                                       .destination = destination,
                                       .caller = std::move(caller),
                                       .session_id = "s",
                                       .home = shard,
                                       .behind_others = behind_others},
                                      std::move(done));
}

std::string chat_node::app(std::string_view destination, std::string_view body,
                           broker::principal_ptr caller, std::string_view key) {
    std::vector<stomp::header_view> fields;
    if (!key.empty()) fields.push_back({"idempotency-key", key});
    stomp::frame frame;
    frame.headers = fields;
    frame.body = body;
    std::optional<broker::app_outcome> outcome;
    module_->app().on_app_send({.frame = frame,
                                .destination = destination,
                                .caller = std::move(caller),
                                .session_id = "s",
                                .home = shard},
                               [&outcome](broker::app_outcome told) { outcome = std::move(told); });
    if (!shard.run_until([&] { return outcome.has_value(); }))
        throw std::runtime_error("no answer");
    auto const* error = std::get_if<broker::app_error>(&*outcome);
    if (error == nullptr) return "ok";
    reason_ = error->reason;
    return error->code;
}

std::string chat_node::open_topic(std::string destination, broker::principal_ptr caller) {
    std::optional<broker::open_outcome> outcome;
    module_->topics().open(std::move(destination), std::move(caller), shard,
                           [&outcome](broker::open_outcome told) { outcome = std::move(told); });
    if (!shard.run_until([&] { return outcome.has_value(); }))
        throw std::runtime_error("no answer");
    if (auto const* seq = std::get_if<std::uint64_t>(&*outcome)) return std::to_string(*seq);
    return std::get<broker::topic_refusal>(*outcome).code;
}

void chat_node::with_unit(std::function<void(chat::unit_of_work&)> work) {
    std::optional<bool> finished;
    auto run = [work = std::move(work)](chat::unit_of_work& unit) -> chat::result<bool> {
        work(unit);
        return true;
    };
    chat::in_transaction(storage_->store(), chat::access::read_write, shard, std::move(run),
                         [&finished](chat::result<bool> done) { finished = done.has_value(); });
    if (!shard.run_until([&] { return finished.has_value(); }) || !*finished)
        throw std::runtime_error("the transaction failed");
}

}  // namespace chat_tests
