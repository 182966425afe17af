#!/usr/bin/env python3
"""Measures a node against RabbitMQ's Web STOMP and ActiveMQ, and alone, and writes the figures into bench/RESULTS.md.

The node runs with one shard on config/bench.toml, RabbitMQ with one scheduler, ActiveMQ as Debian has it, without
persistence; all on this machine, with the bench. Where they are compared they take turns, A B A B, and ratios are those
within a round. Pages and JSON go to build/bench/.
usage: bench/peers.py [--rounds N] [--seconds N] [--only WORD,...]   (words: fan-out, latency, sessions, idle, activemq,
stored, chat, slow, growth, shards; scripts/bench-peers installs, builds and runs everything)
       bench/peers.py --peer "profile=spring;url=ws://HOST:PORT/PATH;pid=PID"   (the first four chapters against a server
that is there already, in RabbitMQ's place; as stampede-bench's --target)
"""
import argparse
import contextlib
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts/support"), str(ROOT / "tests/node")]
sys.dont_write_bytecode = True
from postgres import Postgres  # noqa: E402
from servers import ActiveMq, RabbitMq  # noqa: E402
from support import WITH_STOMP, Node  # noqa: E402

BENCH = ROOT / "build/release/bin/stampede-bench"
MOCK = ROOT / "build/release/bin/stampede-bench-mock"
PAGES = ROOT / "build/bench"
RESULTS = ROOT / "bench/RESULTS.md"
BEGIN, END = "<!-- measured by bench/peers.py -->", "<!-- end -->"
SHAPES = ((1, 1000), (100, 10), (1000, 2))
PEER_KEYS = ("name", "profile", "url", "pid", "login", "passcode")
JSON_BYTES = 370  # of a stored message with 200 bytes of content


def bench(*words, name=None):
    """What stampede-bench found."""
    PAGES.mkdir(parents=True, exist_ok=True)
    name = name or "-".join(str(word).strip("-") for word in words if "://" not in str(word))[:80].replace(" ", "").replace("/", "")
    found = PAGES / f"{name}.json"
    command = [BENCH, *map(str, words), "--quiet", "--json", found, "--html", found.with_suffix(".html")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}")
    out = json.loads(found.read_text())
    for warning in out.get("warnings", ()):
        print(f"  {name}: {warning}", flush=True)
    return out


def value(found, name):
    return found["figures"][name]["value"]


class Peer:
    """A server that somebody else started, from "profile=spring;url=ws://...;pid=1"."""

    def __init__(self, text):
        words = {}
        for part in text.split(";"):
            key, _, word = (each.strip() for each in part.partition("="))
            if key not in PEER_KEYS or not word:
                raise argparse.ArgumentTypeError(f'"{part}": it is KEY=VALUE;KEY=VALUE..., and a key one of {", ".join(PEER_KEYS)}')
            if key in words and key not in ("url", "pid"):
                raise argparse.ArgumentTypeError(f'"{key}" is there twice')
            words.setdefault(key, []).append(word)
        for key in ("profile", "url", "pid"):
            if key not in words:
                raise argparse.ArgumentTypeError(f'"{key}" is missing in "{text}"')
        if not all(each.isdecimal() and int(each) > 0 for each in words["pid"]):
            raise argparse.ArgumentTypeError("a pid is the number of a process")
        schemes = {url.partition("://")[0] for url in words["url"]}
        if len(schemes) != 1 or not schemes <= {"ws", "sockjs", "stomp"}:
            raise argparse.ArgumentTypeError("a peer has URLs of one kind: ws://, sockjs:// or stomp://")
        self.scheme, = schemes
        self.title, = words.setdefault("name", words["profile"])
        self.target = ";".join(f"{key}={word}" for key in PEER_KEYS for word in words.get(key, ()))
        self.options = [option for key in PEER_KEYS if key != "name" for word in words.get(key, ()) for option in (f"--{key}", word)]

    def stop(self):
        """Who started it does."""


