"""SIGTERM: everybody is told to leave, some at a time, with a delay to come back."""
import datetime
import http.client
import re
import signal
import unittest

from support import OPEN_TOPICS, PATIENCE, Client, Closed, Node, run_threads

SESSIONS = 60
RATE = 50  # a second


class Drain(unittest.TestCase):
    def setUp(self):
        # Nothing here ends at the deadline in time.
        self.node = Node(f"""
[node]
shards = 2
drain_rate = {RATE}
drain_return = "1 s"
drain_deadline = "10 min"
[log]
level = "debug"
""").start()
        self.addCleanup(self.node.remove)

    def told(self):
        """When each session was told to leave, by the node's own clock: clients may hear of it late."""
        lines = re.findall(r'^(\S+)Z debug session_closing session="([^"]+)" .*reason="server_drain"', self.node.log_text(), re.MULTILINE)
        self.assertEqual(len({session for _, session in lines}), len(lines))
        return [datetime.datetime.fromisoformat(at).timestamp() for at, _ in lines]

    def test_sessions_leave_by_and_by_and_are_told_when_to_return(self):
        clients = [Client(self.node.port) for _ in range(SESSIONS)]
        for client in clients:
            client.connect()
        delays = []

        def leave(client):
            error = client.expect_error()
            delays.append(int(error.headers["retry-after"]))
            self.assertEqual(client.closed().code, 1012)
            client.close()

        codes = []
        run_threads([lambda each=each: leave(each) for each in clients] + [lambda: codes.append(self.node.stop())])

        self.assertEqual(codes, [0], self.node.log_text())
        self.assertIn('drained sessions_cut="0"', self.node.log_text())
        # A tick's share at the beginning, and once more after a pause of the node's; the rest at the rate: never faster.
        told = self.told()
        self.assertEqual(len(told), SESSIONS)
        first_share = 2 * (RATE // 2 // 5 + 1)
        self.assertGreater(max(told) - min(told), (SESSIONS - 2 * first_share) / (RATE + 10) * 0.8)
        self.assertGreater(len(set(delays)), SESSIONS // 4)
        self.assertTrue(all(0 <= delay <= 1000 for delay in delays), delays)

    def test_a_node_without_sessions_ends_at_once(self):
        self.assertEqual(self.node.stop(), 0)  # or it would take until the deadline, which nobody waits for

    def test_a_hang_up_does_not_cut_the_drain_short(self):
        client = Client(self.node.port)
        self.addCleanup(client.close)
        client.connect()
        self.node.process.send_signal(signal.SIGTERM)
        self.node.wait_for_log(" draining")
        self.node.process.send_signal(signal.SIGHUP)
        self.assertEqual(client.expect_error().headers["message"], "server restarts")
        self.assertEqual(client.closed().code, 1012)
        client.close()
        self.assertEqual(self.node.process.wait(PATIENCE), 0, self.node.log_text())
        self.node.process.stdout.close()

    def test_who_does_not_leave_is_cut_at_the_deadline_told_or_not(self):
        self.node.stop()
        node = Node(OPEN_TOPICS + """
[node]
shards = 1
drain_deadline = "500 ms"
[limits.outbound]
queue = "128 MiB"
[operations]
listen = "127.0.0.1:0"
""").start()
        self.addCleanup(node.remove)
        silent = Client(node.port)  # which answers no close
        deaf = Client(node.port, receive_buffer=4096)  # which does not even read
        writer = Client(node.port)
        for client in (silent, deaf, writer):
            self.addCleanup(client.close)
            client.connect()
        deaf.subscribe("/topic/much")
        body = b"x" * 50_000  # what the kernel holds for it has one whole, at least
        sent = 0
        # Until more waits than the kernel could still take: nothing that the node says later gets out.
        while self.queued(node) < 16 << 20:
            writer.receipt_of("SEND", {"destination": "/topic/much"}, body)
            sent += 1
            self.assertLess(sent, 2000)
        writer.receipt_of("DISCONNECT")
        writer.close()

        self.assertEqual(node.stop(), 0, node.log_text())
        self.assertIn('drained sessions_cut="2"', node.log_text())
        self.assertEqual(silent.expect_error().headers["message"], "server restarts")
        self.assertEqual(silent.closed().code, 1012)
        got = []
        with self.assertRaises(Closed) as cut:
            while True:
                got.append(deaf.receive().command)
        self.assertIsNone(cut.exception.code)
        self.assertEqual(set(got), {"MESSAGE"})
        self.assertLess(len(got), sent)

    def test_a_sockjs_session_that_nobody_asks_for_is_cut_at_the_deadline(self):
        self.node.stop()
        node = Node("""
[node]
drain_deadline = "500 ms"
[sockjs]
disconnect_delay = "5 min"
[log]
level = "debug"
""").start()
        self.addCleanup(node.remove)

        def post(path, body=None):
            return node.rest("POST", f"/ws-chat/000/forgotten/{path}", body)

        self.assertEqual(post("xhr")[1], "o\n")
        self.assertEqual(post("xhr_send", ["CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\0"])[0], 204)
        self.assertIn("CONNECTED", post("xhr")[1])
        self.assertEqual(node.stop(), 0, node.log_text())
        self.assertIn('drained sessions_cut="1"', node.log_text())

    def queued(self, node):
        """Bytes that wait in the node for somebody to read."""
        connection = http.client.HTTPConnection(node.operations.removeprefix("http://"), timeout=PATIENCE)
        try:
            connection.request("GET", "/metrics")
            page = connection.getresponse().read().decode()
            return int(re.search(r"^stampede_outbound_queue_bytes (\d+)", page, re.MULTILINE)[1])
        finally:
            connection.close()


if __name__ == "__main__":
    unittest.main()
