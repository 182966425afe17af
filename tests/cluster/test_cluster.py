"""Two nodes that act as one: delivery, membership and resuming across them, each server away for a while, and what it costs."""
import statistics
import time
import unittest

import two_nodes
from support import PATIENCE, chat_body
from two_nodes import PROMPT, WAIT_TIMEOUT, milliseconds, percentile, say


class Cluster(two_nodes.TwoNodes):
    GATED = True

    def setUp(self):
        self.wait_until_together()  # what is not stored needs the links, and those of a node that has just been started come up by and by

    def test_a_room_message_crosses_nodes_in_order_both_ways(self):
        first, room, (_, reader) = self.pair()
        second = self.client(1, self.new_user())
        self.join(second, room)
        sent = []
        for number in range(20):
            self.say_in((first, second)[number % 2], room, f"m{number}")
            sent.append(f"m{number}")
        got, seqs = [], []
        while len(got) < len(sent):
            message = reader.expect("MESSAGE").json()
            seqs.append(message["seq"])
            if message["messageType"] == "CHAT":
                got.append(message["content"])
        self.assertEqual(got, sent)
        self.assertEqual(seqs, list(range(seqs[0], seqs[0] + len(seqs))))

    def test_generic_topics_cross_nodes_for_exact_and_wildcard_subscriptions(self):
        sender = self.client(0, self.new_user())
        readers = []
        for pattern in ("/topic/open/a/b", "/topic/open/*/b", "/topic/open/**"):
            reader = self.client(1, self.new_user())
            reader.subscribe(pattern)
            readers.append(reader)
        elsewhere = self.client(1, self.new_user())
        elsewhere.subscribe("/topic/open/a/c")
        for body in ("1", "2"):
            sender.receipt_of("SEND", {"destination": "/topic/open/a/b"}, body)
        sender.receipt_of("SEND", {"destination": "/topic/open/a/c"}, "3")
        for reader in readers:
            self.assertEqual([reader.expect("MESSAGE").body for _ in range(2)], [b"1", b"2"])
        self.assertEqual(elsewhere.expect("MESSAGE").body, b"3")

    def test_a_direct_message_reaches_every_device_of_both_on_any_node(self):
        one, two = self.new_user(), self.new_user()
        devices = [self.client(node, user) for user in (one, two) for node in (0, 1)]
        for device in devices:
            device.subscribe("/user/queue/messages")
        devices[0].receipt_of("SEND", {"destination": "/app/chat.send"}, {"to": two, "message": "psst"})
        came = [device.expect("MESSAGE").json() for device in devices[1:]]
        self.assertEqual({"psst"}, {message["content"] for message in came})
        # What is written into their room is a direct message, too.
        self.say_in(devices[0], came[0]["chatRoomId"], "again")
        for device in devices[1:]:
            self.assertEqual("again", device.expect("MESSAGE").json()["content"])

    def private_room(self):
        """Its owner on node 1, and a guest who listens on node 2."""
        owner, guest = self.client(0, self.new_user()), self.client(1, self.new_user())
        room = self.new_room(owner.user, type="PRIVATE")
        self.invite(owner, room, guest)
        guest.subscribe("/user/queue/errors", "e")
        guest.subscribe(f"/topic/chatroom/{room}")
        return owner, room, guest

    def invite(self, owner, room, guest):
        status, answer = self.rest(0, "POST", "/api/chat/rooms/member",
                                   {"chatRoomId": room, "memberId": guest.user, "nickname": "guest"}, {"X-User-Id": str(owner.user)})
        self.assertLess(status, 300, answer)

    def leave(self, guest, room):
        """On node 1; until the guest is told on node 2."""
        began = time.monotonic()
        status, answer = self.rest(0, "POST", f"/api/chat/rooms/{room}/leave", {"userId": guest.user}, {"X-User-Id": str(guest.user)})
        self.assertLess(status, 300, answer)
        while guest.expect("MESSAGE").json().get("code") != "access_ended":
            pass
        return time.monotonic() - began

    def expect_nothing_of(self, room, guest):
        came = guest.receipt_of("SUBSCRIBE", {"id": f"q{room}", "destination": "/user/queue/messages"})
        self.assertEqual([], [message.json() for message in came])

    def test_the_end_of_a_membership_is_felt_on_the_other_node(self):
        owner, room, guest = self.private_room()
        self.leave(guest, room)
        self.say_in(owner, room, "secret")
        self.say_in(owner, room, "more")
        self.expect_nothing_of(room, guest)

    def test_without_rabbitmq_a_membership_ends_on_the_other_node_and_begins_again(self):
        owner, room, guest = self.private_room()
        self.cluster.rabbitmq.kill()
        self.addCleanup(self.start, self.cluster.rabbitmq)
        self.assertLess(self.leave(guest, room), PROMPT)
        self.say_in(owner, room, "secret")
        self.expect_nothing_of(room, guest)
        self.invite(owner, room, guest)
        guest.subscribe(f"/topic/chatroom/{room}", "back")
        self.start(self.cluster.rabbitmq)
        self.wait_until_together()
        # What RabbitMQ brings late of the end of the first membership does not end the second.
        self.say_in(owner, room, "welcome back")
        came = guest.expect("MESSAGE")
        self.assertEqual(("back", "welcome back"), (came.headers["subscription"], came.json()["content"]))
        self.assertLess(self.leave(guest, room), PROMPT)

    def test_after_kill_9_the_other_node_goes_on_exactly_where_it_stopped(self):
        sender, room, (_, reader) = self.pair()
        for number in range(5):
            self.say_in(sender, room, f"before-{number}")
        last = int(self.expect_content(reader, "before-4").headers["seq"])
        self.cluster.nodes[1].kill()
        self.addCleanup(self.start, self.cluster.nodes[1])
        for number in range(3):
            self.say_in(sender, room, f"meanwhile-{number}")
        resumed = self.client(0, reader.user)
        came = resumed.subscribe(f"/topic/chatroom/{room}", x_last_seq=last)
        self.say_in(sender, room, "after")
        came.append(resumed.expect("MESSAGE"))
        self.assertEqual([message.json()["content"] for message in came],
                         ["meanwhile-0", "meanwhile-1", "meanwhile-2", "after"])
        self.assertEqual([int(message.headers["seq"]) for message in came], list(range(last + 1, last + 5)))
        self.start(self.cluster.nodes[1])
        self.wait_until_together()

    def test_the_other_node_is_hardly_later(self):
        sender, room, subscribers = self.pair()
        self.latencies(sender, room, subscribers, 50, "warm")
        # By turns the one and the other is looked at first; what is read second is later for that reason alone.
        same, other = [], []
        for number in range(300):
            same.append(self.latencies(sender, room, subscribers, 1, f"same-{number}")[0][0])
            other.append(self.latencies(sender, room, subscribers[::-1], 1, f"other-{number}")[0][0])
        say(f"same node: {milliseconds(same)}; other node: {milliseconds(other)}; "
            f"added: median {(statistics.median(other) - statistics.median(same)) * 1000:.2f} ms, "
            f"p99 {(percentile(other, 0.99) - percentile(same, 0.99)) * 1000:.2f} ms")
        self.assertLess(statistics.median(other), PROMPT)

    def test_without_rabbitmq_the_other_node_has_it_within_a_second(self):
        sender, room, subscribers = self.pair()
        self.latencies(sender, room, subscribers, 5, "before")
        self.cluster.rabbitmq.kill()
        self.addCleanup(self.start, self.cluster.rabbitmq)
        same, other = self.latencies(sender, room, subscribers, 20, "without")
        say(f"RabbitMQ away: same node {milliseconds(same)}; other node {milliseconds(other)}")
        self.assertLess(max(same), PROMPT)
        self.assertLess(max(other), PROMPT)
        self.start(self.cluster.rabbitmq)
        self.wait_until_together()
        healed = self.latencies(sender, room, subscribers, 20, "healed")[1]
        say(f"RabbitMQ back: other node {milliseconds(healed)}")
        self.assertLess(statistics.median(healed), PROMPT)

    def test_what_a_node_without_rabbitmq_stores_reaches_the_other_in_time(self):
        """The other node's own links are whole: it knows of the loss by Redis."""
        sender, room, subscribers = self.pair()
        self.latencies(sender, room, subscribers, 5, "before")
        gate = self.cluster.gates["node-1"]["rabbitmq"]
        gate.cut()
        self.addCleanup(gate.open)
        other = self.latencies(sender, room, subscribers, 10, "cut off")[1]
        say(f"sender's node cut off from RabbitMQ: other node {milliseconds(other)}")
        self.assertLess(max(other), PROMPT)
        gate.open()
        self.wait_until_together()

    def test_a_trace_goes_with_its_message_to_another_node(self):
        parent, state = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "rojo=00f067aa0ba902b7,c=a:b"
        trace = {"traceparent": parent, "tracestate": state.replace(":", "\\c")}
        sender, room, (_, reader) = self.pair()
        self.join(sender, room)
        reader.subscribe("/topic/open/traces", "g")
        reader.subscribe("/user/queue/messages", "d")

        def traced():
            headers = reader.expect("MESSAGE").headers
            return headers.get("traceparent"), headers.get("tracestate")

        def rest(**headers):
            status, answer = self.rest(0, "POST", f"/api/chat/rooms/{room}/messages", {"content": "x"},
                                       {"X-User-Id": str(sender.user), **headers})
            self.assertEqual(status, 201, answer)

        def to_app(destination, body):
            return lambda **headers: sender.send("SEND", {"destination": f"/app/{destination}", **headers}, body)

        said = chat_body(room, sender.user)
        doors = (to_app("chat.sendMessage", said), to_app("chat.typing", said),
                 to_app("chat.send", {"to": reader.user, "message": "m"}),
                 lambda **headers: sender.send("SEND", {"destination": "/topic/open/traces", **headers}, "x"))
        self.wait_until_together()
        for send, headers in (*((door, trace) for door in doors), (rest, {**trace, "tracestate": state})):
            # What the sweep finds before the bus brings it has none: then once more.
            deadline = time.monotonic() + 60
            while True:
                send(**headers)
                seen = traced()
                if seen != (None, None):
                    break
                self.assertLess(time.monotonic(), deadline, "no trace arrives")
            self.assertEqual(seen, (parent, trace["tracestate"]))
        # What is not valid is not passed on.
        for send in (doors[0], doors[3]):
            for wrong in ({"traceparent": parent.upper()}, {"tracestate": "a=1"}, {}):
                send(**wrong)
                self.assertEqual(traced(), (None, None))
        doors[3](traceparent=parent, tracestate="A")
        self.assertEqual(traced(), (parent, None))

    def test_without_redis_delivery_goes_on(self):
        sender, room, subscribers = self.pair()
        for subscriber in subscribers:
            subscriber.subscribe("/topic/open/redis", "g")
        self.cluster.redis.kill()
        self.addCleanup(self.start, self.cluster.redis)
        other = self.latencies(sender, room, subscribers, 20, "without")[1]
        say(f"Redis away: other node {milliseconds(other)}")
        self.assertLess(max(other), PROMPT)
        newcomer = self.client(1, self.new_user())
        newcomer.subscribe("/topic/open/redis")
        sender.receipt_of("SEND", {"destination": "/topic/open/redis"}, "generic")
        for subscriber in (*subscribers, newcomer):
            self.assertEqual(subscriber.expect("MESSAGE").body, b"generic")
        self.start(self.cluster.redis)
        self.wait_until_together()
        self.latencies(sender, room, subscribers, 20, "healed")

    def test_without_postgresql_senders_are_told_in_time_and_generic_topics_go_on(self):
        sender, room, subscribers = self.pair()
        sender.subscribe("/user/queue/errors", "e")
        subscribers[1].subscribe("/topic/open/postgresql", "g")
        other = self.client(0, self.new_user())
        self.cluster.postgresql.stop()
        self.addCleanup(self.start, self.cluster.postgresql)
        began = time.monotonic()
        sender.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": "m", "idempotency-key": "k"},
                    chat_body(room, sender.user, "kept"))
        for number in range(20):
            other.receipt_of("SEND", {"destination": "/topic/open/postgresql"}, str(number))
            while subscribers[1].expect("MESSAGE").body != str(number).encode():
                pass
        self.assertLess(time.monotonic() - began, WAIT_TIMEOUT, "generic topics waited for the database")
        refusal = sender.expect("MESSAGE").json()
        took = time.monotonic() - began
        say(f"PostgreSQL away: refused with {refusal['code']} after {took:.2f} s")
        self.assertEqual((refusal["code"], refusal["receipt"]), ("store_unavailable", "m"))
        self.assertLess(took, WAIT_TIMEOUT + PROMPT)
        # Who is new to the node waits to be known, and nobody does who comes after the first.
        self.client(0, self.new_user())
        began = time.monotonic()
        self.client(0, self.new_user())
        self.assertLess(time.monotonic() - began, PROMPT, "a new user waited for the database once more")
        self.start(self.cluster.postgresql)
        # The same key again: stored once, however often it takes.
        deadline = time.monotonic() + PATIENCE
        while True:
            self.assertLess(time.monotonic(), deadline)
            sender.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": "again", "idempotency-key": "k"},
                        chat_body(room, sender.user, "kept"))
            answer = sender.receive()
            if answer.command == "RECEIPT":
                break
        for subscriber in subscribers:
            self.expect_content(subscriber, "kept")
        self.latencies(sender, room, subscribers, 5, "healed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
