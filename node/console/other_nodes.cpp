#include "broker/transport/loop.hpp"
#include "chat/banned_users.hpp"
#include "chat/rest/cors.hpp"
#include "chat/rest/problem.hpp"
#include "node/console/answers.hpp"
#include "node/console/deadline_exchange.hpp"
#include "node/console/impl.hpp"
#include "node/console/own_request.hpp"

#include <algorithm>
#include <memory>
#include <utility>

// What goes to other nodes and comes from them.

namespace node::console {
namespace {

using broker::cluster_node;
using broker::transport::forward_failure;
using broker::transport::http_exchange_ptr;

constexpr chat::rest::problem unreachable{502, "node_unreachable", "The node cannot be reached.",
                                          "It did not take the request, or broke off before it "
                                          "answered."};
constexpr chat::rest::problem too_late{504, "node_timeout", "The node does not answer.",
                                       "It took the request and did not answer in time; what was "
                                       "asked may have been done."};
constexpr chat::rest::problem too_many{503, "too_many_forwarded",
                                       "Too many requests are under way.",
                                       "Too many requests to other nodes are under way."};

void answer(http_exchange_ptr const& exchange, chat::rest::problem const& why) {
    chat::rest::respond(*exchange, chat::rest::problem_response(why, exchange->request().path));
}

}  // namespace

void service::impl::list_nodes(rest_call asked) {
    cluster_node const self{how.node_id, how.internal_address};
    if (with.nodes == nullptr) return asked.answer(200, nodes_json(self, {}));
    auto& home = asked.home();
    with.nodes->other_nodes(
        home, [self, asked = std::move(asked)](std::vector<cluster_node> const& found) mutable {
            asked.answer(200, nodes_json(self, found));
        });
}

void service::impl::forward(call asked) {
    if (with.nodes == nullptr) return asked.rest.refuse(unknown_node);
    auto& home = asked.rest.home();
    auto go = [this, asked = std::move(asked)](std::vector<cluster_node> const& found) mutable {
        auto const there = std::ranges::find(found, asked.parameters.front(), &cluster_node::id);
        if (there == found.end()) return asked.rest.refuse(unknown_node);
        auto const exchange = asked.rest.exchange();
        auto watched =
            deadline_exchange::make(exchange, *broker::transport::loop::current(), how.node_timeout,
                                    [exchange] { answer(exchange, too_late); });
        others.forward(
            std::move(watched), there->internal_address, [exchange](forward_failure why) {
                answer(exchange, why == forward_failure::too_many ? too_many : unreachable);
            });
    };
    with.nodes->other_nodes(home, std::move(go));
}

void service::impl::handle_word(http_exchange_ptr const& exchange) {
    auto& home = exchange->home();
    with.bans.read_now([exchange, &home] {
        home.post([exchange] {
            exchange->respond({.status = 204, .headers = {}, .body = {}, .static_body = {}});
        });
    });
}

void service::impl::tell_of_bans(broker::transport::loop& home,
                                 broker::unique_function<void()> done) {
    if (with.nodes == nullptr) return done();
    auto go = [this, &home,
               done = std::move(done)](std::vector<cluster_node> const& found) mutable {
        // Called when the last of those who hold it lets go.
        auto const all = std::shared_ptr<broker::unique_function<void()>>(
            new broker::unique_function<void()>(std::move(done)),
            [](broker::unique_function<void()>* last) {
                (*last)();
                delete last;
            });
        for (auto const& each : found) {
            auto own =
                std::make_shared<own_request>(home, "POST", "/console/internal/bans", [all] {});
            auto watched = deadline_exchange::make(own, home, how.node_timeout, [all] {});
            others.forward(std::move(watched), each.internal_address, [all](forward_failure) {});
        }
    };
    with.nodes->other_nodes(home, std::move(go));
}

}  // namespace node::console
