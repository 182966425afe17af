"""What stampede-bench says of servers that leave it without an answer, and that it ends."""
import contextlib
import socket
import threading
import time
import unittest

from bench_support import PATIENCE, BenchTest


class Withheld(BenchTest):
    """What is owed and does not come is counted, in each scenario."""

    def test_a_window_of_questions_that_is_lost_is_given_up(self):
        mock = self.mock("--lose-every", 20)
        found = self.bench("direct", "--url", mock.url, "--pairs", 1, "--window", 4, "--warm-up", "0 s",
                           "--duration", "7 s", "--patience", "3 s")
        self.assertEqual(found.lost, mock.account()["lost"])
        self.assertTrue(any("waited 2 s in vain" in one for one in found.json["warnings"]))
        # The window was lost within the first hundred messages, and more than that came after it.
        self.assertGreater(found.lost, 5)

    def test_who_asks_at_full_load_may_be_cut_off(self):
        mock = self.mock("--drop-connection-every", 30)
        found = self.bench("direct", "--url", mock.url, "--pairs", 3, "--window", 4, "--warm-up", "0 s", "--duration",
                           "1 s", "--patience", "1 s")
        self.assertEqual(found.json["errors"], {"closed by the server": mock.account()["dropped_connections"]})

    def test_a_cycle_that_is_not_answered_is_missing(self):
        mock = self.mock("--no-receipt-from", 20)
        found = self.bench("churn", "--url", mock.url, "--connecting", 3, "--warm-up", "0 s", "--duration", "2 s",
                           "--patience", "1 s", "--expect", "sessions_missing == 0", status=3)
        self.assertEqual((found.sessions_missing, found.sessions_failed), (3, 0))
        self.assertTrue(any("in the middle of a cycle" in one for one in found.json["warnings"]))

    def test_who_waits_for_its_turn_is_not_in_a_cycle(self):
        mock = self.mock()
        found = self.bench("churn", "--url", mock.url, "--connecting", 50, "--connects-per-second", 20, "--warm-up", "0 s",
                           "--duration", "1 s")
        self.assertEqual(found.sessions_missing, 0)
        self.assertLess(mock.account()["connections"], 50)

    def test_who_does_not_get_back_is_missing(self):
        # Five subscribed at first; of those who come back two get their receipt.
        mock = self.mock("--no-receipt-from", 8)
        found = self.bench("resume", "--url", mock.url, "--rate", 50, "--subscribers", 5, "--publishers-stay",
                           "--warm-up", "0 s", "--duration", "1 s", "--patience", "1 s")
        self.assertEqual((found.resume_missing, found.json["latencies"]["resume"]["count"]), (3, 2))

    def test_nobody_is_missing_where_all_is_answered(self):
        mock = self.mock()
        found = self.bench("churn", "--url", mock.url, "--connecting", 3, "--warm-up", "0 s", "--duration", "500 ms")
        self.assertEqual(found.sessions_missing, 0)
        found = self.bench("resume", "--url", mock.url, "--rate", 50, "--subscribers", 5, "--warm-up", "0 s",
                           "--duration", "500 ms")
        self.assertEqual(found.resume_missing, 0)


class Threads(BenchTest):
    def test_one_without_a_pair_has_nothing_to_do(self):
        mock = self.mock()
        found = self.bench("direct", "--url", mock.url, "--pairs", 1, "--threads", 2, "--rate", 100, "--warm-up", "0 s",
                           "--duration", "500 ms")
        self.assertEqual((found.due(), found.lost), (50, 0))


class Opening(BenchTest):
    def test_a_run_that_nobody_joins_leaves_its_results(self):
        mock = self.mock("--refuse-every", 3)
        found = self.bench("fan-out", "--url", mock.url, "--subscribers", 10, "--rate", 10, status=1)
        self.assertTrue(found.json["failed"])
        why = [one for one in found.json["errors"] if "clients are not ready" in one]
        self.assertEqual(len(why), 1, found.json["errors"])
        # What the server said of it, and not only that it closed the connection.
        self.assertIn("ERROR: refused on purpose", why[0])
        self.assertIn("ERROR: refused on purpose", found.error)


class SilentHistory:
    """In front of a server: all passes but for requests of history, which are taken and never answered."""

    def __init__(self, port):
        self.behind = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                self.sockets.append(client)
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with contextlib.suppress(OSError):
            head = client.recv(65536)
            if head.startswith(b"GET /api/"):
                return
            server = socket.create_connection(("127.0.0.1", self.behind))
            self.sockets.append(server)
            server.sendall(head)
            threading.Thread(target=self.pump, args=(server, client), daemon=True).start()
            self.pump(client, server)

    @staticmethod
    def pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        for each in (self.listener, *self.sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


class History(BenchTest):
    SHAPE = ("chat", "--first-room", 7, "--rooms", 1, "--subscribers", 5, "--turnover", 0, "--rate", 200, "--warm-up",
             "0 s", "--duration", "1 s")

    def test_pages_that_do_not_come_are_missing_and_are_not_waited_for(self):
        mock = self.mock()
        proxy = SilentHistory(int(mock.address.rpartition(":")[2]))
        self.addCleanup(proxy.close)
        began = time.monotonic()
        found = self.bench(*self.SHAPE, "--url", f"ws://127.0.0.1:{proxy.port}/ws", "--patience", "1 s", "--expect",
                           "history_missing == 0", status=3)
        # A request has 30 s. The run has its patience, and what it waits for then it gives up.
        self.assertLess(time.monotonic() - began, min(25, PATIENCE))
        self.assertEqual(found.history_missing, 10)  # 5 of 100 actions
        self.assertNotIn("history", found.json["latencies"])

    def test_none_is_missing_where_all_come(self):
        mock = self.mock()
        found = self.bench(*self.SHAPE, "--url", mock.url)
        self.assertEqual((found.history_missing, found.json["latencies"]["history"]["count"]), (0, 10))


if __name__ == "__main__":
    unittest.main()
