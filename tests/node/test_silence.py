"""A database that falls silent: its processes stop, and the kernel goes on acknowledging what they are sent.

Everybody is answered, the node ends when it is told to, and what was said of each message holds when the database
goes on.
"""
import glob
import os
import pathlib
import signal
import threading
import unittest

from postgres import Postgres
from support import Client, Node, chat_body

USER = {"X-User-Id": "1"}


class Silence(unittest.TestCase):
    def setUp(self):
        self.server = Postgres()
        self.addCleanup(self.server.remove)
        self.node = Node(f"""
[storage]
backend = "postgresql"
connection = "{self.server.connection}"
connect_timeout = "2 s"
statement_timeout = "1 s"
wait_timeout = "4 s"
""")
        self.addCleanup(self.node.remove)
        self.node.start()
        self.room = self.node.rest("POST", "/api/chat/rooms", {"name": "r", "creatorId": 1, "nickname": "c"},
                                   USER)[1]["chatRoomId"]
        self.stopped = []
        self.addCleanup(self.go_on)

    def fall_silent(self):
        postmaster = int((self.server.folder / "data" / "postmaster.pid").read_text().split()[0])
        # First, so that it makes no other children.
        self.stopped = [postmaster]
        os.kill(postmaster, signal.SIGSTOP)
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                parent = int(pathlib.Path(path).read_text().rpartition(")")[2].split()[1])
                if parent == postmaster:
                    self.stopped.append(int(path.split("/")[2]))
                    os.kill(self.stopped[-1], signal.SIGSTOP)
            except OSError:
                continue  # it has ended

    def go_on(self):
        for process in self.stopped:
            try:
                os.kill(process, signal.SIGCONT)
            except ProcessLookupError:
                continue
        self.stopped = []

    def client(self, user):
        client = Client(self.node.port)
        self.addCleanup(client.close)
        client.connect(login=str(user))
        client.subscribe("/user/queue/errors", "errors")
        return client

    def send(self, client, content):
        client.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": content, "idempotency-key": content},
                    chat_body(self.room, 1, content))

    def history(self):
        status, page = self.node.rest("GET", f"/api/chat/rooms/{self.room}/messages?after=0&limit=100", headers=USER)
        self.assertEqual(status, 200, page)
        return [(m["seq"], m["content"]) for m in page["messages"] if m["messageType"] == "CHAT"]

    def test_everybody_is_answered_and_what_was_said_holds(self):
        client = self.client(1)
        self.send(client, "before")
        self.assertEqual(client.expect("RECEIPT").headers["receipt-id"], "before")
        before = self.history()

        self.fall_silent()
        self.send(client, "during")
        told = {}
        reader = threading.Thread(target=lambda: told.update(
            rest=self.node.rest("GET", f"/api/chat/rooms/{self.room}", headers=USER)[0]))
        reader.start()
        refused = client.expect("MESSAGE").json()["code"]
        self.assertIn(refused, ("store_unavailable", "store_in_doubt"))
        reader.join()
        self.assertEqual(told["rest"], 503)
        self.client(2)  # who is new here
        # With a message under way.
        self.send(client, "at the end")
        self.assertEqual(self.node.stop(), 0, self.node.log_text())

        self.go_on()
        self.node.start()
        client = self.client(1)
        for content in ("before", "during", "at the end"):
            self.send(client, content)
            self.assertEqual(client.expect("RECEIPT").headers["receipt-id"], content)
        after = self.history()
        self.assertEqual(after[:len(before)], before)
        self.assertEqual([seq for seq, _ in after], list(range(after[0][0], after[0][0] + len(after))))
        self.assertEqual([content for _, content in after], ["before", "during", "at the end"])
        self.assertEqual(self.node.stop(), 0, self.node.log_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
