"""Senders and subscribers at all nodes of a cluster: their rooms, their end, and what the checker says of it."""
import collections
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "node"))
from support import Node  # noqa: E402

from checker import Stored, check  # noqa: E402
from clients import Sender, Subscriber  # noqa: E402
from outside import Outside  # noqa: E402

PATIENCE = 150  # seconds; for each step

# What the subscribers need of a node's configuration.
ACCESS = """
[[broker.access]]
destination = "/topic/flood/**"
send = ["*"]
subscribe = ["*"]
"""


class Load:
    """Each room has senders and subscribers; which ones is always the same. `ports`: where they connect, taken at random."""

    def __init__(self, cluster, seed, ports, rooms, senders, rooms_of_a_sender, rate, subscribers, rooms_of_a_subscriber):
        self.cluster = cluster
        self.rooms = self.make_rooms(rooms)
        self.outside = Outside(cluster.rabbitmq.port)
        self.senders = [Sender(f"sender-{n}", 1000 + n, ports, seed, self.share(n * 4, rooms_of_a_sender), rate)
                        for n in range(senders)]
        self.subscribers = [Subscriber(f"subscriber-{n}", 2000 + n, ports, seed,
                                       self.share(n * rooms_of_a_subscriber, rooms_of_a_subscriber))
                            for n in range(subscribers)]
        self.people = self.senders + self.subscribers

    def share(self, first, count):
        return [self.rooms[(first + n) % len(self.rooms)] for n in range(count)]

    def make_rooms(self, count):
        node = Node(port=self.cluster.nodes[0].port, data=self.cluster.folder)  # for its REST only
        rooms = []
        for number in range(count):
            status, room = node.rest("POST", "/api/chat/rooms", {"name": f"room {number}", "creatorId": 1, "nickname": "c"},
                                     {"X-User-Id": "1"})
            if status != 201:
                raise AssertionError(room)
            rooms.append(room["chatRoomId"])
        return rooms

    def start(self):
        for person in self.people:
            person.start()
        for each in [*(sender.ready for sender in self.senders), *(one.live for one in self.subscribers)]:
            if not each.wait(PATIENCE):
                raise AssertionError("a client did not get ready")

    def finish(self):
        """Senders get their answers, then subscribers reach the end of their rooms, then the outside world does. What went wrong."""
        wrong = []
        self.steps = [time.monotonic()]
        for sender in self.senders:
            sender.stopped = True
        self.join(self.senders, wrong)
        self.steps.append(time.monotonic())
        self.stored = self.read_store()
        last = collections.defaultdict(int)
        for row in self.stored:
            last[row.room] = max(last[row.room], row.seq)
        for one in self.subscribers:
            one.targets = last
        self.join(self.subscribers, wrong)
        self.steps.append(time.monotonic())
        if not self.outside.wait_for({row.message for row in self.stored}, PATIENCE):
            wrong.append("the outside consumer did not see everything in time")
        self.steps.append(time.monotonic())
        wrong += [f"{person.name} failed: {person.failure!r}" for person in self.people if person.failure]
        return wrong

    def join(self, people, wrong):
        deadline = time.monotonic() + PATIENCE
        for person in people:
            person.join(max(0.1, deadline - time.monotonic()))
            if person.is_alive():
                wrong.append(f"{person.name} did not finish")
                person.over.set()

    def read_store(self):
        rows = self.cluster.postgresql.query(
            "SELECT json_build_array(room_id, seq, id, content, idempotency_key) FROM messages ORDER BY room_id, seq")
        return [Stored(*json.loads(line)) for line in rows.splitlines()]

    def violations(self):
        """Of what every client may rely on; after finish()."""
        return check(self.sends(), self.stored, self.subscriptions(), self.outside.messages)

    def sends(self):
        return [send for sender in self.senders for send in sender.facts()]

    def subscriptions(self):
        return [each for one in self.subscribers for each in one.facts()]

    def codes(self):
        """What clients were told, or saw, went wrong, and how often."""
        return sum((person.codes for person in self.people), collections.Counter())

    def summary(self):
        sends, subscriptions = self.sends(), self.subscriptions()
        delivered = sum(len(interval.received) for each in subscriptions for interval in each.intervals)
        keys = {(row.room, row.key) for row in self.stored}
        doubtful = [send for send in sends if send.in_doubt]
        senders, subscribers, outside = (then - before for before, then in zip(self.steps, self.steps[1:]))
        return (f"{len(sends)} sends, {sum(send.acknowledged for send in sends)} acknowledged, "
                f"{sum(send.refused for send in sends)} refused, {len(doubtful)} left in doubt "
                f"({sum((send.room, send.key) in keys for send in doubtful)} of them stored), "
                f"{len(self.stored)} stored, {delivered} delivered in "
                f"{sum(len(each.intervals) for each in subscriptions)} subscriptions; at the end the senders took {senders:.1f} s, "
                f"then subscribers {subscribers:.1f} s, then outside {outside:.1f} s; {dict(self.codes())}")
