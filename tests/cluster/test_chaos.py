"""Three nodes, 50 rooms, and everything fails by turns: what was acknowledged arrives, in order, once.

STAMPEDE_SEED       the seed of the schedule and of the clients; drawn and printed if it is not set
STAMPEDE_CHAOS_SECONDS   how long things fail (25)
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts/support"), str(HERE.parent / "node"), str(HERE)]

from checker import Stored, check  # noqa: E402
from clients import TRY_AGAIN, Sender, Subscriber  # noqa: E402
from cluster import Cluster  # noqa: E402
from outside import Outside  # noqa: E402
from schedule import BACKENDS, draw  # noqa: E402
from support import Client, Closed, Node  # noqa: E402

SECONDS = float(os.environ.get("STAMPEDE_CHAOS_SECONDS", "25"))
ROOMS = 50
SENDERS, ROOMS_OF_A_SENDER, RATE = 12, 8, 12.0
SUBSCRIBERS, ROOMS_OF_A_SUBSCRIBER = 24, 6
PATIENCE = 150  # seconds; for each step at the end
FLOOD = 100  # messages of 64 KiB

ACCESS = """
[[broker.access]]
destination = "/topic/flood/**"
send = ["*"]
subscribe = ["*"]
"""

os.environ["STAMPEDE_STORAGE__WAIT_TIMEOUT"] = "2 s"


def say(text):
    print(text, file=sys.stderr, flush=True)


class Chaos(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("STAMPEDE_SEED", random.SystemRandom().randrange(2**32)))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-chaos-"))
        self.keep = True
        self.doubts = []  # when a commit could lose its answer; wall clock
        self.created = {}  # (room, seq) -> when
        self.addCleanup(self.clean)
        say(f"\nseed {self.seed}, {SECONDS:.0f} s, logs in {self.folder}")
        self.cluster = Cluster(self.folder, 3, gated=True, balanced=False, more=ACCESS)
        self.addCleanup(self.cluster.stop)
        self.cluster.start()
        self.rooms = self.make_rooms()
        self.outside = Outside(self.cluster.rabbitmq.port)
        self.addCleanup(self.outside.end)
        ports = [node.port for node in self.cluster.nodes]
        # Each room has senders and subscribers; which ones is always the same.
        self.senders = [Sender(f"sender-{n}", 1000 + n, ports, self.seed, self.share(n * 4, ROOMS_OF_A_SENDER), RATE)
                        for n in range(SENDERS)]
        self.subscribers = [Subscriber(f"subscriber-{n}", 2000 + n, ports, self.seed,
                                       self.share(n * ROOMS_OF_A_SUBSCRIBER, ROOMS_OF_A_SUBSCRIBER))
                            for n in range(SUBSCRIBERS)]

    def share(self, first, count):
        return [self.rooms[(first + n) % ROOMS] for n in range(count)]

    def clean(self):
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def make_rooms(self):
        node = Node(port=self.cluster.nodes[0].port, data=self.folder)  # for its REST only
        rooms = []
        for number in range(ROOMS):
            status, room = node.rest("POST", "/api/chat/rooms", {"name": f"room {number}", "creatorId": 1, "nickname": "c"},
                                     {"X-User-Id": "1"})
            self.assertEqual(status, 201, room)
            rooms.append(room["chatRoomId"])
        return rooms

    def test_what_was_acknowledged_arrives_in_order_and_once(self):
        people = self.senders + self.subscribers
        for person in people:
            person.start()
        for each in [*(sender.ready for sender in self.senders), *(one.live for one in self.subscribers)]:
            self.assertTrue(each.wait(PATIENCE), "a client did not get ready")
        faults = draw(self.seed, SECONDS, [node.name for node in self.cluster.nodes], [one.name for one in self.subscribers])
        self.wreak(faults)
        self.mend()
        violations, stored = self.finish()
        sends = [send for sender in self.senders for send in sender.facts()]
        subscriptions = [each for one in self.subscribers for each in one.facts()]
        found = check(sends, stored, subscriptions, self.outside.messages)
        doubtful = [each for each in found if each.rule == "refused and stored" and self.in_doubt(each)]
        violations += [each for each in found if each not in doubtful]
        codes = sum((person.codes for person in people), collections.Counter())
        delivered = sum(len(interval.received) for each in subscriptions for interval in each.intervals)
        senders, subscribers, outside = (then - before for before, then in zip(self.steps, self.steps[1:]))
        say(f"{len(sends)} sends, {sum(send.acknowledged for send in sends)} acknowledged, {sum(send.refused for send in sends)} "
            f"refused, {len(stored)} stored, {delivered} delivered in {sum(len(e.intervals) for e in subscriptions)} "
            f"subscriptions, {len(faults)} faults, {len(doubtful)} in doubt; "
            f"mended, the senders took {senders:.1f} s, then subscribers {subscribers:.1f} s, then outside {outside:.1f} s; {dict(codes)}")
        violations += [f"{person.name} failed: {person.failure!r}" for person in people if person.failure]
        violations += [f"unexpected: {code}" for code in codes
                       if code not in TRY_AGAIN and not code.startswith("closed")]
        if violations:
            say("the schedule was:\n" + "\n".join(map(str, faults)))
            shown = "\n".join(map(str, violations[:60]))
            self.fail(f"seed {self.seed}: {len(violations)} violations, logs in {self.folder}:\n{shown}")
        self.assertGreater(sum(send.acknowledged for send in sends), 5 * SECONDS)
        self.keep = False

    def in_doubt(self, violation):
        """The limit of guarantee G2: the link to PostgreSQL broke between a commit and its answer, and stayed away for longer than
        storage.wait_timeout. What was sent later, while it was away, is no such case."""
        sent = self.created[violation.room, violation.seq]
        return any(begin - 2.5 < sent < end for begin, end in self.doubts)

    def wreak(self, faults):
        """Each target's faults in a thread of its own, at their times; returns when the last is over."""
        lines = collections.defaultdict(list)
        for fault in faults:
            lines[fault.target].append(fault)
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(len(lines)) as pool:
            list(pool.map(lambda line: self.run_line(line, began), lines.values()))
        time.sleep(max(0, began + SECONDS - time.monotonic()))

    def run_line(self, line, began):
        for fault in line:
            time.sleep(max(0, began + fault.at - time.monotonic()))
            self.do(fault)

    def do(self, fault):
        name, _, backend = fault.target.partition("/")
        if "postgresql" in (name, backend):
            # What is held or slow may still arrive; a broken link breaks at once.
            lasts = fault.seconds if fault.what in ("hold", "slow") else 0.5
            self.doubts.append((time.time(), time.time() + lasts))
        if backend:
            gate = self.cluster.gates[name][backend]
            {"cut": gate.cut, "hold": gate.hold, "drop": gate.drop, "slow": lambda: gate.slow(0.05)}[fault.what]()
            time.sleep(fault.seconds)
            gate.open()
        elif fault.what == "stop reading":
            self.overflow(next(one for one in self.subscribers if one.name == name), fault.seconds)
        elif fault.what == "empty":
            self.cluster.redis.command("FLUSHALL")
        else:
            server = self.cluster.backends.get(name) or self.cluster.node(name)
            if server.running():
                server.stop() if fault.what == "stop" else server.kill()
            time.sleep(fault.seconds)
            self.start(server)

    def overflow(self, reader, seconds):
        """The reader stops, and more comes than its node and the kernel keep for it."""
        reader.paused_until = time.monotonic() + seconds
        try:
            with Client(random.Random(reader.paused_until).choice(self.cluster.nodes).port) as sender:
                sender.connect()
                for _ in range(FLOOD):
                    sender.send("SEND", {"destination": reader.flood}, b"x" * 65536)
                sender.receipt_of("SEND", {"destination": reader.flood}, "end")
        except (Closed, OSError):
            pass  # its node is down

    def start(self, server):
        """Until it stays, as a supervisor does: a node ends when it finds no database at its start."""
        deadline = time.monotonic() + PATIENCE
        while not server.running():
            try:
                # From a thread that outlives the server: it goes with the one that started it.
                self.cluster.starters.submit(server.start).result()
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    def mend(self):
        for gates in self.cluster.gates.values():
            for gate in gates.values():
                gate.open()
        for name in BACKENDS:
            self.start(self.cluster.backends[name])
        for node in self.cluster.nodes:
            self.start(node)

    def finish(self):
        """Senders get their answers, then subscribers reach the end of their rooms, then the outside world does."""
        violations = []
        self.steps = [time.monotonic()]  # when everything was mended, senders had finished, subscribers, the outside consumer
        for sender in self.senders:
            sender.stopped = True
        self.join(self.senders, violations)
        self.steps.append(time.monotonic())
        stored = self.stored()
        last = collections.defaultdict(int)
        for row in stored:
            last[row.room] = max(last[row.room], row.seq)
        for one in self.subscribers:
            one.targets = last
        self.join(self.subscribers, violations)
        self.steps.append(time.monotonic())
        if not self.outside.wait_for({row.message for row in stored}, PATIENCE):
            violations.append("the outside consumer did not see everything in time")
        self.steps.append(time.monotonic())
        return violations, stored

    def join(self, people, violations):
        deadline = time.monotonic() + PATIENCE
        for person in people:
            person.join(max(0.1, deadline - time.monotonic()))
            if person.is_alive():
                violations.append(f"{person.name} did not finish")
                person.over.set()

    def stored(self):
        rows = self.cluster.postgresql.query(
            "SELECT json_build_array(room_id, seq, id, content, idempotency_key, created_at) FROM messages ORDER BY room_id, seq")
        stored = []
        for line in rows.splitlines():
            *row, created = json.loads(line)
            stored.append(Stored(*row))
            self.created[row[0], row[1]] = created / 1000
        return stored


if __name__ == "__main__":
    unittest.main(verbosity=2)
