"""What is measured of the node alone: stored messages, a mixed day, slow readers, growth, a second shard."""
import itertools
import re
import statistics

from peer_set.compared import SHAPES
from peer_set.cpu_share import cpu_share
from peer_set.runs import bench, spread, table, value
from peer_set.servers import node_alone, node_with_postgres, of
from peer_set.threads import cpu_of_threads, share_of_shards

JSON_BYTES = 370  # of a stored message with 200 bytes of content
STORED_WINDOWS = (32, 128)


def message_rows(node, chosen, database):
    rows = []
    # The full load last: what it leaves for the kernel to write would be in the way of the others.
    for rate in (2_000, 10_000, 20_000, 40_000, 0):
        runs = [bench("fan-out", *of(node), "--stored", "--receipts", "--rooms", 100, "--subscribers", 0, "--window", 64, "--rate", rate,
                      "--duration", f"{chosen.seconds} s", name=f"stored-{database}-{rate}") for _ in range(chosen.rounds)]

        def each(name, runs=runs):
            return [value(run, name) for run in runs]

        def middle(name, each=each):
            return statistics.median(each(name))

        rows.append([database, f"{rate:,}/s" if rate else "full load", f"{middle('receipt_rate'):,.0f}/s", f"{middle('receipt_p50'):.2f} ms",
                     f"{middle('receipt_p99'):.1f} ms", ", ".join(f"{one:.1f}" for one in each("receipt_p99")),
                     f"{middle('cpu_per_message'):.1f} µs", f"{middle('lag_p99'):.1f} ms" if rate else "",
                     ", ".join(f"{1000 * one:.0f}" for one in each("machine_steal")) + " ms/s"])
    return rows


def stored_fan_out(node, chosen):
    """Against generic messages of as many bytes: all threads of the node, and its shard's alone."""
    rows = []
    for (rooms, subscribers), window in itertools.product(SHAPES, STORED_WINDOWS):
        costs = []
        for _ in range(chosen.rounds):
            found = []
            for kind in (("--body", JSON_BYTES), ("--stored",)):
                before = cpu_of_threads(node.process.pid)
                run = bench("fan-out", *of(node), "--rooms", rooms, "--subscribers", subscribers, "--window", window, *kind,
                            "--duration", f"{chosen.seconds} s")
                whole = value(run, "cpu_per_delivery")
                found += [whole, whole * share_of_shards(before, cpu_of_threads(node.process.pid))]
            costs.append(found)
        generic, generic_shard, stored, stored_shard = (f"{statistics.median(column):.2f} µs" for column in zip(*costs))
        rows.append([f"{rooms} x {subscribers}", window, generic, stored, spread([one[2] / one[0] for one in costs]), generic_shard, stored_shard,
                     spread([one[3] / one[1] for one in costs])])
    return rows


def storage(chosen):
    with node_with_postgres() as node:
        messages = message_rows(node, chosen, "PostgreSQL")
    with node_alone() as node:
        messages += message_rows(node, chosen, "SQLite")
    with node_with_postgres() as node:
        deliveries = stored_fan_out(node, chosen)
    return ("## Stored chat messages\n\nPostgreSQL 15 with fsync on, `min_wal_size` and `max_wal_size` 4 GB, and so many files of its log from the start, as in a "
            "database that has been in use; SQLite in WAL with synchronous FULL. 100 rooms with one sender each; the "
            "RECEIPT comes after the commit. \"Full load\": each sender has 64 sends without a RECEIPT.\n\n"
            + table(["database", "offered", "stored", "RECEIPT p50", "p99", "by round", "node, CPU per message", "the bench late by itself, p99",
                     "taken by the host, by round"], messages)
            + "\nDelivered to subscribers, at full load, against a generic topic with bodies of the same size (a message of 200 bytes is 370 of "
            "JSON), CPU per delivery. \"Shard\": its thread alone, which takes the SENDs apart and delivers; what stores and publishes is in other "
            "threads. \"Window\": a publisher's messages on their way.\n\n"
            + table(["rooms x subscribers", "window", "generic", "stored", "ratio", "shard, generic", "stored", "ratio"], deliveries))


def chat(chosen):
    timed = ("--duration", f"{max(4, chosen.seconds)} s")
    with node_alone() as node:
        day = bench("chat", *of(node), "--rooms", 50, "--subscribers", 10, "--rate", 1000, *timed)
        back = bench("resume", *of(node), "--stored", "--rooms", 50, "--subscribers", 10, "--rate", 500, *timed)
    # What docs/capacity.md has a pod of 100,000 connections do.
    with node_with_postgres() as node:
        pod = bench("fan-out", *of(node), "--stored", "--rooms", 100, "--subscribers", 20, "--rate", 1670, *timed, name="pod")
    rows = [["delivered", f"{value(day, 'delivered_rate'):,.0f}/s"], ["lost, twice, out of order", ", ".join(
        f"{value(day, name):.0f}" for name in ("lost", "duplicates", "out_of_order"))],
            *([f"{kind}, p50 / p99", f"{value(day, kind + '_p50'):.2f} / {value(day, kind + '_p99'):.1f} ms"]
              for kind in ("delivery", "receipt", "history")),
            ["node's CPU", f"{value(day, 'server_cpu'):.2f} cores"]]
    return ("## A mixed day\n\n50 rooms of 10 people, 1,000 actions a second, as `stampede-bench chat` has them; SQLite.\n\n"
            + table(["what", "figure"], rows)
            + f"\nEverybody off at once and back (500 subscribers of 50 rooms and their 50 publishers, 500 messages a second): subscribed and caught up after "
            f"{value(back, 'resume_p50'):.0f} ms at the median, {value(back, 'resume_p99'):.0f} ms at p99; lost "
            f"{value(back, 'lost'):.0f}, twice {value(back, 'duplicates'):.0f}, out of order {value(back, 'out_of_order'):.0f}.\n"
            f"\nA pod's share of [the day](../docs/capacity.md#the-day), 1,670 stored messages a second to 20 subscribers each, PostgreSQL: "
            f"{value(pod, 'delivered_rate'):,.0f} deliveries a second with {value(pod, 'server_cpu'):.2f} cores of the node, "
            f"{value(pod, 'cpu_per_delivery'):.1f} µs each with everything that belongs to them; p50 / p99 "
            f"{value(pod, 'delivery_p50'):.2f} / {value(pod, 'delivery_p99'):.1f} ms.\n")


