#include "tests/sockjs/support.hpp"

#include <algorithm>
#include <cctype>

namespace sockjs_test {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

}  // namespace

std::string fake_exchange::header(std::string_view name) const {
    if (!answer) return {};
    for (auto const& each : answer->headers) {
        if (same_name(each.name, name)) return each.value;
    }
    return {};
}

bool fake_exchange::has_header(std::string_view name) const {
    return answer && std::ranges::any_of(answer->headers, [name](http_header const& each) {
               return same_name(each.name, name);
           });
}

std::string fake_exchange::text() const {
    std::string all = answer ? answer->body : std::string();
    for (auto const& piece : pieces) all += piece;
    return all;
}

void logging_handler::on_open(sockjs::connection& connection) {
    ++log_.opened;
    log_.destroyed = false;
    log_.connection = &connection;
    if (log_.when_open) log_.when_open(connection);
}

void logging_handler::on_message(std::span<char> message, frame_kind) {
    log_.messages.emplace_back(message.begin(), message.end());
    std::ranges::fill(message, '!');  // it may be changed in place
    if (log_.when_message) log_.when_message(*log_.connection, log_.messages.back());
}

void logging_handler::on_overflow(sockjs::connection& connection) {
    ++log_.overflows;
    if (log_.when_overflow) return log_.when_overflow(connection);
    handler::on_overflow(connection);
}

void logging_handler::on_close(std::uint16_t code, std::string_view reason) {
    log_.closed.emplace(code, std::string(reason));
    log_.connection = nullptr;
}

void send_text(sockjs::connection& to, std::string text, bool droppable) {
    auto* const whole = new payload(std::move(text));
    whole->droppable = droppable;
    to.send({}, payload_ref(whole), frame_kind::text);
}

void make_echo(application_log& log) {
    log.when_message = [](sockjs::connection& from, std::string const& text) {
        send_text(from, text);
    };
}

namespace {

sockjs::service_options with_test_defaults(sockjs::service_options options) {
    if (options.prefix == sockjs::service_options{}.prefix) options.prefix = "/echo";
    return options;
}

}  // namespace

service_rig::service_rig(sockjs::service_options options, std::size_t shard_count)
    : shards(shard_count),
      service(
          with_test_defaults(std::move(options)),
          [this](http_request const&, executor&) { return std::make_unique<logging_handler>(log); },
          [this](http_exchange& exchange) { return shards[exchange.shard_index()].context(); }) {}

exchange_ptr service_rig::make_exchange(std::string method, std::string target,
                                        std::vector<http_header> headers, std::string body) {
    auto asked = std::make_shared<fake_exchange>();
    auto const question = target.find('?');
    asked->asked.method = std::move(method);
    asked->asked.path = target.substr(0, question);
    if (question != target.npos) asked->asked.query = target.substr(question + 1);
    asked->asked.target = std::move(target);
    asked->asked.headers = std::move(headers);
    asked->asked.body = std::move(body);
    asked->shards = shards.size();
    asked->shard_home = &shards[0].home;
    return asked;
}

void service_rig::serve(exchange_ptr const& asked) {
    service.handle(asked);
    shards[asked->shard].turn();
}

exchange_ptr service_rig::request(std::string method, std::string target,
                                  std::vector<http_header> headers, std::string body) {
    auto asked =
        make_exchange(std::move(method), std::move(target), std::move(headers), std::move(body));
    serve(asked);
    return asked;
}

exchange_ptr service_rig::upgrade(std::string target, std::vector<http_header> headers) {
    auto asked = make_exchange("GET", std::move(target), std::move(headers), {});
    asked->asked.headers.push_back({"Upgrade", "websocket"});
    asked->asked.headers.push_back({"Connection", "Upgrade"});
    asked->upgradable = true;
    serve(asked);
    return asked;
}

}  // namespace sockjs_test
