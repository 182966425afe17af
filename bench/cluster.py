#!/usr/bin/env python3
"""Measures what a cluster costs: stored chat messages through two nodes, and through one, at several rates.

Starts PostgreSQL, Redis, RabbitMQ and the nodes, each time new nodes, on free ports; needs build/release/bin/stampede and
stampede-bench. Each room has a sender and subscribers at both nodes. What a node has published and asked is what it says at
its end, so connecting and joining count, too, and so it is with CPU; latencies and rates are of the measured seconds, by the clock
of one generator process.
Before that, what a SockJS send costs at the node that has its session and at the other one.
usage: bench/cluster.py [--seconds N] [--rates R,R,...] [--rooms N] [--subscribers N] [--sockjs N]   (rate 0: full load)
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

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


def cpu_of(pid):
    """Seconds of CPU that a process has used, all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def drive(urls, pids, chosen, first_room, rate):
    """What stampede-bench found, and the CPU that each process has used meanwhile."""
    before = {pid: cpu_of(pid) for pid in pids}
    with tempfile.NamedTemporaryFile() as report:
        done = subprocess.run([BENCH, "fan-out", "--stored", "--receipts", "--login", "1", "--user", "1", "--quiet",
                               *(word for url in urls for word in ("--url", url)), "--rooms", str(chosen.rooms),
                               "--first-room", str(first_room), "--subscribers", str(chosen.subscribers), "--window", "64",
                               "--duration", f"{chosen.seconds} s", "--rate", str(rate), "--json", report.name],
                              stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise SystemExit(f"stampede-bench failed: {done.stdout}")
        found = json.load(report)
    return found, {pid: cpu_of(pid) - before[pid] for pid in pids}


def figure(found, name):
    return found["figures"][name]["value"]


def span(found, kind):
    """p50/p99 of a latency."""
    if f"{kind}_p50" not in found["figures"]:
        return "-"
    return f"{figure(found, kind + '_p50'):.2f} / {figure(found, kind + '_p99'):.1f} ms"


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
    found, cpu = drive(urls, [*(node.pid for node in nodes), rabbitmq, cluster.redis.pid], chosen, first_room, rate)
    pids = [node.pid for node in nodes]
    for node in nodes:
        node.stop()
    messages = stored(cluster) - before
    sums, calls = totals(nodes), redis_calls(cluster)
    left = int(cluster.postgresql.query("SELECT count(*) FROM outbox"))
    cluster.postgresql.query("DELETE FROM outbox")  # the next nodes must not publish them
    between = sums["published"] - sums["outside"]
    row = {
        "nodes": len(nodes), "offered": f"{rate}/s" if rate else "full load",
        "stored": f"{figure(found, 'receipt_rate'):,.0f}/s", "delivered": f"{figure(found, 'delivered_rate'):,.0f}/s",
        "lost, twice, out of order": ", ".join(f"{figure(found, name):.0f}" for name in ("lost", "duplicates", "out_of_order")),
        "node-to-node publishes per message": f"{between / messages:.3f}",
        "relay's publishes per event": f"{sums['outside'] / (messages - left):.3f}" if messages > left else "-",
        "events the relay had still to publish": f"{left} of {messages}",
        "Redis commands per message": f"{sums['commands'] / messages:.4f}",
        "of these look-ups, by Redis' own count": f"{calls.get('mget', 0) / messages:.4f}",
        "receipt p50/p99": span(found, "receipt"),
        "same node p50/p99": span(found, "same_url" if len(nodes) > 1 else "delivery"),
        "other node p50/p99": span(found, "other_url"),
        "nodes' CPU per message": f"{sum(cpu[pid] for pid in pids) * 1e6 / messages:.1f} us",
        "nodes' CPU per delivery": f"{sum(cpu[pid] for pid in pids) * 1e6 / (messages * chosen.subscribers):.2f} us",
        "RabbitMQ's CPU per message": f"{cpu[rabbitmq] * 1e6 / messages:.1f} us",
        "Redis' CPU per message": f"{cpu[cluster.redis.pid] * 1e6 / messages:.2f} us",
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


def seconds_of(nodes):
    return sum(cpu_of(node.pid) for node in nodes)


def sockjs_row(cluster, where, count):
    """SockJS sends, one after the other on one connection to `where`, of a session that the first node has."""
    path = f"/ws-chat/000/{where.name}{os.getpid()}"
    owner = http.client.HTTPConnection("127.0.0.1", cluster.nodes[0].port)
    owner.request("POST", f"{path}/xhr")
    assert owner.getresponse().read() == b"o\n"
    poll = http.client.HTTPConnection("127.0.0.1", cluster.nodes[0].port)
    poll.request("POST", f"{path}/xhr_streaming")  # so that the session stays
    client = http.client.HTTPConnection("127.0.0.1", where.port)
    took = []
    for number in range(count + 200):
        if number == 200:
            cpu = seconds_of(cluster.nodes)
        began = time.perf_counter()
        client.request("POST", f"{path}/xhr_send", '["\\n"]')  # a heart-beat: nothing but the way is measured
        answer = client.getresponse()
        answer.read()
        assert answer.status == 204, answer.status
        if number >= 200:
            took.append(time.perf_counter() - began)
    cpu = (seconds_of(cluster.nodes) - cpu) / count
    print(f"SockJS sends at {'its own node' if where is cluster.nodes[0] else 'the other node'}: "
          f"nodes' CPU {cpu * 1e6:.0f} us, p50 {statistics.median(took) * 1e3:.2f} ms, p99 {sorted(took)[int(count * 0.99)] * 1e3:.2f} ms "
          f"of {count}, load average {os.getloadavg()[0]:.1f}", flush=True)
    for each in (owner, poll, client):
        each.close()


def measure_sockjs(cluster, count):
    for node in cluster.nodes:
        if not node.running():
            node.start()
    for node in cluster.nodes:
        sockjs_row(cluster, node, count)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--rates", default="100,1000,5000,0", help="messages a second, by commas; 0: full load")
    arguments.add_argument("--rooms", type=int, default=100)
    arguments.add_argument("--subscribers", type=int, default=4, help="of each room, at the nodes by turns")
    arguments.add_argument("--sockjs", type=int, default=20_000, help="SockJS sends; 0: none")
    chosen = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-bench-"))
    cluster = Cluster(folder, 2, balanced=False)
    try:
        cluster.start()
        if chosen.sockjs:
            measure_sockjs(cluster, chosen.sockjs)
        if not chosen.rates:
            return
        show([run(cluster, nodes, chosen, rate) for rate in map(int, chosen.rates.split(","))
              for nodes in (cluster.nodes, cluster.nodes[:1])])
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
