"""What the tests of two nodes share: the cluster, clients on either node, rooms between them."""
import itertools
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts/support"), str(HERE.parent / "node"), str(HERE)]

from cluster import Cluster  # noqa: E402
from support import Client, Node, chat_body  # noqa: E402

# Seconds; longer than a busy machine stands still: nobody is told that a server is away which is only slow.
WAIT_TIMEOUT = 10.0
# Seconds. What comes by the bus, or by the sweep while a link is away, takes a fraction of one; the sweep of a whole
# cluster, every 30 s, must not be what brought it. The figures are printed: machines differ.
PROMPT = 5
os.environ["STAMPEDE_STORAGE__WAIT_TIMEOUT"] = f"{WAIT_TIMEOUT:.0f} s"
os.environ["STAMPEDE_REDIS__TIMEOUT"] = f"{WAIT_TIMEOUT:.0f} s"

OPEN_TOPICS = """
[[broker.access]]
destination = "/topic/open/**"
send = ["*"]
subscribe = ["*"]
subscribe_wildcard = ["*"]
"""


def say(text):
    print(text, file=sys.stderr, flush=True)


def percentile(times, share):
    return sorted(times)[int(len(times) * share)]


def milliseconds(times):
    return (f"median {statistics.median(times) * 1000:.2f} ms, p99 {percentile(times, 0.99) * 1000:.2f} ms, "
            f"maximum {max(times) * 1000:.2f} ms")


class TwoNodes(unittest.TestCase):
    MORE = OPEN_TOPICS
    GATED = False  # a gate between each node and each server
    user = 100

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-two-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.cluster = Cluster(cls.folder, 2, gated=cls.GATED, balanced=False, more=cls.MORE)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def start(self, server):
        if not server.running():
            self.cluster.starters.submit(server.start).result()

    def rest(self, node, *request):
        return Node(port=self.cluster.nodes[node].port, data=self.folder).rest(*request)

    def new_user(self):
        TwoNodes.user += 1
        return TwoNodes.user

    def client(self, node, user):
        client = Client(self.cluster.nodes[node].port)
        self.addCleanup(client.close)
        client.connect(login=str(user))
        client.user = user
        return client

    def new_room(self, creator, **fields):
        status, room = self.rest(0, "POST", "/api/chat/rooms", {"name": "r", "creatorId": creator, "nickname": "c", **fields},
                                 {"X-User-Id": str(creator)})
        self.assertEqual(status, 201, room)
        return room["chatRoomId"]

    def join(self, client, room):
        client.receipt_of("SEND", {"destination": "/app/chat.join"}, chat_body(room, client.user, ""))

    def say_in(self, client, room, content, **headers):
        return client.receipt_of("SEND", {"destination": "/app/chat.sendMessage", **headers},
                                 chat_body(room, client.user, content), receipt=content)

    def expect_content(self, client, content):
        while True:
            message = client.expect("MESSAGE")
            if message.json()["content"] == content:
                return message

    def pair(self):
        """A room with a sender and a subscriber on node 1 and a subscriber on node 2."""
        sender = self.client(0, self.new_user())
        room = self.new_room(sender.user)
        subscribers = []
        for node in (0, 1):
            subscriber = self.client(node, self.new_user())
            self.join(subscriber, room)
            subscriber.subscribe(f"/topic/chatroom/{room}")
            subscribers.append(subscriber)
        return sender, room, subscribers

    def latencies(self, sender, room, subscribers, count, name):
        """Seconds from the SEND to each subscriber, one message at a time."""
        times = [[] for _ in subscribers]
        for number in range(count):
            content = f"{name}-{number}"
            began = time.monotonic()
            sender.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": content},
                        chat_body(room, sender.user, content))
            for taken, subscriber in zip(times, subscribers, strict=True):
                self.expect_content(subscriber, content)
                taken.append(time.monotonic() - began)
            sender.expect("RECEIPT")
        return times

    def wait_until_together(self):
        """Until what is sent on either node comes to the other at once: everything has healed. Nothing is under way then."""
        for here, there in ((0, 1), (1, 0)):
            reader, writer = self.client(there, self.new_user()), self.client(here, self.new_user())
            topic = f"/topic/open/together-{writer.user}"
            reader.subscribe(topic)
            reader.socket.settimeout(0.5)
            deadline = time.monotonic() + 60
            for number in itertools.count():
                self.assertLess(time.monotonic(), deadline, "the nodes do not come together")
                writer.send("SEND", {"destination": topic}, str(number))
                try:
                    while reader.expect("MESSAGE").body != str(number).encode():
                        pass
                    break
                except TimeoutError:
                    continue
