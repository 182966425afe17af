"""What the node and another server are compared in: they take turns, and ratios are those within a round."""
import concurrent.futures
import contextlib
import pathlib
import resource
import shutil
import statistics
import tempfile

from peer_set.runs import bench, medians, ratio, spread, table, value
from peer_set.servers import WITH_STOMP, against, mock_server, node_alone, of, processors_awake

from servers import ActiveMq

SHAPES = ((1, 1000), (100, 10), (1000, 2))


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


LOADS = (
    (["direct", "--pairs", 50, "--rate", 1000], (("direct, 50 pairs, 1,000/s: there", "delivery"), ("there and back", "round_trip"))),
    (["fan-out", "--rooms", 100, "--subscribers", 10, "--rate", 2000], (("100 x 10 at 20,000 deliveries/s", "delivery"),)),
)


def latency(peers):
    rows = []

    def points(found, kind):
        return " / ".join(f"{found(f'{kind}_{point}'):.2f}" for point in ("p50", "p99", "p999"))

    for words, kinds in LOADS:
        for state, remark in ((contextlib.nullcontext, ""), (processors_awake, ", processors awake")):
            timed = [*words, "--duration", f"{peers.chosen.seconds} s"]
            with state(), mock_server() as url:
                found = peers.compare(*timed)
                floor = bench(*timed, "--url", url)
            for title, kind in kinds:
                rows.append([title + remark, *(points(lambda name, at=at: medians(found, name)[at], kind) for at in (0, 1)),
                             points(lambda name: value(floor, name), kind), f"{medians(found, 'lag_p99')[0]:.3f} ms"])
    return ("## Latency, open loop\n\nFrom the moment a message was due; p50 / p99 / p99.9 in ms. The mock is the bench's own server, which "
            "hands on what it gets and does nothing else: what is left when the server costs nothing. \"Awake\": something of the lowest "
            "priority runs on every processor, so that none has to be woken up, as with `idle=poll`.\n\n"
            + table(["load", "node", peers.title, "mock", "the bench's own lateness, p99"], rows))


def sessions(peers):
    found = peers.compare("connect", "--sessions", 2000, "--connecting", 100)
    rows = [["connect + CONNECT + SUBSCRIBE", *(f"{each:.0f} µs" for each in medians(found, "cpu_per_connect")),
             ratio(found, "cpu_per_connect"), f"{1e6 / medians(found, 'cpu_per_connect')[0]:,.0f}/s"]]
    found = peers.compare("churn", "--connecting", 50, "--duration", f"{peers.chosen.seconds} s")
    costs = [[value(run, "server_cpu") * run["measured_seconds"] * 1e6 / value(run, "cycles") for run in row] for row in found["rounds"]]
    ours, theirs = (statistics.median(column) for column in zip(*costs))
    rows.append(["connect, subscribe, unsubscribe, disconnect", f"{ours:.0f} µs", f"{theirs:.0f} µs",
                 spread([them / us for us, them in costs], 1), f"{1e6 / ours:,.0f}/s"])
    return "## Sessions that come and go\n\n" + table(
        ["what", "node, CPU each", peers.title, "ratio (least to most)", "node, per core second"], rows)


def most_sessions():
    """A session is an open file of the node's, which keeps some for itself."""
    return min(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 500)


def idle_on_two_nodes(count):
    """At the same time: more than the files of one process."""
    def held(node):
        return bench("idle", *of(node), "--sessions", count // 2, "--heart-beat", "10 s", "--duration", "20 s",
                     "--source", "127.0.0.1", "--source", "127.0.0.2", name=f"idle-{node.port}")

    with node_alone() as one, node_alone() as other, concurrent.futures.ThreadPoolExecutor() as pool:
        both = list(pool.map(held, (one, other)))
    memory = statistics.mean(value(each, "pss_per_session") for each in both)
    cpu = sum(value(each, "server_cpu") for each in both)
    return ["two nodes at once, heart-beats of 10 s", f"{count:,}", f"{memory:.2f} KiB", f"{cpu:.3f} cores, both"]


def idle(peers):
    """Each node anew: memory that an earlier load left behind would hide the sessions'."""
    found = bench("idle", *peers.other.options, "--sessions", 2000, "--duration", "3 s", name=f"idle-{peers.title}")
    rows = [[peers.title, "2,000", f"{value(found, 'pss_per_session'):.0f} KiB", ""]]
    for count, beat in ((1000, 0), (5000, 0), (10_000, 0), (most_sessions(), 0), (most_sessions(), 10)):
        with node_alone() as node:
            found = bench("idle", *of(node), "--sessions", count, "--heart-beat", f"{beat} s", "--duration", f"{max(3, 1.5 * beat)} s",
                          "--source", "127.0.0.1", "--source", "127.0.0.2")
        rows.append(["node" + (f", heart-beats of {beat} s both ways" if beat else ""), f"{count:,}",
                     f"{value(found, 'pss_per_session'):.2f} KiB", f"{value(found, 'server_cpu'):.3f} cores" if beat else ""])
    rows.append(idle_on_two_nodes(24_000))
    return ("## Idle WebSocket sessions, connected and subscribed\n\nA process may have "
            f"{resource.getrlimit(resource.RLIMIT_NOFILE)[1]:,} open files here, and each session is one.\n\n"
            + table(["server", "sessions", "PSS each", "CPU"], rows))


def activemq(chosen):
    """Over TCP, as Debian's ActiveMQ has no WebSocket."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-bench-"))
    server = ActiveMq(folder)
    rows = []
    try:
        server.start()
        with node_alone(change=lambda config: config + WITH_STOMP) as node:
            targets = (f"name=stampede;profile=stampede;url=stomp://127.0.0.1:{node.stomp_ports[0]};pid={node.process.pid}",
                       f"name=activemq;profile=activemq;url={server.url};pid={server.pid}")
            # A Java machine that is warm, and memory that it has taken.
            bench("fan-out", "--profile", "activemq", "--url", server.url, "--rooms", 10, "--subscribers", 10, "--duration", "15 s", name="warm")
            timed = ("--duration", f"{chosen.seconds} s")
            for words, figure in ((("fan-out", "--rooms", 1, "--subscribers", 1000, *timed), "cpu_per_delivery"),
                                  (("fan-out", "--rooms", 100, "--subscribers", 10, *timed), "cpu_per_delivery"),
                                  (("connect", "--sessions", 1000), "cpu_per_connect")):
                found = against(chosen, *words, targets=targets)
                ours, theirs = medians(found, figure)
                title = " ".join(str(word) for word in words if word not in timed).replace("--", "")
                rows.append([title, f"{ours:.2f} µs", f"{theirs:,.1f} µs", ratio(found, figure)])
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return ("## ActiveMQ, STOMP over TCP\n\nCPU of a delivery at full load, and of connecting and subscribing.\n\n"
            + table(["load", "node", "ActiveMQ", "ratio (least to most)"], rows))
