#!/usr/bin/env python3
"""Measures what a cluster costs: stored chat messages through two nodes, and through one, at several rates.

Starts PostgreSQL, Redis, RabbitMQ and the nodes, each time new nodes, on free ports; needs build/release/bin/stampede and
stampede-bench. Each room has a sender and subscribers at both nodes. What a node has published and asked is what it says at
its end, so connecting and joining count, too; latencies, rates and CPU are of the measured seconds, by the clock of one
generator process.
usage: bench/cluster.py [--seconds N] [--rates R,R,...] [--rooms N] [--subscribers N]   (rate 0: full load)
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts/support"), str(ROOT / "tests/node")]
sys.dont_write_bytecode = True
from cluster import Cluster  # noqa: E402
from support import Node  # noqa: E402

BENCH = ROOT / "build/release/bin/stampede-bench"


def make_rooms(cluster, count):
    node = Node(port=cluster.nodes[0].port, data=cluster.folder)  # for its REST only
    rooms = [node.rest("POST", "/api/chat/rooms", {"name": "bench", "creatorId": 1, "nickname": "bench"}, {"X-User-Id": "1"})[1]
             for _ in range(count)]
    return rooms[0]["chatRoomId"]


def stored(cluster):
    return int(cluster.postgresql.query("SELECT count(*) FROM messages"))


def totals(nodes):
    """What the nodes have said at their ends, summed; they have just been stopped."""
    sums = {}
    for node in nodes:
        text = node.log.read_text().rpartition(" starting ")[2]
        for event in ("bus_totals", "registry_totals"):
            line = re.search(rf" {event} (.*)", text)
            for name, number in re.findall(r'(\w+)="(\d+)"', line[1]):
                sums[name] = sums.get(name, 0) + int(number)
    return sums


def redis_calls(cluster):
    calls = {}
    for line in cluster.redis.command("INFO", "commandstats").splitlines():
        if found := re.match(r"cmdstat_([^:]+):calls=(\d+)", line):
            calls[found[1]] = int(found[2])
    return calls


def drive(urls, pids, chosen, first_room, rate):
    others = [word for url in urls[1:] for word in ("--other-url", url)]
    others += [word for pid in pids[1:] for word in ("--other-pid", str(pid))]
    done = subprocess.run([BENCH, "chat", "--url", urls[0], "--pid", str(pids[0]), *others, "--rooms", str(chosen.rooms),
                           "--first-room", str(first_room), "--subscribers", str(chosen.subscribers),
                           "--seconds", str(chosen.seconds), "--rate", str(rate)], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit("stampede-bench failed")
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def number(figures, name):
    return float(figures[name].split()[0])


def run(cluster, nodes, chosen, rate):
    """One row: the load on some of the nodes, with the whole life of these nodes."""
    for node in cluster.nodes:
        if node.running():
            node.stop()
    cluster.redis.command("CONFIG", "RESETSTAT")
    for node in nodes:
        node.start()
    first_room = make_rooms(cluster, chosen.rooms)
    before = stored(cluster)
    urls = [node.url.replace("http", "ws", 1) + "/ws" for node in nodes]
    rabbitmq, = cluster.rabbitmq.server_pids()
    figures = drive(urls, [*(node.pid for node in nodes), rabbitmq, cluster.redis.pid], chosen, first_room, rate)
    pids = [node.pid for node in nodes]
    for node in nodes:
        node.stop()
    messages = stored(cluster) - before
    sums, calls = totals(nodes), redis_calls(cluster)
    left = int(cluster.postgresql.query("SELECT count(*) FROM outbox"))
    cluster.postgresql.query("DELETE FROM outbox")  # the next nodes must not publish them
    cpu = {pid: number(figures, f"cpu_of_{pid}") for pid in (*pids, rabbitmq, cluster.redis.pid)}
    measured, delivered = number(figures, "stored"), number(figures, "delivered")
    between = sums["published"] - sums["outside"]
    row = {
        "nodes": len(nodes), "offered": f"{rate}/s" if rate else "full load",
        "stored": f"{number(figures, 'rate'):.0f}/s", "delivered": f"{number(figures, 'delivery_rate'):.0f}/s",
        "node-to-node publishes per message": f"{between / messages:.3f}",
        "relay's publishes per event": f"{sums['outside'] / (messages - left):.3f}" if messages > left else "-",
        "events the relay had still to publish": f"{left} of {messages}",
        "Redis commands per message": f"{sums['commands'] / messages:.4f}",
        "of these look-ups, by Redis' own count": f"{calls.get('mget', 0) / messages:.4f}",
        "receipt p50/p99": f"{figures['receipt_p50']} / {figures['receipt_p99']}",
        "same node p50/p99": f"{figures['same_node_p50']} / {figures['same_node_p99']}",
        "other node p50/p99": f"{figures['other_node_p50']} / {figures['other_node_p99']}" if len(nodes) > 1 else "-",
        "nodes' CPU per message": f"{sum(cpu[pid] for pid in pids) * 1e6 / measured:.1f} us",
        "nodes' CPU per delivery": f"{sum(cpu[pid] for pid in pids) * 1e6 / delivered:.2f} us",
        "RabbitMQ's CPU per message": f"{cpu[rabbitmq] * 1e6 / measured:.1f} us",
        "Redis' CPU per message": f"{cpu[cluster.redis.pid] * 1e6 / measured:.2f} us",
        "events between nodes: sent, received, dropped": f"{sums['events']}, {sums['received_events']}, {sums['dropped']}",
        "load average of the machine": f"{os.getloadavg()[0]:.1f}",
    }
    print(f"{row['nodes']} node(s), {row['offered']}: {row['stored']} stored", file=sys.stderr, flush=True)
    return row


def show(rows):
    """As a Markdown table, a column for each run."""
    for name in rows[0]:
        print("| " + " | ".join([name, *(str(row[name]) for row in rows)]) + " |")
        if name == "nodes":
            print("| --- " * (len(rows) + 1) + "|")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--rates", default="100,1000,5000,0", help="messages a second, by commas; 0: full load")
    arguments.add_argument("--rooms", type=int, default=100)
    arguments.add_argument("--subscribers", type=int, default=4, help="of each room, at the nodes by turns")
    chosen = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-bench-"))
    cluster = Cluster(folder, 2, balanced=False)
    try:
        cluster.start()
        show([run(cluster, nodes, chosen, rate) for rate in map(int, chosen.rates.split(","))
              for nodes in (cluster.nodes, cluster.nodes[:1])])
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
