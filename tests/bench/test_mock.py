"""The mock server as a program: what it says when it is ready, and its account at the end."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "node"))

from support import PATIENCE, Client  # noqa: E402

MOCK = os.environ["BENCH_MOCK"]


class Mock(unittest.TestCase):
    def run_mock(self, *arguments):
        process = subprocess.Popen([MOCK, *arguments], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.kill)
        words = process.stdout.readline().split()
        self.assertEqual(words[0], "ready")
        self.assertRegex(words[1], r"^ws://127\.0\.0\.1:\d+/ws$")
        return process, int(words[1].rpartition(":")[2].removesuffix("/ws"))

    def account(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 0)
        return json.loads(process.stdout.readline())

    def test_faults_are_done_and_accounted_for(self):
        process, port = self.run_mock("--lose-every", "5", "--duplicate-every", "4", "--swap-every", "3")
        client = Client(port)
        self.addCleanup(client.socket.close)
        client.connect()
        client.send("SUBSCRIBE", {"id": "s", "destination": "/topic/a", "receipt": "there"})
        client.expect("RECEIPT")
        for number in range(1, 9):
            client.send("SEND", {"destination": "/topic/a"}, str(number))
        client.send("SEND", {"destination": "/topic/b", "receipt": "end"})
        bodies = []
        while (frame := client.receive()).command != "RECEIPT":
            bodies.append(frame.body.decode())
        # 3 waits for 4, which comes twice; 5 is lost; 6 waits for 7; 8 comes twice.
        self.assertEqual(bodies, ["1", "2", "4", "4", "3", "7", "6", "8", "8"])
        done = self.account(process)
        self.assertEqual({name: done[name] for name in
                          ("connections", "sends", "delivered", "lost", "duplicated", "swapped", "receipts")},
                         {"connections": 1, "sends": 9, "delivered": 7, "lost": 1, "duplicated": 2,
                          "swapped": 2, "receipts": 2})

    def test_rooms_have_sequences_that_skip_and_repeat_as_asked(self):
        process, port = self.run_mock("--skip-seq-every", "3", "--repeat-seq-every", "4")
        with Client(port) as client:
            client.connect()
            client.receipt_of("SUBSCRIBE", {"id": "s", "destination": "/topic/chatroom/7"})
            for action in ["join"] + ["sendMessage"] * 7 + ["leave"]:
                client.send("SEND", {"destination": f"/app/chat.{action}"}, '{"chatRoomId":7,"senderId":1}')
            client.send("SEND", {"destination": "/app/chat.typing", "receipt": "end"}, '{"chatRoomId":7}')
            seqs = []
            while (frame := client.receive()).command != "RECEIPT":
                seqs.append(int(frame.headers["seq"]))
        self.assertEqual(seqs, [1, 2, 4, 4, 5, 7, 8, 8, 10])
        done = self.account(process)
        self.assertEqual({name: done[name] for name in ("joins", "leaves", "seqs_skipped", "seqs_repeated")},
                         {"joins": 1, "leaves": 1, "seqs_skipped": 3, "seqs_repeated": 2})
        self.assertEqual(done["connections_from"], {"127.0.0.1": 1})

    def test_a_late_subscription_misses_what_is_sent_until_it_counts(self):
        process, port = self.run_mock("--late-subscriptions", "2")
        with Client(port) as client:
            client.connect()
            client.receipt_of("SUBSCRIBE", {"id": "s", "destination": "/topic/a"})
            for body in "1234":
                client.send("SEND", {"destination": "/topic/a"}, body)
            self.assertEqual([client.receive().body for _ in range(2)], [b"3", b"4"])
        self.assertEqual(self.account(process)["missed"], 2)

    def test_a_stall_holds_everything_up(self):
        process, port = self.run_mock("--stall-at", "0", "--stall", "300")
        with Client(port) as client:
            client.connect()
            began = time.monotonic()
            for body in ("x", "y"):
                client.receipt_of("SEND", {"destination": "/topic/a"}, body)
            self.assertGreater(time.monotonic() - began, 0.25)
        self.assertEqual(self.account(process)["sends"], 2)

    def test_options_that_make_no_sense_are_refused(self):
        for arguments in (["--lose-every"], ["--lose-every", "x"], ["--what", "1"], ["--delay-every", "3"],
                          ["--port", "70000"], ["--delay", "-1"]):
            done = subprocess.run([MOCK, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("stampede-bench-mock: ", done.stderr)


if __name__ == "__main__":
    unittest.main()