def bounded(config, bound):
    """With another bound for what waits for a client, and for a body, which must fit into it."""
    for key, size in (("queue", bound), ("max_body", "64 KiB"), ("max_headers_size", "64 KiB"), ("max_header_line", "16 KiB")):
        config = re.sub(f"(?m)^{key} = .*", f'{key} = "{size}"', config)
    return config


# The bound of what waits for a client; rooms and their subscribers; messages a second and their bytes. In one room what waits for
# the stopped readers is the same bytes for all; in a hundred, with one of them each, nobody shares.
STOPPED = (
    ("64 MiB", 1, 1000, 20, 2_000),
    ("256 KiB", 1, 1000, 15, 20_000),
    ("1 MiB", 100, 10, 1_500, 20_000),
)


def slow(chosen):
    rows = []
    for bound, rooms, subscribers, rate, size in STOPPED:
        shape = ("--rooms", rooms, "--subscribers", subscribers, "--rate", rate, "--body", size, "--duration", "40 s")
        ratios, found = [], []
        for _ in range(chosen.rounds):
            with node_alone(change=lambda config, bound=bound: bounded(config, bound)) as node:
                all_read = bench("fan-out", *of(node), *shape, name=f"nobody-slow-{rooms}")
                some = bench("slow", *of(node), *shape, "--slow-readers", 100)
            ratios.append(value(some, "delivery_p99") / value(all_read, "delivery_p99"))
            found.append([value(all_read, "delivery_p99"), value(some, "delivery_p99"), value(all_read, "pss"), value(some, "pss"),
                          value(some, "slow_readers_closed")])
        quiet, stopped, memory, more, closed = (statistics.median(column) for column in zip(*found))
        rows.append([bound, f"{rooms} x {subscribers}", f"{rate:,} of {size:,} bytes", f"{quiet:.2f} ms", f"{stopped:.2f} ms", spread(ratios),
                     f"{memory:.0f} MiB", f"{more:.0f} MiB", f"{closed:.0f}"])
    return ("## Slow consumers\n\n100 of 1,000 subscribers stop reading: in one room, where what waits for them is the same bytes for all, and one in "
            "each of 100 rooms, where nobody shares and a hundred bounds are what may wait. Memory is the most that was seen.\n\n"
            + table(["`limits.outbound.queue`", "rooms x subscribers", "messages a second", "p99, all read", "p99 of the others, 100 stopped", "ratio",
                     "node's memory, all read", "100 stopped", "closed as slow"], rows))


def growth(chosen):
    rows = []
    with node_alone() as node:
        for rooms, subscribers in ((1, 10), (10, 10), (100, 10), (1000, 10), (1, 100), (1, 1000), (1, 10_000)):
            costs, rates = [], []
            for _ in range(chosen.rounds):
                found = bench("fan-out", *of(node), "--rooms", rooms, "--subscribers", subscribers, "--duration", f"{chosen.seconds} s")
                costs.append(value(found, "cpu_per_delivery"))
                rates.append(value(found, "delivered_rate"))
            rows.append([f"{rooms} x {subscribers}", spread(costs) + " µs", f"{statistics.median(rates):,.0f}/s"])
    return ("## Growth\n\nMemory by the number of sessions is above, with the idle ones.\n\n"
            + table(["rooms x subscribers", "node, CPU per delivery (least to most)", "delivered"], rows))


SHARD = 0.15  # of a core


def shards(chosen):
    rows = []
    for rooms, subscribers in SHAPES:
        rates = {1: [], 2: []}
        costs = {1: [], 2: []}
        for _ in range(chosen.rounds):
            for count in rates:
                with node_alone(shards=count) as node, cpu_share(node.process.pid, count * SHARD):
                    run = bench("fan-out", *of(node), "--rooms", rooms, "--subscribers", subscribers, "--window", 64,
                                "--duration", f"{chosen.seconds} s", name=f"shards-{count}-{rooms}x{subscribers}")
                rates[count].append(value(run, "delivered_rate"))
                costs[count].append(value(run, "cpu_per_delivery"))
        rows.append([f"{rooms} x {subscribers}", *(f"{statistics.median(rates[count]):,.0f}/s, {statistics.median(costs[count]):.2f} µs" for count in rates),
                     spread([two / one for one, two in zip(*rates.values())])])
    return (f"## Two shards\n\nOn two cores a generator that must feed two shards at full speed is the limit itself. So a shard has {SHARD:.0%} of a "
            "core (a quota, by cgroups), which is little enough for the generator to be idle now and then: one such shard against two. "
            "Deliveries, and CPU per delivery.\n\n"
            + table(["rooms x subscribers", "1 shard", "2 shards", "deliveries of 2 against 1"], rows))