class OwnRabbitMq:
    """RabbitMQ, started for this."""
    title, scheme = "RabbitMQ", "ws"

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-bench-"))
        self.folder.chmod(0o755)  # RabbitMQ is a user of its own
        self.server = RabbitMq(self.folder, web_stomp=True)
        self.server.start()
        pid, = self.server.server_pids()
        self.target = f"name=rabbitmq;profile=rabbitmq;url={self.server.web_stomp_url};pid={pid}"
        self.options = ["--profile", "rabbitmq", "--url", self.server.web_stomp_url, "--pid", pid]

    def stop(self):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Peers:
    """The node and another server, for comparisons."""

    def __init__(self, chosen):
        self.chosen = chosen
        self.other = chosen.peer or OwnRabbitMq()
        self.node = start_node(change=lambda config: config + WITH_STOMP if self.other.scheme == "stomp" else config)
        self.warm = chosen.peer is None

    @property
    def title(self):
        return self.other.title

    def stop(self):
        self.node.stop()
        self.node.remove()
        self.other.stop()

    def compare(self, scenario, *options, rounds=None):
        """Medians of both by figure, and the ratio of the other's to the node's with its spread."""
        if not self.warm:
            # A virtual machine that compiles what runs often.
            bench("fan-out", *self.other.options, "--rooms", 10, "--subscribers", 10, "--duration", "15 s", name="warm")
            self.warm = True
        return against(self.chosen, scenario, *options, rounds=rounds, targets=(
            f"name=stampede;profile=stampede;url={spoken(self.node, self.other.scheme)};pid={self.node.process.pid}", self.other.target))


def against(chosen, scenario, *options, targets, rounds=None):
    return bench("compare", scenario, *options, "--rounds", rounds or chosen.rounds,
                 *(word for one in targets for word in ("--target", one)), name=f"compare-{scenario}-{targets[1].split(';')[0][5:]}")


def start_node(shards=1, change=lambda config: config):
    """On config/bench.toml, perhaps changed."""
    return Node(change((ROOT / "config/bench.toml").read_text()), arguments=["--shards", str(shards)]).start()


