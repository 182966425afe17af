#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <random>

// Long random conversations, and what must hold in all of them.

namespace {

using namespace test;

class conversation {
public:
    explicit conversation(unsigned seed) : random_(seed), node_(make_options()) {
        constexpr char const* versions[] = {"1.0", "1.1", "1.2"};
        node_.connect(versions[pick(3)], pick(2) ? "heart-beat:10000,10000\n" : "");
    }

    void run(int steps) {
        for (int i = 0; i < steps && !node_.session().closed(); ++i) {
            step();
            look();
        }
        while (!node_.session().closed() && (node_.opening() || !node_.held.empty())) {
            answer();
            look();
        }
        // Everything was answered: whoever asked for a receipt has it.
        if (!node_.session().closed()) CHECK(receipts_seen_ == receipts_asked_);
    }

    bool closed() { return node_.session().closed(); }
    int receipts() const { return receipts_seen_; }

private:
    static node_options make_options() {
        node_options options;
        options.limits.max_app_sends_in_flight = 8;
        options.limits.max_pending_acks = 50;
        options.limits.max_delivery_attempts = 2;
        return options;
    }

    unsigned pick(unsigned below) { return static_cast<unsigned>(random_()) % below; }

    std::string receipt() {
        if (pick(2) != 0) return "";
        return "receipt:" + std::to_string(++receipts_asked_) + "\n";
    }

    void step() {
        auto const id = std::to_string(pick(4));
        switch (pick(14)) {
            case 0:
            case 1:
                return node_.receive("SEND\ndestination:/topic/open/" + id + "\n" + receipt() +
                                     "\nx^@");
            case 2: return node_.receive("SEND\ndestination:/app/slow\n" + receipt() + "\nx^@");
            case 3: return node_.receive("SEND\ndestination:/app/barrier\n" + receipt() + "\nx^@");
            case 4: {
                auto const* const to = pick(2) == 0 ? "/app/quick" : "/app/alone";
                return node_.receive(std::string("SEND\ndestination:") + to + "\n" + receipt() +
                                     "\nx^@");
            }
            case 5: return subscribe();
            case 6: return unsubscribe();
            case 7: return acknowledge();
            case 8: return transaction();
            case 9:
                node_.publish({.destination = "/topic/open/" + id,
                               .id = "p" + std::to_string(++published_),
                               .headers = {},
                               .body = "x"});
                return;
            case 10: node_.receive("\n"); return node_.pass(std::chrono::seconds(pick(12)));
            default: return answer();
        }
    }

    void answer() {
        if (node_.opening() && (node_.held.empty() || pick(2) == 0)) return node_.subscribed();
        if (node_.held.empty()) return;
        node_.app_done(pick(static_cast<unsigned>(node_.held.size())));
    }

    void subscribe() {
        auto const n = pick(4);
        if (subscribed_[n]) return;
        subscribed_[n] = true;
        constexpr char const* modes[] = {"auto", "client", "client-individual"};
        auto const room = pick(4) == 0;
        auto const destination =
            room ? "/topic/chatroom/1" : "/topic/open/" + (n == 3 ? "*" : std::to_string(n));
        node_.receive("SUBSCRIBE\nid:" + std::to_string(n) + "\ndestination:" + destination +
                      "\nack:" + modes[pick(3)] + "\n" + receipt() + "\n^@");
    }

    void unsubscribe() {
        auto const n = pick(4);
        if (!subscribed_[n]) return;
        subscribed_[n] = false;
        node_.receive("UNSUBSCRIBE\nid:" + std::to_string(n) + "\n" + receipt() + "\n^@");
    }

    void acknowledge() {
        if (deliveries_.empty()) return;
        auto const at = pick(static_cast<unsigned>(deliveries_.size()));
        auto const frame = deliveries_[at];
        deliveries_.erase(deliveries_.begin() + at);
        auto const line = [&](std::string const& name) {
            auto const from = frame.find("\n" + name + ":");
            if (from == std::string::npos) return std::string();
            auto const begin = from + name.size() + 2;
            return frame.substr(begin, frame.find('\n', begin) - begin);
        };
        auto const v1_0 = node_.session().version() == stomp::version::v1_0;
        auto const command = v1_0 || pick(2) == 0 ? "ACK" : "NACK";
        node_.receive(std::string(command) + "\nid:" + line("ack") + "\nmessage-id:" +
                      line("message-id") + "\nsubscription:" + line("subscription") + "\n" +
                      (in_transaction_ && pick(2) ? "transaction:t\n" : "") + receipt() + "\n^@");
    }

    void transaction() {
        if (!in_transaction_) {
            in_transaction_ = true;
            return node_.receive("BEGIN\ntransaction:t\n" + receipt() + "\n^@");
        }
        if (pick(3) != 0) {
            constexpr char const* to[] = {"/topic/open/1", "/app/slow", "/app/barrier", "/app/x",
                                          "/app/alone"};
            return node_.receive(std::string("SEND\ndestination:") + to[pick(5)] +
                                 "\ntransaction:t\n" + receipt() + "\nx^@");
        }
        in_transaction_ = false;
        node_.receive((pick(4) == 0 ? "ABORT" : "COMMIT") + std::string("\ntransaction:t\n") +
                      receipt() + "\n^@");
    }

    void look() {
        for (auto const& text : node_.take()) {
            CHECK_FALSE(closed_seen_);
            if (text.starts_with("RECEIPT\n")) {
                // They come in the order they were asked for, without exception.
                ++receipts_seen_;
                CHECK(has_line(text, "receipt-id:" + std::to_string(receipts_seen_)));
            } else if (text.starts_with("MESSAGE\n")) {
                deliveries_.push_back(text);
            } else if (text.starts_with("(close")) {
                closed_seen_ = true;
                CHECK(node_.session().closed());
            }
        }
        CHECK(closed_seen_ == node_.session().closed());
    }

    std::mt19937 random_;
    node_stub node_;
    bool subscribed_[4] = {};
    bool in_transaction_ = false;
    bool closed_seen_ = false;
    int receipts_asked_ = 0;
    int receipts_seen_ = 0;
    int published_ = 0;
    std::vector<std::string> deliveries_;
};

TEST_CASE(
    "in every conversation receipts keep the order, none is lost, nothing follows the close") {
    int receipts = 0;
    int to_the_end = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        conversation talk(seed);
        talk.run(300);
        receipts += talk.receipts();
        if (!talk.closed()) ++to_the_end;
    }
    CHECK(receipts > 5'000);
    CHECK(to_the_end > 30);
}

}  // namespace
