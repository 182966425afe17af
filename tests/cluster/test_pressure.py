"""Two nodes whose RabbitMQ takes nothing, or is away: who sends much is slowed, nobody else; what is stored comes all the same."""
import http.client
import json
import threading
import time
import unittest

import two_nodes
from support import PATIENCE, Client, chat_body
from two_nodes import milliseconds, say

PACE = 0.2  # rabbitmq.sender_pace; the timers of a node add up to 0.1 s each time
SLOWED = 50
# Seconds. A session whose heart-beats are missed is closed after twice the beat and the grace: before the flood has ended, and
# later than a busy machine, on which these clients beat, stands still.
HEART_BEAT, GRACE = 1, 6
LATENCY = two_nodes.PROMPT  # the figures are printed: machines differ


class Beating(threading.Thread):
    """Sends heart-beats on a client's connection, and nothing else."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.enough = client, threading.Event()
        self.start()

    def run(self):
        while not self.enough.wait(HEART_BEAT / 2):
            self.client.socket.sendall(b"\n")

    def stop(self):
        self.enough.set()
        self.join()


class Pressure(two_nodes.TwoNodes):
    MORE = two_nodes.OPEN_TOPICS + f"""
[[listeners]]
address = "127.0.0.1:0"
protocol = "stomp"

[stomp]
heart_beat_send = "{HEART_BEAT} s"
heart_beat_receive = "{HEART_BEAT} s"
heart_beat_grace = "{GRACE} s"

