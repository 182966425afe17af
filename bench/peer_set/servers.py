"""The servers that are measured: nodes, their peers, and the bench's mock; and the state of the machine meanwhile."""
import argparse
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from peer_set.runs import ROOT, bench, page_name

sys.path[:0] = [str(ROOT / "scripts/support"), str(ROOT / "tests/node")]
from postgres import Postgres  # noqa: E402
from servers import RabbitMq  # noqa: E402
from support import WITH_STOMP, Node  # noqa: E402

MOCK = ROOT / "build/release/bin/stampede-bench-mock"
PEER_KEYS = ("name", "profile", "url", "pid", "login", "passcode")


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
    """The same load to several servers by turns; targets as stampede-bench takes them."""
    names = "-".join(one.split(";")[0].removeprefix("name=").replace(" ", "") for one in targets)
    words = ["compare", scenario, *options]
    return bench(*words, "--rounds", rounds or chosen.rounds, *(word for one in targets for word in ("--target", one)),
                 name=f"{page_name(words)}-{names}")


def start_node(shards=1, change=lambda config: config):
    """On config/bench.toml, perhaps changed."""
    return Node(change((ROOT / "config/bench.toml").read_text()), arguments=["--shards", str(shards)]).start()


@contextlib.contextmanager
def node_alone(**options):
    node = start_node(**options)
    try:
        yield node
    finally:
        node.stop()
        node.remove()


def use_for_a_while(server):
    """A new one fills each file of its log with zeros before it writes there, and commits wait; a used one takes files that it had before."""
    for statement in ("ALTER SYSTEM SET min_wal_size = '4GB'", "ALTER SYSTEM SET max_wal_size = '4GB'", "SELECT pg_reload_conf()",
                      "SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal() FROM generate_series(1, 256)", "CHECKPOINT"):
        server.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.connection, "-c", statement)


@contextlib.contextmanager
def node_with_postgres():
    """A node whose PostgreSQL runs beside everything else on the same cores, with the files of its log there, as after a while of use."""
    server = Postgres()
    try:
        use_for_a_while(server)
        with node_alone(change=lambda config: config.replace(
                "[storage]\n", f'[storage]\nbackend = "postgresql"\nconnection = "{server.connection}"\n')) as node:
            yield node
    finally:
        server.remove()


@contextlib.contextmanager
def mock_server():
    """The bench's own server, which hands on what it gets and does nothing else; its address."""
    with subprocess.Popen([MOCK], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[1]
        finally:
            process.kill()


@contextlib.contextmanager
def processors_awake():
    """Whatever has nothing to do looks round and round at the lowest priority there is: no processor sleeps."""
    loops = [subprocess.Popen(["chrt", "--idle", "0", "sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for each in loops:
            each.kill()
            each.wait()


def websocket(node):
    return node.url.replace("http", "ws", 1) + "/ws"


def spoken(node, scheme):
    """The node's address for this framing."""
    if scheme == "stomp":
        return f"stomp://127.0.0.1:{node.stomp_ports[0]}"
    return websocket(node) if scheme == "ws" else node.url.replace("http", "sockjs", 1) + "/ws-chat"


def of(node):
    return "--url", websocket(node), "--pid", node.process.pid
