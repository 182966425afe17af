"""stampede-bench against a node: nothing of what is stored is lost, comes twice or out of order."""
import unittest

from bench_support import ROOT, BenchTest
from support import Node

SHORT = ("--warm-up", "100 ms", "--duration", "1 s", "--patience", "10 s")
LONG = ("--warm-up", "100 ms", "--duration", "5 s", "--patience", "10 s")  # than what a busy machine stands still
NO_RATES = "\n".join(f"limits.rate.{of}.{what} = 0" for of in ("user", "address")
                     for what in ("send", "subscribe", "connect", "request"))
OWN_USERS = ("--login", "{}", "--passcode", "x")


class AgainstANode(BenchTest):
    @classmethod
    def setUpClass(cls):
        # As it comes, but for the rates, which one user's thousand messages a second exceed, and for the shards: most of
        # what is published crosses from one to two others.
        cls.node = Node(NO_RATES, arguments=["--shards", "3"]).start()

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()
        cls.node.remove()

    def node_bench(self, *arguments):
        return self.bench(*arguments, "--url", f"ws://127.0.0.1:{self.node.port}/ws",
                          "--pid", self.node.process.pid)

    def all_is_well(self, found, rooms=False):
        self.assertEqual((found.lost, found.duplicates, found.out_of_order, found.errors), (0, 0, 0, 0),
                         found.json["errors"])
        self.assertGreater(found.server_cpu, 0)
        if rooms:
            self.assertEqual((found.room_lost, found.room_duplicates, found.room_out_of_order), (0, 0, 0))

    def test_fan_out(self):
        self.all_is_well(self.node_bench("fan-out", "--rooms", 2, "--subscribers", 5, "--threads", 2, *SHORT))

    def test_fan_out_of_stored_messages(self):
        found = self.node_bench("fan-out", "--stored", "--receipts", "--rooms", 3, "--subscribers", 5, "--publishers",
                                2, "--rate", 500, "--threads", 2, *SHORT)
        self.all_is_well(found, rooms=True)
        self.assertEqual((found.due(), found.receipts_missing), (500, 0))

    def test_resume_of_stored_messages(self):
        for flags in ((), ("--publishers-stay",), ("--receipts", "--publishers", 2)):
            with self.subTest(flags=flags):
                found = self.node_bench("resume", "--stored", "--rooms", 2, "--subscribers", 5, "--rate", 500, *flags, *SHORT)
                self.all_is_well(found, rooms=True)
                self.assertEqual((found.json["latencies"]["resume"]["count"], found.due()), (10, 500))
                if "--receipts" in flags:
                    self.assertEqual(found.receipts_missing, 0)

    def test_direct_messages(self):
        found = self.node_bench("direct", "--stored", "--pairs", 5, *OWN_USERS, "--rate", 200, *SHORT)
        self.all_is_well(found)
        self.assertEqual(found.json["latencies"]["round_trip"]["count"], 200)

    def test_direct_over_topics(self):
        self.all_is_well(self.node_bench("direct", "--pairs", 5, "--rate", 500, *SHORT))

    def test_slow_readers(self):
        self.all_is_well(self.node_bench("slow", "--subscribers", 10, "--slow-readers", 2, "--rate", 500, *SHORT))

    def test_slow_readers_that_are_closed_are_told(self):
        # Not more than a few on their way: who reads late is not slow.
        node = Node('[limits.outbound]\nqueue = "300 KiB"\n').start()
        self.addCleanup(node.remove)
        found = self.bench("slow", "--subscribers", 10, "--slow-readers", 3, "--body", 20000, "--window", 4, *SHORT,
                           "--url", f"ws://127.0.0.1:{node.port}/ws")
        self.assertEqual((found.slow_readers_closed, found.lost, found.errors), (3, 0, 0))

    def test_sessions(self):
        found = self.node_bench("connect", "--sessions", 100)
        self.assertEqual((found.sessions_held, found.sessions_failed, found.errors), (100, 0, 0))
        found = self.node_bench("idle", "--sessions", 100, "--heart-beat", "5 s", *SHORT)
        self.assertEqual((found.sessions_held, found.sessions_failed, found.errors), (100, 0, 0))
        found = self.node_bench("churn", "--connecting", 5, "--connects-per-second", 500, *LONG)
        self.assertEqual((found.sessions_failed, found.errors), (0, 0))
        self.assertGreater(found.cycles, 0)

    @staticmethod
    def mixed(number):
        """What a turn, or an action, is: 0 to 99."""
        return (number + number // 100) * 37 % 100

    def test_a_day_of_chat(self):
        found = self.node_bench("--file", ROOT / "bench" / "scenarios" / "chat.toml", *OWN_USERS, "--rooms", 3,
                                "--subscribers", 4, "--step", "80/s for 5 s")
        self.all_is_well(found, rooms=True)
        # Of 400 turns, after the 160 of the warm-up, 16 are somebody who leaves or comes back; of 100 others 60 are
        # messages, 5 pages of history.
        acting = [turn for turn in range(160 + 400) if self.mixed(turn) >= 4]
        kinds = [self.mixed(action) for action, turn in enumerate(acting) if turn >= 160]
        self.assertEqual((found.due(), found.json["latencies"]["history"]["count"]),
                         (sum(kind < 60 for kind in kinds), sum(kind >= 95 for kind in kinds)))
        self.assertEqual(found.receipts_missing, 0)
        # One is away at a time: the next leaves when that one is back, which a database that stops for a while delays.
        self.assertGreater(found.leaves, 0)

    def test_people_who_come_and_go_all_day(self):
        found = self.node_bench("chat", "--rooms", 2, "--subscribers", 10, "--turnover", 30, "--rate", 80, *OWN_USERS,
                                "--threads", 2, *LONG)
        self.all_is_well(found, rooms=True)
        self.assertEqual(found.receipts_missing, 0)
        self.assertGreater(found.leaves + found.joins, 0)


if __name__ == "__main__":
    unittest.main()