[sockjs]
disconnect_delay = "5 min"
"""

    def log_of(self, node):
        return self.cluster.nodes[node].log.read_text(errors="replace")

    def logged(self, event):
        """How often, by node."""
        return [self.log_of(node).count(event) for node in (0, 1)]

    def wait_for_log(self, event, before):
        """Until both nodes have logged the event, which they had so often before."""
        deadline = time.monotonic() + PATIENCE
        while any(now <= then for now, then in zip(self.logged(event), before, strict=True)):
            self.assertLess(time.monotonic(), deadline, f"no {event}:\n{self.log_of(0)}\n{self.log_of(1)}")
            time.sleep(0.02)

    def tcp_client(self, node, user):
        """With heart-beats agreed, on the port of STOMP over TCP."""
        for line in self.log_of(node).splitlines():
            if "listening" in line and "stomp" in line:
                address = next(word for word in line.replace('"', "").split() if word.startswith("address="))
        client = Client(int(address.rpartition(":")[2]), tcp=True)
        self.addCleanup(client.close)
        client.connect(login=str(user), heart_beat=f"{HEART_BEAT * 1000},{HEART_BEAT * 1000}")
        client.user = user
        beating = Beating(client)
        self.addCleanup(beating.stop)
        return client

    def flood(self, client, room, count, name):
        """SENDs in one go; answers the seconds until each RECEIPT, and their times."""
        began = time.monotonic()
        for number in range(count):
            client.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": f"{name}-{number}"},
                        chat_body(room, client.user, f"{name}-{number}"))
        stored = {}
        for _ in range(count):
            stored[client.expect("RECEIPT").headers["receipt-id"]] = time.monotonic()
        return time.monotonic() - began, stored

    def alarm(self):
        slowed, free = self.logged("senders_slowed"), self.logged("senders_free")
        self.cluster.rabbitmq.raise_memory_alarm()
        self.addCleanup(self.cluster.rabbitmq.end_memory_alarm)
        # The second node only listens: it must know, too.
        self.wait_for_log("senders_slowed", slowed)
        return free

    def test_blocked_senders_are_slowed_and_nobody_else(self):
        sender, room, (same, other) = self.pair()
        flooder = self.tcp_client(0, sender.user)
        idle = self.tcp_client(0, self.new_user())
        generic = self.client(1, self.new_user())
        generic.subscribe("/topic/open/alarm")
        free, _ = self.flood(flooder, room, SLOWED, "free")
        for subscriber in (same, other):
            self.expect_content(subscriber, f"free-{SLOWED - 1}")

        free_before = self.alarm()
        came = {}

        def read():
            while len(came) < SLOWED:
                message = other.expect("MESSAGE").json()
                came[message["content"]] = (time.monotonic(), message["seq"])
        reader = threading.Thread(target=read)
        reader.start()
        answers, statuses = [], []

        def look():
            for _ in range(20):
                began = time.monotonic()
                statuses.append(self.rest(0, "GET", f"/api/chat/rooms/{room}")[0])
                answers.append(time.monotonic() - began)
        looker = threading.Thread(target=look)
        looker.start()
        took, stored = self.flood(flooder, room, SLOWED, "slow")
        reader.join(PATIENCE)
        looker.join(PATIENCE)
        self.assertEqual(len(came), SLOWED)
        self.assertEqual(len(statuses), 20)
        self.assertLess(max(statuses), 500)
        latencies = [came[name][0] - stored[name] for name in stored]
        seqs = [seq for _, seq in came.values()]
        self.assertEqual(seqs, list(range(seqs[0], seqs[0] + SLOWED)))
        say(f"{SLOWED} SENDs: {free:.2f} s, blocked {took:.2f} s; RECEIPT to other node: {milliseconds(latencies)}; "
            f"REST meanwhile: {milliseconds(answers)}")
        self.assertGreaterEqual(took, (SLOWED - 1) * PACE)
        self.assertGreater((SLOWED - 1) * PACE, 2 * HEART_BEAT + GRACE)
        self.assertLess(max(latencies), LATENCY)

        # Who sends now and then notices nothing.
        began = time.monotonic()
        lone = self.latencies(sender, room, [same, other], 1, "lone")
        say(f"a lone SEND while blocked: same node {lone[0][0] * 1000:.0f} ms, other node {lone[1][0] * 1000:.0f} ms")
        self.assertLess(time.monotonic() - began, LATENCY + PACE)
        # Only beats have come here, one in a while, and it is not closed.
        idle.socket.settimeout(5 * HEART_BEAT)
        self.assertEqual(idle.socket.recv(1 << 16).strip(b"\n"), b"")
        idle.receipt_of("SUBSCRIBE", {"id": "i", "destination": "/topic/open/idle"})
        sender.receipt_of("SEND", {"destination": "/topic/open/alarm"}, "kept")

        self.cluster.rabbitmq.end_memory_alarm()
        self.wait_for_log("senders_free", free_before)
        self.assertEqual(generic.expect("MESSAGE").body, b"kept")
        self.wait_until_together()
        again, _ = self.flood(flooder, room, SLOWED, "again")
        self.assertLess(again, took / 2)
        for subscriber in (same, other):
            self.expect_content(subscriber, f"again-{SLOWED - 1}")
        line = next(line for line in reversed(self.log_of(0).splitlines()) if "senders_free" in line)
        say(f"after the alarm {again:.2f} s; {line}")
        self.assertRegex(line, r'slowed="[1-9]\d*"')

    def test_a_sockjs_client_that_polls_has_its_sends_answered(self):
        sender, room, (_, other) = self.pair()
        port = self.cluster.nodes[0].port

        def post(path, body=""):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            try:
                connection.request("POST", f"/ws-chat/000/pressure{room}/{path}", body)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            finally:
                connection.close()

        self.assertEqual(post("xhr"), (200, "o\n"))
        self.assertEqual(post("xhr_send", json.dumps(
            [f"CONNECT\naccept-version:1.2\nhost:h\nlogin:{sender.user}\nheart-beat:0,0\n\n\0"]))[0], 204)
        self.assertIn("CONNECTED", post("xhr")[1])
        self.alarm()
        sends = [f"SEND\ndestination:/app/chat.sendMessage\n\n{json.dumps(chat_body(room, sender.user, f'p-{number}'))}\0"
                 for number in range(100)]
        polling = threading.Thread(target=lambda: [post("xhr")])
        polling.start()
        began = time.monotonic()
        self.assertEqual(post("xhr_send", json.dumps(sends))[0], 204)
        took = time.monotonic() - began
        for number in range(100):
            self.expect_content(other, f"p-{number}")
        say(f"an xhr_send with 100 SENDs while blocked: {took:.2f} s")
        self.assertGreater(took, 5)
        self.assertLess(took, 20)
        self.cluster.rabbitmq.end_memory_alarm()
        self.wait_until_together()
        polling.join(PATIENCE)

    def test_without_rabbitmq_a_direct_message_reaches_another_node_within_a_second(self):
        one, two = self.new_user(), self.new_user()
        sender, receiver = self.client(0, one), self.client(1, two)
        receiver.subscribe("/user/queue/messages")

        def direct(text):
            began = time.monotonic()
            sender.send("SEND", {"destination": "/app/chat.send"}, {"to": two, "message": text})
            message = receiver.expect("MESSAGE")
            self.assertEqual(message.json()["content"], text)
            return time.monotonic() - began

        direct("before")
        degraded = self.logged("bus_degraded")
        self.cluster.rabbitmq.kill()
        self.addCleanup(self.start, self.cluster.rabbitmq)
        self.wait_for_log("bus_degraded", degraded)
        times = [direct(f"d{number}") for number in range(40)]
        say(f"RabbitMQ away, direct message to another node: {milliseconds(times)}")
        self.assertLess(max(times), LATENCY)
        self.start(self.cluster.rabbitmq)
        self.wait_until_together()
        # None of them comes a second time.
        healed = [direct(f"h{number}") for number in range(10)]
        say(f"RabbitMQ back: {milliseconds(healed)}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
