"""kill -9 of the node under load, again and again, on both databases.

After every restart each message whose RECEIPT was seen is there, each room's seq has no gap and no double, and
readers that resume with x-last-seq have seen everything once and in order. The checks look at what clients
were told and at what REST gives, never into the database.
"""
import os
import random
import sys
import threading
import unittest

from postgres import Postgres
from support import Client, Closed, Node, chat_body, run_threads

ROOMS = 4
SENDERS_PER_ROOM = 2
CYCLES = int(os.environ.get("STAMPEDE_CRASHES", "4"))


class Sender:
    """Sends with receipts and idempotency keys; what has no receipt when the node dies is sent again."""

    def __init__(self, port, room, user):
        self.port, self.room, self.user = port, room, user
        self.acknowledged = set()  # contents whose RECEIPT came
        self.waiting = {}  # receipt -> content
        self.count = 0

    def send(self, client, content):
        self.waiting[content] = content
        client.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": content,
                             "idempotency-key": content}, chat_body(self.room, self.user, content))

    def run(self, on_receipt, stop):
        """Until the node dies, or until `stop` is set and nothing waits."""
        try:
            with Client(self.port) as client:
                self.converse(client, on_receipt, stop)
        except (Closed, ConnectionError):
            pass

    def converse(self, client, on_receipt, stop):
        client.connect(login=str(self.user))
        client.receipt_of("SEND", {"destination": "/app/chat.join"},
                          {"chatRoomId": self.room, "senderId": self.user, "senderNickname": "s"})
        for content in list(self.waiting):
            self.send(client, content)
        while self.waiting or not stop.is_set():
            while len(self.waiting) < 16 and not stop.is_set():
                self.count += 1
                self.send(client, f"{self.user}-{self.count}")
            receipt = client.expect("RECEIPT").headers["receipt-id"]
            del self.waiting[receipt]
            self.acknowledged.add(receipt)
            on_receipt()


class Reader:
    """Follows a room, resuming behind the last message that it saw."""

    def __init__(self, port, room, user):
        self.port, self.room, self.user = port, room, user
        self.seen = []  # (seq, message id, content)

    def run(self, until=0):
        """Until the node dies, or until it has seen the seq `until`."""
        try:
            with Client(self.port) as client:
                client.connect(login=str(self.user))
                last = self.seen[-1][0] if self.seen else 0
                client.send("SUBSCRIBE", {"id": "r", "destination": f"/topic/chatroom/{self.room}",
                                          "x-last-seq": last})
                while not until or not self.seen or self.seen[-1][0] < until:
                    message = client.expect("MESSAGE").json()
                    self.seen.append((message["seq"], message["messageId"], message["content"]))
        except (Closed, ConnectionError):
            pass


class Crash:
    def setUp(self):
        self.seed = int(os.environ.get("STAMPEDE_SEED", random.SystemRandom().randrange(2**32)))
        print(f"seed {self.seed} ", end="", file=sys.stderr, flush=True)
        self.random = random.Random(self.seed)
        self.node = Node(self.config())
        self.port = self.node.port
        self.addCleanup(self.node.remove)
        self.node.start()
        self.rooms = []
        for number in range(ROOMS):
            status, room = self.node.rest("POST", "/api/chat/rooms",
                                          {"name": f"room {number}", "creatorId": 1, "nickname": "c"},
                                          {"X-User-Id": "1"})
            self.assertEqual(status, 201, room)
            self.rooms.append(room["chatRoomId"])

    def history(self, room):
        messages, after = [], 0
        while True:
            page = self.node.rest("GET", f"/api/chat/rooms/{room}/messages?after={after}&limit=100",
                                  headers={"X-User-Id": "1"})[1]["messages"]
            if not page:
                return messages
            messages += page
            after = page[-1]["seq"]

    def test_nothing_acknowledged_is_lost(self):
        senders = [Sender(self.port, room, 1000 * (index + 1) + number)
                   for index, room in enumerate(self.rooms) for number in range(SENDERS_PER_ROOM)]
        readers = [Reader(self.port, room, 1) for room in self.rooms]
        for cycle in range(CYCLES):
            last_cycle = cycle == CYCLES - 1
            stop, enough, receipts = threading.Event(), threading.Event(), []
            wanted = self.random.randrange(50, 1500)

            def on_receipt():
                receipts.append(1)
                if len(receipts) >= wanted:
                    enough.set()

            def end():
                enough.wait()
                if last_cycle:
                    stop.set()
                else:
                    self.node.kill()

            jobs = [lambda s=sender: s.run(on_receipt, stop) for sender in senders] + [end]
            if not last_cycle:
                jobs += [reader.run for reader in readers]
            run_threads(jobs)
            if not last_cycle:
                self.node.start()

        for room, reader in zip(self.rooms, readers):
            stored = self.history(room)
            seqs = [message["seq"] for message in stored]
            self.assertEqual(seqs, list(range(1, len(seqs) + 1)), "the room's seq has a gap or a double")
            contents = [message["content"] for message in stored if message["messageType"] == "CHAT"]
            self.assertEqual(len(contents), len(set(contents)), "a retried message was stored twice")
            acknowledged = [content for sender in senders if sender.room == room
                            for content in sender.acknowledged]
            self.assertEqual(set(acknowledged) - set(contents), set(), "acknowledged and not stored")
            self.assertGreater(len(acknowledged), 0)
            reader.run(until=seqs[-1])
            self.assertEqual([(m["seq"], m["messageId"], m["content"]) for m in stored], reader.seen,
                             "a resuming reader missed something or saw it twice")
        self.assertEqual(self.node.stop(), 0)


class CrashOnSqlite(Crash, unittest.TestCase):
    def config(self):
        return ""


class CrashOnPostgres(Crash, unittest.TestCase):
    def config(self):
        self.server = Postgres()
        self.addCleanup(self.server.remove)
        return f'[storage]\nbackend = "postgresql"\nconnection = "{self.server.connection}"\n'


if __name__ == "__main__":
    unittest.main(verbosity=2)
