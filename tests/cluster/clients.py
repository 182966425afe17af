"""The people of a chaos run: senders that try again and subscribers that resume by themselves, each a thread.

They write down what they saw for the checker; what they do is drawn from a seed.
"""
import collections
import json
import pathlib
import random
import re
import select
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "node"))
from support import Client, Closed, chat_body  # noqa: E402

from checker import DOUBT, ERROR, RECEIPT, UNKNOWN, Interval, Received, Send, Subscription  # noqa: E402

SILENCE = 20  # seconds without an answer after which a client goes to another node
BROKEN = (Closed, OSError)
NOBODY_THERE = "closed: nobody there"
TRY_AGAIN = {"store_unavailable", "store_in_doubt", "store_busy", "server restarts", "outbound queue limit exceeded"}


class NobodyThere(Exception):
    """A connection was not to be had."""


class Person(threading.Thread):
    """Connects to a node, does its work until that breaks, and goes on at another one."""

    def __init__(self, name, user, ports, seed):
        super().__init__(name=name, daemon=True)
        self.user, self.ports = user, ports
        self.random = random.Random(f"{seed} {name}")
        self.over = threading.Event()  # it may leave when its work is done
        self.codes = collections.Counter()  # what it was told went wrong
        self.told = []  # (when a node that ends asked it to leave, for how many seconds)
        self.client = None
        self.failure = None

    def run(self):
        try:
            while not self.done():
                pause = self.random.uniform(0.05, 0.5)  # the back-off of a client
                try:
                    self.come()
                    self.converse()
                except NobodyThere:
                    self.codes[NOBODY_THERE] += 1
                except BROKEN as end:
                    self.codes[f"closed {getattr(end, 'code', None) or type(end).__name__}"] += 1
                except AssertionError as refused:  # an ERROR frame
                    code = re.search(r"'code': '(\w+)'", str(refused)) or re.search(r"'message': '([^']+)'", str(refused))
                    self.codes[code[1] if code else str(refused)] += 1
                    if asked := re.search(r"'retry-after': '(\d+)'", str(refused)):
                        pause = int(asked[1]) / 1000
                        self.told.append((time.monotonic(), pause))
                finally:
                    self.left()
                    if self.client is not None:
                        self.client.close()
                        self.client = None
                if not self.done():
                    time.sleep(pause)
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.failure = error

    def come(self):
        """Connected to one of the ports. A node that ends refuses, or resets whom the system had let in and it had not, or closes
        before the CONNECT has come; a balancer says so in its own way."""
        try:
            self.client = Client(self.random.choice(self.ports), receive_buffer=self.receive_buffer)
            self.client.socket.settimeout(SILENCE)
            self.client.connect(login=str(self.user))
        except ConnectionError as refused:
            raise NobodyThere from refused
        except Closed as end:
            if end.code in (None, 502, 1012):
                raise NobodyThere from end
            raise

    receive_buffer = None

    def left(self):
        pass

    def frames(self, seconds):
        """A frame if there is one within the time, else None."""
        if not self.client.buffer and not select.select([self.client.socket], [], [], seconds)[0]:
            return None
        return self.client.receive_something()


