#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

// What the mock server does wrong on purpose, and its account of it. "Every N" means number N, 2N,
// 3N ...; 0 means never. Messages are counted for each subscription, sequence numbers for each
// room, all else over the server.

namespace bench {

struct faults {
    std::uint64_t lose_every = 0;       // messages that are not delivered
    std::uint64_t duplicate_every = 0;  // messages that are delivered twice
    std::uint64_t swap_every = 0;       // messages that come right after their successor
    std::uint64_t delay_every = 0;      // messages that come `delay` later; 0 with a delay: all
    std::chrono::milliseconds delay{0};
    std::uint64_t skip_seq_every = 0;      // messages of a room before which a seq is left out
    std::uint64_t repeat_seq_every = 0;    // messages of a room with the seq of the one before
    std::uint64_t late_subscriptions = 0;  // a SUBSCRIBE misses so many messages to its destination
    std::uint64_t drop_every = 0;          // deliveries in whose place the connection is cut
    std::uint64_t refuse_every = 0;        // CONNECTs that are answered by ERROR
    std::uint64_t no_receipt_every = 0;    // receipts that are asked for and not given
    std::uint64_t no_receipt_from = 0;     // from this number on none is given
    std::uint64_t error_every = 0;         // SENDs that are answered by ERROR, and not delivered
    std::chrono::duration<double> stall_at{0};  // since the first SEND
    std::chrono::milliseconds stall{0};         // for so long the server does nothing at all
    std::chrono::milliseconds heart_beat{0};    // promised and wanted
    bool mute = false;                          // heart-beats are promised and not sent
    // As Spring's simple broker: a RECEIPT for DISCONNECT alone, and ERROR and the end for one that
    // asks for none; heart-beats of 10 s promised to everybody; users with names, in CONNECTED's
    // user-name, and their queues; no answer to a CONNECT of other versions.
    bool spring = false;
};

struct deeds {
    std::uint64_t connections = 0;  // CONNECTED was sent
    std::uint64_t sends = 0;
    std::uint64_t delivered = 0;  // messages that went out, each counted once
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t swapped = 0;  // pairs
    std::uint64_t delayed = 0;
    std::uint64_t seqs_skipped = 0;
    std::uint64_t seqs_repeated = 0;
    std::uint64_t missed = 0;  // by late subscriptions
    std::uint64_t joins = 0;   // of chat rooms
    std::uint64_t leaves = 0;
    std::uint64_t subscribes = 0;
    std::uint64_t unsubscribes = 0;
    std::uint64_t pages = 0;  // of history, over HTTP
    std::uint64_t dropped_connections = 0;
    std::uint64_t refused = 0;
    std::uint64_t receipts = 0;
    std::uint64_t receipts_withheld = 0;
    std::uint64_t errors = 0;
    std::uint64_t heart_beats_received = 0;
    std::map<std::string, std::uint64_t> connections_from;  // by the client's address
};

std::string to_json(deeds const& done);  // one line

}  // namespace bench
