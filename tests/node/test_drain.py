"""SIGTERM: everybody is told to leave, some at a time, with a delay to come back."""
import time
import unittest

from support import Client, Node, run_threads

SESSIONS = 40
RATE = 50  # a second


class Drain(unittest.TestCase):
    def setUp(self):
        self.node = Node(f'[node]\nshards = 2\ndrain_rate = {RATE}\ndrain_return = "1 s"\n').start()
        self.addCleanup(self.node.remove)

    def test_sessions_leave_by_and_by_and_are_told_when_to_return(self):
        clients = [Client(self.node.port) for _ in range(SESSIONS)]
        for client in clients:
            client.connect()
        ended, delays = [], []

        def leave(client):
            error = client.expect_error()
            ended.append(time.monotonic())
            delays.append(int(error.headers["retry-after"]))
            self.assertEqual(client.closed().code, 1012)
            client.close()

        codes = []
        run_threads([lambda each=each: leave(each) for each in clients] + [lambda: codes.append(self.node.stop())])

        self.assertEqual(codes, [0], self.node.log_text())
        self.assertIn('drained sessions_cut="0"', self.node.log_text())
        # A tick's share at the beginning, the rest at the rate: never faster.
        first_share = 2 * (RATE // 2 // 5 + 1)
        self.assertGreater(max(ended) - min(ended), (SESSIONS - first_share) / (RATE + 10) * 0.8)
        self.assertGreater(len(set(delays)), SESSIONS // 4)
        self.assertTrue(all(0 <= delay <= 1000 for delay in delays), delays)

    def test_a_node_without_sessions_ends_at_once(self):
        started = time.monotonic()
        self.assertEqual(self.node.stop(), 0)
        self.assertLess(time.monotonic() - started, 15)  # far below drain_deadline, 20 s

    def test_a_client_that_does_not_leave_is_cut_at_the_deadline(self):
        self.node.stop()
        node = Node('[node]\ndrain_deadline = "500 ms"\n').start()
        self.addCleanup(node.remove)
        silent = Client(node.port)  # which answers no close
        self.addCleanup(silent.close)
        silent.connect()
        self.assertEqual(node.stop(), 0)


if __name__ == "__main__":
    unittest.main()
