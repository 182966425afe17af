#include "stomp/command.hpp"
#include "stomp/ack_mode.hpp"
#include "stomp/errors.hpp"
#include "stomp/frame.hpp"

#include <doctest/doctest.h>
#include <cctype>
#include <set>
#include <string>
#include <vector>

namespace stomp {
namespace {

using names = std::vector<std::string_view>;

names required(command c, version v) {
    names result;
    for (auto name : rule_of(c).required[static_cast<std::size_t>(v)]) {
        if (!name.empty()) result.push_back(name);
    }
    return result;
}

constexpr version versions[] = {version::v1_0, version::v1_1, version::v1_2};

}  // namespace

TEST_CASE("every command is found by its name and by nothing else") {
    for (auto const& rule : command_rules) {
        CAPTURE(rule.name);
        CHECK(parse_command(rule.name) == rule.command);
        auto lower = std::string(rule.name);
        for (auto& c : lower) c = static_cast<char>(std::tolower(c));
        CHECK(parse_command(lower) == std::nullopt);
        CHECK(parse_command(std::string(rule.name) + ' ') == std::nullopt);
        CHECK(parse_command(rule.name.substr(0, rule.name.size() - 1)) == std::nullopt);
        auto other = std::string(rule.name);
        other.back() = '_';
        CHECK(parse_command(other) == std::nullopt);
    }
    CHECK(parse_command("") == std::nullopt);
}

TEST_CASE("only SEND, MESSAGE and ERROR may have a body") {
    std::set<command> allowed;
    for (auto const& rule : command_rules) {
        if (rule.may_have_body) allowed.insert(rule.command);
    }
    CHECK(allowed == std::set{command::send, command::message, command::error});
}

TEST_CASE("only SEND, ACK and NACK join a transaction") {
    std::set<command> joining;
    for (auto const& rule : command_rules) {
        if (rule.may_be_in_transaction) joining.insert(rule.command);
    }
    CHECK(joining == std::set{command::send, command::ack, command::nack});
}

TEST_CASE("every client frame but CONNECT and STOMP may ask for a receipt") {
    for (auto const& rule : command_rules) {
        CAPTURE(rule.name);
        CHECK(rule.may_ask_receipt ==
              (rule.sent_by == sender::client && !is_handshake(rule.command)));
    }
}

TEST_CASE("the handshake is CONNECT, STOMP and CONNECTED") {
    std::set<command> handshake;
    for (auto const& rule : command_rules) {
        if (is_handshake(rule.command)) handshake.insert(rule.command);
    }
    CHECK(handshake == std::set{command::connect, command::stomp, command::connected});
}

TEST_CASE("NACK came with 1.1, everything else may be used in 1.0") {
    for (auto const& rule : command_rules) {
        CAPTURE(rule.name);
        CHECK(rule.since == (rule.command == command::nack ? version::v1_1 : version::v1_0));
    }
}

TEST_CASE("the required headers follow the version") {
    CHECK(required(command::subscribe, version::v1_0) == names{"destination"});
    CHECK(required(command::subscribe, version::v1_1) == names{"destination", "id"});
    CHECK(required(command::subscribe, version::v1_2) == names{"destination", "id"});
    CHECK(required(command::unsubscribe, version::v1_1) == names{"id"});
    CHECK(required(command::unsubscribe, version::v1_2) == names{"id"});
    CHECK(required(command::ack, version::v1_0) == names{"message-id"});
    CHECK(required(command::ack, version::v1_1) == names{"message-id", "subscription"});
    CHECK(required(command::ack, version::v1_2) == names{"id"});
    CHECK(required(command::nack, version::v1_1) == names{"message-id", "subscription"});
    CHECK(required(command::nack, version::v1_2) == names{"id"});
    CHECK(required(command::connected, version::v1_2) == names{"version"});
    for (auto v : versions) {
        CHECK(required(command::send, v) == names{"destination"});
        CHECK(required(command::begin, v) == names{"transaction"});
        CHECK(required(command::commit, v) == names{"transaction"});
        CHECK(required(command::abort, v) == names{"transaction"});
        CHECK(required(command::receipt, v) == names{"receipt-id"});
        CHECK(required(command::connect, v).empty());
        CHECK(required(command::disconnect, v).empty());
        CHECK(required(command::error, v).empty());
    }
}

TEST_CASE("the first missing header is named") {
    header_view const headers[] = {{"destination", "/topic/a"}, {"id", ""}};
    frame const with_both{.command = command::subscribe, .headers = headers};
    CHECK(first_missing_header(with_both, version::v1_2).empty());

    frame const without_id{.command = command::subscribe, .headers = std::span(headers).first(1)};
    CHECK(first_missing_header(without_id, version::v1_0).empty());
    CHECK(first_missing_header(without_id, version::v1_1) == "id");

    frame const without_any{.command = command::subscribe};
    CHECK(first_missing_header(without_any, version::v1_2) == "destination");
}

TEST_CASE("UNSUBSCRIBE of 1.0 goes by id or by destination") {
    header_view const id[] = {{"id", "a"}};
    header_view const destination[] = {{"destination", "/topic/a"}};
    frame const by_id{.command = command::unsubscribe, .headers = id};
    frame const by_destination{.command = command::unsubscribe, .headers = destination};
    frame const by_nothing{.command = command::unsubscribe};

    CHECK(first_missing_header(by_id, version::v1_0).empty());
    CHECK(first_missing_header(by_destination, version::v1_0).empty());
    CHECK(first_missing_header(by_nothing, version::v1_0) == "destination");
    CHECK(first_missing_header(by_id, version::v1_1).empty());
    CHECK(first_missing_header(by_destination, version::v1_1) == "id");
}

TEST_CASE("the first of repeated headers is found, by its exact name") {
    header_view const headers[] = {{"foo", "1"}, {"foo", "2"}, {"Bar", ""}};
    frame const f{.command = command::send, .headers = headers};
    CHECK(f.find("foo") == "1");
    CHECK(f.find("Bar") == "");
    CHECK(f.find("bar") == std::nullopt);
    CHECK(f.get("bar", "none") == "none");
    CHECK(f.has("Bar"));
    CHECK_FALSE(f.has(""));
}

TEST_CASE("ack modes are read by their names, and a missing one is automatic") {
    CHECK(parse_ack_mode(std::nullopt).value() == ack_mode::automatic);
    for (auto mode : {ack_mode::automatic, ack_mode::client, ack_mode::client_individual}) {
        CHECK(parse_ack_mode(to_string(mode)).value() == mode);
    }
    CHECK(to_string(ack_mode::automatic) == "auto");
    for (auto const* value : {"", "Auto", "individual", "client ", "client-individual-x"}) {
        CAPTURE(value);
        CHECK(parse_ack_mode(value).error() == errc::invalid_ack_mode);
    }
}

TEST_CASE("every error has a text of its own and a place in the category") {
    std::set<std::string_view> texts;
    constexpr auto last = static_cast<int>(errc::invalid_ack_mode);
    for (int i = 1; i <= last; ++i) {
        auto const code = static_cast<errc>(i);
        texts.insert(text(code));
        CHECK(make_error_code(code).message() == text(code));
        CHECK(text(code).find('\n') == std::string_view::npos);
    }
    CHECK(texts.size() == last);
    CHECK(texts.count(text(errc{})) == 0);
    CHECK(std::string_view(make_error_code(errc::unknown_command).category().name()) == "stomp");
}

TEST_CASE("the limits are told from other errors") {
    for (auto code : {errc::header_line_too_long, errc::too_many_headers, errc::headers_too_large,
                      errc::body_too_large}) {
        CHECK(is_limit(code));
    }
    CHECK_FALSE(is_limit(errc::body_not_allowed));
    CHECK_FALSE(is_limit(errc::version_not_supported));
}

}  // namespace stomp
