#!/usr/bin/env python3
"""Measures a node with stampede-bench and prints the figures; with --with-rabbitmq RabbitMQ's Web STOMP in the same run.

The node runs with one shard on config/bench.toml. CPU is what the server's processes used (all threads), memory is
PSS; both are the kernel's figures, so a busy machine changes rates but hardly the cost per delivery.
usage: bench/measure.py [--with-rabbitmq] [--seconds N]
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/node"))
from postgres import Postgres, free_port  # noqa: E402
from support import Node  # noqa: E402

BENCH = ROOT / "build/release/bin/stampede-bench"
SHAPES = ((1, 1000), (100, 10), (1000, 2))


def bench(scenario, url, pid, *options):
    done = subprocess.run([BENCH, scenario, "--url", url, "--pid", str(pid), *map(str, options)],
                          stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{scenario} failed")
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def node(config, *arguments):
    return Node(config, arguments=["--shards", "1", *arguments]).start()


def websocket(url):
    return url.replace("http", "ws", 1) + "/ws"


def show(name, figures, *keys):
    print(f"{name:34}" + "   ".join(f"{key} {figures[key]}" for key in keys if key in figures), flush=True)


class RabbitMq:
    """Debian's RabbitMQ with its Web STOMP plugin, in a temporary directory."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-rabbitmq-"))
        self.port, amqp, epmd, dist, stomp = (free_port() for _ in range(5))
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{amqp}\nweb_stomp.tcp.ip = 127.0.0.1\nweb_stomp.tcp.port = {self.port}\n"
            f"stomp.listeners.tcp.1 = 127.0.0.1:{stomp}\nlog.file.level = error\n")
        (self.folder / "enabled_plugins").write_text("[rabbitmq_web_stomp].\n")
        self.epmd = epmd
        environment = {
            "HOME": str(self.folder), "PATH": os.environ["PATH"], "RABBITMQ_NODENAME": f"bench{self.port}@localhost",
            "RABBITMQ_MNESIA_BASE": str(self.folder), "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"), "RABBITMQ_DIST_PORT": str(dist),
            "ERL_EPMD_PORT": str(epmd), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
            "RABBITMQ_PID_FILE": str(self.folder / "pid")}
        shutil.chown(self.folder, "rabbitmq")
        for path in self.folder.iterdir():
            shutil.chown(path, "rabbitmq")
        self.process = subprocess.Popen(
            ["setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--init-groups",
             "/usr/lib/rabbitmq/bin/rabbitmq-server"],
            env=environment, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=1)
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit("RabbitMQ did not start")
                time.sleep(0.5)
        self.pid = self.beam()
        self.url = f"ws://127.0.0.1:{self.port}/ws"

    def beam(self):
        """The process of this server's virtual machine."""
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if b"beam.smp" in command.split(b"\0")[0] and f"\0{self.epmd}\0".encode() in command:
                    return int(entry.name)
        raise SystemExit("RabbitMQ's process was not found")

    def stop(self):
        os.kill(self.pid, 15)
        self.process.wait(60)
        subprocess.run(["epmd", "-port", str(self.epmd), "-kill"], stdout=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


def measure_node(seconds):
    config = (ROOT / "config/bench.toml").read_text()
    running = node(config)
    pid, url = running.process.pid, websocket(running.url)
    show("idle, 5,000 sessions", bench("idle", url, pid, "--sessions", 5000), "pss_per_session", "cpu_per_connect")
    running.stop()
    running.remove()
    running = node(config)
    pid, url = running.process.pid, websocket(running.url)
    costs = {}
    for rooms, subscribers in SHAPES:
        figures = bench("fan-out", url, pid, "--rooms", rooms, "--subscribers", subscribers, "--seconds", seconds)
        costs[rooms, subscribers] = float(figures["cpu_per_delivery"].split()[0])
        show(f"fan-out {rooms} x {subscribers}", figures, "cpu_per_delivery", "server_cpu", "rate")
    running.stop()
    running.remove()
    return costs


def measure_storage(seconds, name, config):
    running = node(config)
    rooms = [running.rest("POST", "/api/chat/rooms", {"name": "bench", "creatorId": 1, "nickname": "bench"})[1]
             for _ in range(100)]
    first = rooms[0]["chatRoomId"]
    for rate in (0, 20_000, 10_000):
        figures = bench("chat", websocket(running.url), running.process.pid, "--rooms", 100, "--first-room", first,
                        "--seconds", seconds, "--rate", rate)
        show(f"stored, {name}, " + (f"{rate}/s" if rate else "full load"), figures,
             "rate", "receipt_p50", "receipt_p99", "server_cpu", "cpu_per_message")
    running.stop()
    running.remove()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--with-rabbitmq", action="store_true")
    arguments.add_argument("--seconds", type=float, default=5)
    chosen = arguments.parse_args()
    costs = measure_node(chosen.seconds)
    if chosen.with_rabbitmq:
        peer = RabbitMq()
        try:
            for rooms, subscribers in SHAPES:
                figures = bench("fan-out", peer.url, peer.pid, "--rooms", rooms, "--subscribers", subscribers,
                                "--seconds", chosen.seconds)
                show(f"RabbitMQ, fan-out {rooms} x {subscribers}", figures, "cpu_per_delivery", "server_cpu", "rate")
                theirs = float(figures["cpu_per_delivery"].split()[0])
                print(f"{'':34}{theirs / costs[rooms, subscribers]:.0f} times the node's CPU per delivery")
        finally:
            peer.stop()
    measure_storage(chosen.seconds, "SQLite", "")
    server = Postgres()
    try:
        measure_storage(chosen.seconds, "PostgreSQL",
                        f'[storage]\nbackend = "postgresql"\nconnection = "{server.connection}"\n')
    finally:
        server.remove()


if __name__ == "__main__":
    main()