class Sender(Person):
    WINDOW = 8

    def __init__(self, name, user, ports, seed, rooms, rate):
        super().__init__(name, user, ports, seed)
        self.rooms, self.rate = rooms, rate
        self.sends = {}  # key -> [room, content, outcomes]
        self.waiting = {}  # key -> attempt under way
        self.again = []  # keys to be sent again
        self.joined = set()
        self.stopped = False
        self.ready = threading.Event()

    def done(self):
        return self.stopped and not self.waiting and not self.again

    def facts(self):
        return [Send(room, key, content, tuple(outcomes)) for key, (room, content, outcomes) in self.sends.items()]

    def left(self):
        for key in self.waiting:
            self.sends[key][2].append(UNKNOWN)
        self.again += self.waiting
        self.waiting.clear()

    def converse(self):
        self.client.subscribe("/user/queue/errors", "e")
        for room in self.rooms:
            if room not in self.joined:
                self.client.receipt_of("SEND", {"destination": "/app/chat.join"}, chat_body(room, self.user, ""))
                self.joined.add(room)
        self.ready.set()
        next_send = heard = time.monotonic()
        while not self.done():
            now = time.monotonic()
            if now >= next_send and len(self.waiting) < self.WINDOW and (self.again or not self.stopped):
                self.send(self.again.pop(0) if self.again else self.new())
                next_send = max(now, next_send + self.random.expovariate(self.rate))
            full = len(self.waiting) >= self.WINDOW
            idle = self.stopped and not self.again
            frame = self.frames(0.5 if full or idle else min(0.5, max(0.0, next_send - now)))
            if frame is not None:
                heard = time.monotonic()
                self.take(frame)
            elif self.waiting and time.monotonic() - heard > SILENCE:
                raise Closed(None, "silent")
            elif not self.waiting:
                heard = time.monotonic()

    def new(self):
        key = f"{self.name}-{len(self.sends) + 1}"
        self.sends[key] = [self.random.choice(self.rooms), f"{key} " + "x" * self.random.randrange(200), []]
        return key

    def send(self, key):
        room, content, outcomes = self.sends[key]
        attempt = f"{key}#{len(outcomes)}"
        self.waiting[key] = attempt
        self.client.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": attempt, "idempotency-key": key},
                         chat_body(room, self.user, content))

    def take(self, frame):
        if frame.command == "RECEIPT":
            self.ended(frame.headers["receipt-id"], RECEIPT)
        elif frame.command == "MESSAGE":
            refusal = frame.json()
            self.codes[refusal["code"]] += 1
            self.ended(refusal["receipt"], DOUBT if refusal["code"] == "store_in_doubt" else ERROR)
        else:
            raise AssertionError(f"{frame}")

    def ended(self, attempt, outcome):
        key = attempt.rpartition("#")[0]
        self.sends[key][2].append(outcome)
        if self.waiting.get(key) == attempt:
            del self.waiting[key]
            # Some give up, so that it is seen that what was refused is not stored.
            if outcome in (ERROR, DOUBT) and self.random.random() < 0.7:
                self.again.append(key)


class Subscriber(Person):
    receive_buffer = 16384

    def __init__(self, name, user, ports, seed, rooms):
        super().__init__(name, user, ports, seed)
        self.rooms = rooms
        self.last = {room: 0 for room in rooms}
        self.intervals = {room: [] for room in rooms}
        self.targets = None  # room -> seq at the end
        self.live = threading.Event()  # subscribed everywhere once
        self.paused_until = 0.0
        self.flood = f"/topic/flood/{name}"  # nothing that counts; what fills the queue while it does not read


    def done(self):
        return self.over.is_set() or self.complete()

    def complete(self):
        return self.targets is not None and all(self.last[room] >= self.targets[room] for room in self.rooms)

    def facts(self):
        return [Subscription(self.name, room, intervals) for room, intervals in self.intervals.items()]

    def converse(self):
        self.client.subscribe("/user/queue/errors", "e")
        self.client.subscribe(self.flood, "flood")
        for room in self.rooms:
            interval = Interval(self.last[room], [])
            self.intervals[room].append(interval)
            self.client.send("SUBSCRIBE", {"id": room, "destination": f"/topic/chatroom/{room}", "receipt": room,
                                           "x-last-seq": self.last[room]})
        receipts = set()
        while not self.done():
            pause = self.paused_until - time.monotonic()
            if pause > 0:
                self.over.wait(pause)
            frame = self.frames(0.5)
            if frame is None:
                continue
            if frame.command == "RECEIPT":
                receipts.add(frame.headers["receipt-id"])
                if len(receipts) == len(self.rooms):
                    self.live.set()
            else:
                self.take(frame)
        if self.complete():
            self.say_goodbye()

    def say_goodbye(self):
        """Whatever was queued before the answer belongs to the record."""
        self.client.send("DISCONNECT", {"receipt": "bye"})
        while True:
            frame = self.client.receive()
            if frame.command == "RECEIPT" and frame.headers["receipt-id"] == "bye":
                return
            if frame.command != "RECEIPT":
                self.take(frame)

    def take(self, frame):
        if frame.command != "MESSAGE":
            raise AssertionError(f"{frame}")
        if frame.headers["subscription"] == "flood":
            return
        body = json.loads(frame.body)
        if frame.headers["subscription"] == "e":
            self.codes[body["code"]] += 1
            return
        if "seq" not in frame.headers:
            return  # typing and the like
        room = int(frame.headers["subscription"])
        got = Received(body["chatRoomId"], body["seq"], body["messageId"], body["content"], time.monotonic())
        self.intervals[room][-1].received.append(got)
        self.last[room] = max(self.last[room], got.seq)