@contextlib.contextmanager
def mock_server():
    """The bench's own server, which hands on what it gets and does nothing else; its address."""
    with subprocess.Popen([MOCK], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[1]
        finally:
            process.kill()


def websocket(node):
    return node.url.replace("http", "ws", 1) + "/ws"


def spoken(node, scheme):
    """The node's address for this framing."""
    if scheme == "stomp":
        return f"stomp://127.0.0.1:{node.stomp_ports[0]}"
    return websocket(node) if scheme == "ws" else node.url.replace("http", "sockjs", 1) + "/ws-chat"


def of(node):
    return "--url", websocket(node), "--pid", node.process.pid


def ratio(compared, name):
    one = compared["figures"][name]["ratios"][1]
    return f"{one['median']:,.0f} ({one['min']:,.0f} to {one['max']:,.0f})" if one["median"] >= 10 \
        else f"{one['median']:.1f} ({one['min']:.1f} to {one['max']:.1f})"


def medians(compared, name):
    return compared["figures"][name]["medians"]


def table(heads, rows):
    return "\n".join(["| " + " | ".join(heads) + " |", "| --- " * len(heads) + "|",
                      *("| " + " | ".join(map(str, row)) + " |" for row in rows)]) + "\n"


def fan_out(peers):
    rows = []
    for rooms, subscribers in SHAPES:
        found = peers.compare("fan-out", "--rooms", rooms, "--subscribers", subscribers, "--duration", f"{peers.chosen.seconds} s")
        ours, theirs = medians(found, "cpu_per_delivery")
        rows.append([f"{rooms} x {subscribers}", f"{ours:.2f} µs", f"{theirs:.1f} µs", ratio(found, "cpu_per_delivery"),
                     f"{1e6 / ours:,.0f}/s", f"{medians(found, 'delivered_rate')[0]:,.0f}/s"])
    return ("## Fan-out of a generic topic, at full load\n\n"
            + table(["rooms x subscribers", "node, CPU per delivery", peers.title, "ratio (least to most)",
                     "node, deliveries per core second", "delivered in this run"], rows))


def latency(peers):
    rows = []
    for title, words, kind in (
            ("direct: 50 pairs, 1,000/s, there and back", ["direct", "--pairs", 50, "--rate", 1000], "round_trip"),
            ("100 x 10 at 20,000 deliveries/s", ["fan-out", "--rooms", 100, "--subscribers", 10, "--rate", 2000], "delivery")):
        found = peers.compare(*words, "--duration", f"{peers.chosen.seconds} s")
        cells = [title]
        for target in (0, 1):
            cells.append(" / ".join(f"{medians(found, f'{kind}_{point}')[target]:.2f}" for point in ("p50", "p99", "p999")))
        with mock_server() as url:
            floor = bench(*words, "--url", url, "--duration", f"{peers.chosen.seconds} s", name=f"floor-{words[0]}")
        cells.append(" / ".join(f"{value(floor, f'{kind}_{point}'):.2f}" for point in ("p50", "p99", "p999")))
        cells.append(f"{medians(found, 'lag_p99')[0]:.3f} ms")
        rows.append(cells)
    return ("## Latency, open loop\n\nFrom the moment a message was due; p50 / p99 / p99.9 in ms. The mock is the bench's own server, which "
            "hands on what it gets and does nothing else: what is left when the server costs nothing.\n\n"
            + table(["load", "node", peers.title, "mock", "the bench's own lateness, p99"], rows))


def sessions(peers):
    found = peers.compare("connect", "--sessions", 2000, "--connecting", 100)
    rows = [["connect + CONNECT + SUBSCRIBE", *(f"{each:.0f} µs" for each in medians(found, "cpu_per_connect")),
             ratio(found, "cpu_per_connect"), f"{1e6 / medians(found, 'cpu_per_connect')[0]:,.0f}/s"]]
    found = peers.compare("churn", "--connecting", 50, "--duration", f"{peers.chosen.seconds} s")
    costs = [[value(run, "server_cpu") * run["measured_seconds"] * 1e6 / value(run, "cycles") for run in row] for row in found["rounds"]]
    ours, theirs = (statistics.median(column) for column in zip(*costs))
    ratios = sorted(theirs / ours for ours, theirs in costs)
    rows.append(["connect, subscribe, unsubscribe, disconnect", f"{ours:.0f} µs", f"{theirs:.0f} µs",
                 f"{statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})", f"{1e6 / ours:,.0f}/s"])
    return "## Sessions that come and go\n\n" + table(
        ["what", "node, CPU each", peers.title, "ratio (least to most)", "node, per core second"], rows)


def idle(peers):
    """Each server anew: memory that an earlier load left behind would hide the sessions'."""
    rows = []
    found = bench("idle", *peers.other.options, "--sessions", 2000, "--duration", "3 s", name="idle-other")
    rows.append([peers.title, "2,000", f"{value(found, 'pss_per_session'):.0f} KiB"])
    # A session is an open file of the node's, which keeps some for itself.
    most = min(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100)
    for count, beat in ((5000, "0 s"), (most, "10 s")):
        node = start_node()
        found = bench("idle", *of(node), "--sessions", count, "--heart-beat", beat, "--duration", "15 s" if beat != "0 s" else "3 s",
                      "--source", "127.0.0.1", "--source", "127.0.0.2", name=f"idle-{count}")
        rows.append(["node" + (", heart-beats of 10 s both ways" if beat != "0 s" else ""), f"{count:,}",
                     f"{value(found, 'pss_per_session'):.2f} KiB" + (f" (CPU of {value(found, 'server_cpu'):.3f} cores)" if beat != "0 s" else "")])
        node.stop()
        node.remove()
    return "## Idle WebSocket sessions, connected and subscribed\n\n" + table(["server", "sessions", "PSS each"], rows)


def activemq(chosen):
    """Over TCP, as Debian's ActiveMQ has no WebSocket."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-bench-"))
    server = ActiveMq(folder)
    node = start_node(change=lambda config: config + WITH_STOMP)
    rows = []
    try:
        server.start()
        targets = (f"name=stampede;profile=stampede;url=stomp://127.0.0.1:{node.stomp_ports[0]};pid={node.process.pid}",
                   f"name=activemq;profile=activemq;url={server.url};pid={server.pid}")
        # A Java machine that is warm, and memory that it has taken.
        bench("fan-out", "--profile", "activemq", "--url", server.url, "--rooms", 10, "--subscribers", 10, "--duration", "15 s", name="warm")
        for words, figure in ((("fan-out", "--rooms", 1, "--subscribers", 1000), "cpu_per_delivery"),
                              (("fan-out", "--rooms", 100, "--subscribers", 10), "cpu_per_delivery"),
                              (("connect", "--sessions", 1000), "cpu_per_connect")):
            timed = ("--duration", f"{chosen.seconds} s") if words[0] == "fan-out" else ()
            found = against(chosen, *words, *timed, targets=targets)
            ours, theirs = medians(found, figure)
            rows.append([" ".join(map(str, words)).replace("--", ""), f"{ours:.2f} µs", f"{theirs:,.1f} µs", ratio(found, figure)])
    finally:
        node.stop()
        node.remove()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return ("## ActiveMQ, STOMP over TCP\n\nCPU of a delivery at full load, and of connecting and subscribing.\n\n"
            + table(["load", "node", "ActiveMQ", "ratio (least to most)"], rows))


def with_postgres(chosen, measure):
    """On a node whose PostgreSQL runs beside everything else on the same cores."""
    server = Postgres()
    config = (ROOT / "config/bench.toml").read_text().replace(
        "[storage]\n", f'[storage]\nbackend = "postgresql"\nconnection = "{server.connection}"\n')
    node = Node(config, arguments=["--shards", "1"]).start()
    try:
        return measure(node, chosen)
    finally:
        node.stop()
        node.remove()
        server.remove()


def stored_messages(node, chosen):
    return message_rows(node, chosen, "PostgreSQL")


def message_rows(node, chosen, database):
    rows = []
    for rate in (0, 40_000, 20_000, 10_000):
        found = bench("fan-out", *of(node), "--stored", "--receipts", "--rooms", 100, "--subscribers", 0, "--window", 64,
                      "--rate", rate, "--duration", f"{chosen.seconds} s", name=f"stored-{database}-{rate}")
        rows.append([database, f"{rate:,}/s" if rate else "full load", f"{value(found, 'receipt_rate'):,.0f}/s",
                     f"{value(found, 'receipt_p50'):.2f} ms", f"{value(found, 'receipt_p99'):.1f} ms",
                     f"{value(found, 'cpu_per_message'):.1f} µs", f"{value(found, 'lag_p99'):.1f} ms" if rate else ""])
    return rows


def stored_fan_out(node, chosen):
    rows = []
    for rooms, subscribers in SHAPES:
        ratios, costs = [], []
        for _ in range(chosen.rounds):
            shape = ("--rooms", rooms, "--duration", f"{chosen.seconds} s")
            readers = ("--subscribers", subscribers)
            # As many bytes as the JSON of a stored message of 200 has.
            generic = bench("fan-out", *of(node), *shape, *readers, "--body", JSON_BYTES, name=f"generic-{rooms}x{subscribers}")
            chat = bench("fan-out", *of(node), *shape, *readers, "--stored", name=f"stored-{rooms}x{subscribers}")
            alone = bench("fan-out", *of(node), *shape, "--subscribers", 0, "--stored", "--receipts", name=f"alone-{rooms}")
            whole = value(chat, "cpu_per_delivery")
            storage = value(alone, "cpu_per_message") / subscribers
            costs.append((value(generic, "cpu_per_delivery"), whole, whole - storage))
            ratios.append((whole - storage) / value(generic, "cpu_per_delivery"))
        generic, whole, apart = (statistics.median(column) for column in zip(*costs))
        rows.append([f"{rooms} x {subscribers}", f"{generic:.2f} µs", f"{whole:.2f} µs", f"{apart:.2f} µs",
                     f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"])
    return rows


def storage(chosen):
    messages = with_postgres(chosen, stored_messages)
    node = start_node()
    messages += message_rows(node, chosen, "SQLite")
    node.stop()
    node.remove()
    deliveries = with_postgres(chosen, stored_fan_out)
    return ("## Stored chat messages\n\nPostgreSQL 15 with fsync on, SQLite in WAL with synchronous FULL. 100 rooms with one sender each; the RECEIPT comes after the commit. "
            "\"Full load\": each sender has 64 sends without a RECEIPT.\n\n"
            + table(["database", "offered", "stored", "RECEIPT p50", "p99", "node, CPU per message", "the bench late by itself, p99"], messages)
            + "\nDelivered to subscribers, at full load, against a generic topic with bodies of the same size (a message of 200 bytes is 370 of "
            "JSON). \"Storage apart\": less what storing a message costs at full load with no subscriber.\n\n"
            + table(["rooms x subscribers", "generic topic, CPU per delivery", "stored", "stored, storage apart", "ratio of that"],
                    deliveries))


def chat(chosen):
    node = start_node()
    day = bench("chat", *of(node), "--rooms", 50, "--subscribers", 10, "--rate", 1000, "--duration", f"{chosen.seconds} s", name="chat")
    back = bench("resume", *of(node), "--stored", "--rooms", 50, "--subscribers", 10, "--rate", 500, "--duration",
                 f"{max(4, chosen.seconds)} s", name="resume")
    node.stop()
    node.remove()
    rows = [["delivered", f"{value(day, 'delivered_rate'):,.0f}/s"], ["lost, twice, out of order", ", ".join(
        f"{value(day, name):.0f}" for name in ("lost", "duplicates", "out_of_order"))],
            *([f"{kind}, p50 / p99", f"{value(day, kind + '_p50'):.2f} / {value(day, kind + '_p99'):.1f} ms"]
              for kind in ("delivery", "receipt", "history")),
            ["node's CPU", f"{value(day, 'server_cpu'):.2f} cores"]]
    return ("## A mixed day\n\n50 rooms of 10 people, 1,000 actions a second: 60 % messages, 25 % typing, 10 % read, 5 % pages of history over "
            "HTTP; SQLite.\n\n" + table(["what", "figure"], rows)
            + f"\nEverybody cut off at once and back (500 subscribers of 50 rooms, 500 messages a second meanwhile): back and caught up after "
            f"{value(back, 'resume_p50'):.0f} ms at the median, {value(back, 'resume_p99'):.0f} ms at p99; lost "
            f"{value(back, 'lost'):.0f}, twice {value(back, 'duplicates'):.0f}, out of order {value(back, 'out_of_order'):.0f}.\n")


def bounded(config, bound):
    """With another bound for what waits for a client, and for a body, which must fit into it."""
    for key, size in (("queue", bound), ("max_body", "64 KiB"), ("max_headers_size", "64 KiB"), ("max_header_line", "16 KiB")):
        config = re.sub(f"(?m)^{key} = .*", f'{key} = "{size}"', config)
    return config


def slow(chosen):
    """Once with a bound that nobody reaches, once with one that each stopped reader does."""
    rows = []
    for bound, rate, size in (("64 MiB", 20, 2_000), ("256 KiB", 15, 20_000)):
        shape = ("--rooms", 1, "--subscribers", 1000, "--rate", rate, "--body", size, "--duration", "30 s")
        for _ in range(chosen.rounds):
            node = start_node(change=lambda config, bound=bound: bounded(config, bound))
            all_read = bench("fan-out", *of(node), *shape, name="nobody-slow")
            some = bench("slow", *of(node), *shape, "--slow-readers", 100, name="slow")
            rows.append([bound, f"{rate} of {size:,} bytes", f"{value(all_read, 'delivery_p99'):.2f} ms", f"{value(some, 'delivery_p99'):.2f} ms",
                         f"{value(some, 'delivery_p99') / value(all_read, 'delivery_p99'):.2f}", f"{value(all_read, 'pss'):.0f} MiB",
                         f"{value(some, 'pss'):.0f} MiB", f"{value(some, 'slow_readers_closed'):.0f}"])
            node.stop()
            node.remove()
    return ("## Slow consumers\n\n100 of 1,000 subscribers stop reading. What waits for them is the same bytes for all, so the node's memory grows by "
            "less than a hundred bounds.\n\n"
            + table(["`limits.outbound.queue`", "messages a second", "p99, all read", "p99 of the others, 100 stopped", "ratio",
                     "node's memory, all read", "100 stopped", "closed as slow"], rows))


def growth(chosen):
    rows = []
    node = start_node()
    for rooms, subscribers in ((1, 10), (10, 10), (100, 10), (1000, 10), (1, 100), (1, 1000), (1, 10_000)):
        found = bench("fan-out", *of(node), "--rooms", rooms, "--subscribers", subscribers, "--duration", f"{chosen.seconds} s",
                      name=f"growth-{rooms}x{subscribers}")
        rows.append([f"{rooms} x {subscribers}", f"{value(found, 'cpu_per_delivery'):.2f} µs", f"{value(found, 'delivered_rate'):,.0f}/s"])
    node.stop()
    node.remove()
    return "## Growth\n\n" + table(["rooms x subscribers", "node, CPU per delivery", "delivered"], rows)


def shards(chosen):
    rows = []
    for rooms, subscribers in SHAPES:
        for window in (32, 128):
            costs = {1: [], 2: []}
            for _ in range(chosen.rounds):
                for count, found in costs.items():
                    node = start_node(shards=count)
                    run = bench("fan-out", *of(node), "--rooms", rooms, "--subscribers", subscribers, "--window", window,
                                "--duration", f"{chosen.seconds} s", name=f"shards-{count}")
                    found.append(value(run, "cpu_per_delivery"))
                    node.stop()
                    node.remove()
            one, two = (statistics.median(found) for found in costs.values())
            rows.append([f"{rooms} x {subscribers}", window, f"{one:.2f} µs", f"{two:.2f} µs", f"{2 * one / two:.2f}"])
    return ("## Two shards\n\nOn two cores the generator and two shards cannot all run at full speed, so this is by CPU: twice the cores for "
            "what a delivery costs. With few messages on their way each of two shards has less to send at once than one alone, "
            "and more sends cost more: then the generator is the limit.\n\n"
            + table(["rooms x subscribers", "messages of a publisher on their way", "1 shard, CPU per delivery", "2 shards",
                     "deliveries of 2 against 1"], rows))


ALONE = {"activemq": activemq, "stored": storage, "chat": chat, "slow": slow, "growth": growth, "shards": shards}
COMPARED = {"fan-out": fan_out, "latency": latency, "sessions": sessions, "idle": idle}


def command_line():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--only", default="", help="some chapters, by commas; the file is not written then")
    arguments.add_argument("--peer", type=Peer, help='"profile=spring;url=ws://...;pid=1": a server to compare with in RabbitMQ\'s place; '
                           "only what compares is measured, and the file is not written")
    return arguments


def main(words=None):
    arguments = command_line()
    chosen = arguments.parse_args(words)
    there = [*COMPARED] if chosen.peer else [*COMPARED, *ALONE]
    wanted = chosen.only.split(",") if chosen.only else there
    for word in wanted:
        if word not in there:
            arguments.error(f'no chapter "{word}": {", ".join(there)}')
    chapters = [f"Measured on {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, Linux {platform.release()}; load average at the start "
                f"{os.getloadavg()[0]:.1f}.\n"]

    def take(chapter):
        print(chapter, flush=True)
        chapters.append(chapter)

    if any(word in COMPARED for word in wanted):
        peers = Peers(chosen)
        try:
            for word in (word for word in wanted if word in COMPARED):
                take(COMPARED[word](peers))
        finally:
            peers.stop()
    for word in (word for word in wanted if word in ALONE):
        take(ALONE[word](chosen))
    if chosen.only or chosen.peer:
        return
    before, _, rest = RESULTS.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    RESULTS.write_text(before + BEGIN + "\n\n" + "\n".join(chapters) + "\n" + END + after)


if __name__ == "__main__":
    main()
