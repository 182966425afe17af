#include "broker/limiting/client_address.hpp"
#include "broker/transport/http.hpp"
#include "broker/transport/http_tokens.hpp"
#include "broker/trimmed.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/http.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What is read out of headers: whose request it is, lists, parameters, cookies, queries.

namespace fuzz {
namespace {

using broker::limiting::client_address;
using broker::limiting::network;

std::vector<std::string_view> split(std::string_view text, char between) {
    std::vector<std::string_view> parts;
    for (;;) {
        auto const end = text.find(between);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

void check_address(client_address const& one) {
    expect(client_address::parse(one.text()) == one, "an address that is not read again");
    expect(client_address::parse('[' + one.text() + "]:5501") == one, "not with a port");
    expect(network{one, one.v6 ? 128U : 32U}.contains(one), "not in its own network");
    expect(one.key().size() == (one.v6 ? 8 : 4), "a key of another size");
}

// It says what it holds: what is behind it (a NUL, too) is no part of an address.
void check_text(std::string_view text, client_address const& one) {
    constexpr std::string_view allowed = "0123456789abcdefABCDEF.:[] \t";
    auto const host = broker::trimmed(text);
    auto const end = host.starts_with('[') ? host.find(']') : host.rfind(':');
    auto const shown = one.v6 && !host.starts_with('[') ? host : host.substr(0, end);
    expect(shown.find_first_not_of(allowed) == std::string_view::npos, "not all of an address");
}

}  // namespace

void check_client_address(std::string_view lines) {
    choices left(lines);
    broker::limiting::trusted_proxies proxies;
    for (auto const each : split(left.take_until('\n'), ',')) {
        auto const parsed = network::parse(each);
        if (!parsed) continue;
        check_address(parsed->base);
        expect(parsed->contains(parsed->base), "a network without its base");
        expect(parsed->bits <= (parsed->base.v6 ? 128U : 32U), "too many bits");
        proxies.networks.push_back(*parsed);
    }
    auto const peer = client_address::parse(left.take_until('\n'));
    if (!peer) return;
    std::vector<std::string_view> values;
    while (!left.empty()) values.push_back(left.take_until('\n'));

    std::vector<std::string_view> entries;
    for (auto const value : values) {
        for (auto const each : split(value, ',')) entries.push_back(each);
    }
    // Back from the peer: each was named by one that is trusted, or it is not believed.
    auto const found = proxies.client_behind(*peer, values);
    auto expected = *peer;
    while (proxies.trusts(expected) && !entries.empty()) {
        auto const said = client_address::parse(entries.back());
        if (!said) break;
        check_address(*said);
        check_text(entries.back(), *said);
        expected = *said;
        entries.pop_back();
    }
    expect(found == expected, "another client than the proxies name");
}

void check_http_values(std::string_view text) {
    using namespace broker::transport;
    auto const lists = parse_parameter_lists(text);
    if (lists) {
        std::string again;
        for (auto const& [name, parameters] : *lists) {
            expect(!name.empty() && std::ranges::all_of(name, is_token_character), "no token");
            again.append(again.empty() ? "" : ", ").append(name);
            for (auto const& [key, value] : parameters) {
                expect(!key.empty(), "a parameter without a name");
                again.append("; ").append(key);
                if (!value) continue;
                again += "=\"";
                for (char const c : *value) {
                    if (c == '"' || c == '\\') again += '\\';
                    again += c;
                }
                again += '"';
            }
        }
        auto const reread = parse_parameter_lists(again);
        expect(reread && reread->size() == lists->size(), "another number of lists");
        for (std::size_t i = 0; i != lists->size(); ++i) {
            expect((*reread)[i].name == (*lists)[i].name &&
                       (*reread)[i].parameters == (*lists)[i].parameters,
                   "lists that are not read again");
        }
    }
    for (auto const member : split(text, ',')) {
        auto const wanted = broker::trimmed(member);
        expect(wanted.empty() || list_contains(text, wanted), "a list without its member");
    }

    http_request request;
    auto const half = text.find('\n');
    request.query = text.substr(0, half);
    request.headers = {{"Cookie", std::string(text.substr(0, half))}};
    for (auto const pair : split(request.query, '&')) {
        auto const name = percent_decoded(pair.substr(0, pair.find('=')), true);
        if (pair.empty()) continue;
        auto const value = request.query_parameter(name);
        expect(value.has_value(), "a parameter that is not found");
        expect(value->size() <= request.query.size(), "a value out of nothing");
    }
    for (auto const pair : split(request.query, ';')) {
        if (auto const value = request.cookie(broker::trimmed(pair.substr(0, pair.find('='))))) {
            expect(request.query.find(*value) != std::string::npos, "a cookie out of nothing");
        }
    }
}

}  // namespace fuzz
