#!/usr/bin/env python3
"""Measures a node against RabbitMQ's Web STOMP and ActiveMQ, and alone, and writes the figures into bench/RESULTS.md.

The node runs with one shard on config/bench.toml, RabbitMQ with one scheduler, ActiveMQ as Debian has it, without
persistence; all on this machine, with the bench. Where they are compared they take turns, A B A B, and ratios are those
within a round. Each chapter that was measured takes its old one's place in the file. Pages and JSON go to build/bench/.
usage: bench/peers.py [--rounds N] [--seconds N] [--only WORD,...] [--print]   (words: fan-out, latency, sessions, idle, activemq,
stored, chat, slow, growth, shards; scripts/bench-peers installs, builds and runs everything)
       bench/peers.py --peer "profile=spring;url=ws://HOST:PORT/PATH;pid=PID"   (the first four chapters against a server
that is there already, in RabbitMQ's place; as stampede-bench's --target)
"""
import argparse
import sys

sys.dont_write_bytecode = True
from peer_set import alone, compared, results  # noqa: E402
from peer_set.servers import Peer, Peers  # noqa: E402

ALONE = {"activemq": compared.activemq, "stored": alone.storage, "chat": alone.chat, "slow": alone.slow, "growth": alone.growth,
         "shards": alone.shards}
COMPARED = {"fan-out": compared.fan_out, "latency": compared.latency, "sessions": compared.sessions, "idle": compared.idle}


def command_line():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--only", default="", help="some chapters, by commas")
    arguments.add_argument("--print", action="store_true", help="leave the file as it is")
    arguments.add_argument("--peer", type=Peer, help='"profile=spring;url=ws://...;pid=1": a server to compare with in RabbitMQ\'s place; '
                           "only what compares is measured")
    return arguments


def command_of(chosen, word):
    """By which this chapter alone is measured again."""
    peer = ["--peer", f'"{chosen.peer.target}"'] if chosen.peer else []
    return results.command_now([*peer, "--only", word, "--rounds", str(chosen.rounds), "--seconds", f"{chosen.seconds:g}"])


def main(words=None):
    arguments = command_line()
    chosen = arguments.parse_args(words)
    there = [*COMPARED] if chosen.peer else [*COMPARED, *ALONE]
    wanted = chosen.only.split(",") if chosen.only else there
    for word in wanted:
        if word not in there:
            arguments.error(f'no chapter "{word}": {", ".join(there)}')

    def measure(word, how, *of_what):
        conditions = results.conditions_from_now()
        chapter = how(*of_what)
        chapter = results.headed(chapter, command_of(chosen, word), conditions())
        if chosen.peer:
            chapter = chapter.replace("\n", f", against {chosen.peer.title}\n", 1)
        print(chapter, flush=True)
        if not chosen.print:
            results.write(f"{word}, {chosen.peer.title}" if chosen.peer else word, chapter)

    if any(word in COMPARED for word in wanted):
        peers = Peers(chosen)
        try:
            for word in (word for word in wanted if word in COMPARED):
                measure(word, COMPARED[word], peers)
        finally:
            peers.stop()
    for word in (word for word in wanted if word in ALONE):
        measure(word, ALONE[word], chosen)


if __name__ == "__main__":
    main()
