"""SockJS through nginx, which takes turns among three nodes: each transport, alone, with real servers behind.

usage: STAMPEDE_BINARY=... python3 tests/sockjs/balancer_test.py
"""
import http.client
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/support"))
sys.dont_write_bytecode = True

import servers  # noqa: E402
from cluster import Cluster  # noqa: E402

# Longer than a busy machine stands still: a Redis that is only slow is not away.
os.environ["STAMPEDE_REDIS__TIMEOUT"] = "10 s"
OFTEN = """
[health]
canary_interval = "100 ms"
"""

CONNECT = "CONNECT\naccept-version:1.2\nhost:x\nlogin:{}\nheart-beat:0,0\n\n\0"
SUBSCRIBE = "SUBSCRIBE\nid:s\ndestination:/topic/chatroom/1\nreceipt:live\n\n\0"


JOIN = "SEND\ndestination:/app/chat.join\nreceipt:joined\n\n" + json.dumps({"chatRoomId": 1, "senderNickname": "n"}) + "\0"


def send_frame(text):
    return "SEND\ndestination:/app/chat.sendMessage\n\n" + json.dumps({"chatRoomId": 1, "content": text}) + "\0"


class Session:
    """A SockJS client: every request on a connection of its own, so that the balancer takes turns."""

    number = 0

    def __init__(self, port, transport):
        Session.number += 1
        self.port, self.transport = port, transport
        self.path = f"/ws-chat/000/{transport}{Session.number:06}"
        self.seen = ""
        self.stream = None

    def request(self, method, name, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=servers.PATIENCE)
        connection.request(method, f"{self.path}/{name}", body=body, headers=headers or {})
        return connection, connection.getresponse()

    def send(self, frame):
        body = json.dumps([frame])
        if self.transport == "jsonp":
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            connection, answer = self.request("POST", "jsonp_send", "d=" + urllib.parse.quote(body), form)
        else:
            connection, answer = self.request("POST", "xhr_send", body)
        answer.read()
        connection.close()
        return answer.status

    def receive(self, wanted):
        """Until `wanted` was seen behind what was seen before."""
        while wanted not in self.seen:
            self.seen += self.more()
        self.seen = self.seen.partition(wanted)[2]

    def more(self):
        method = "GET" if self.transport in ("eventsource", "htmlfile", "jsonp") else "POST"
        name = self.transport + ("?c=f" if self.transport in ("htmlfile", "jsonp") else "")
        if self.transport in ("xhr", "jsonp"):
            connection, answer = self.request(method, name)
            if answer.status != 200:
                raise AssertionError(f"{name}: {answer.status}")
            text = answer.read().decode()
            connection.close()
            return text
        if self.stream is None:
            self.connection, self.stream = self.request(method, name)
        text = self.stream.read1(65536).decode()
        if not text:
            raise AssertionError("the stream has ended")
        return text


class SockJsBehindABalancer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="stampede-balancer-")
        os.chmod(cls.folder, 0o755)
        cls.cluster = Cluster(cls.folder, 3, more=OFTEN)
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()
        for node in cls.cluster.nodes:
            cls.wait_until_ready(node)

    @staticmethod
    def wait_until_ready(node):
        """Only a node that has reached Redis finds the sessions of the others."""
        def ready():
            try:
                with urllib.request.urlopen(node.operations + "/health/ready", timeout=servers.PATIENCE) as answer:
                    return json.load(answer)["status"] == "ready"
            except urllib.error.HTTPError:
                return False  # it starts
        servers.wait_until(ready, f"{node.name} does not become ready", node.log)

    def open(self, transport, user):
        session = Session(self.cluster.balancer.port, transport)
        session.receive("o")
        self.assertIn(session.send(CONNECT.format(user)), (200, 204))
        session.receive("CONNECTED")
        self.assertIn(session.send(SUBSCRIBE), (200, 204))
        session.receive("live")
        self.assertIn(session.send(JOIN), (200, 204))
        session.receive("joined")
        return session

    def test_every_transport_chats_with_requests_at_every_node(self):
        for transport in ("xhr", "xhr_streaming", "eventsource", "htmlfile", "jsonp"):
            with self.subTest(transport):
                session = self.open(transport, 7)
                for number in range(9):
                    text = f"{transport}-{number}"
                    self.assertIn(session.send(send_frame(text)), (200, 204))
                    session.receive(text)

    def owner(self, session):
        key = "stampede:sockjs:/ws-chat/" + session.path.rpartition("/")[2]
        return self.cluster.node(self.cluster.redis.command("GET", key).rpartition(".")[0])

    def test_a_session_whose_node_drains_is_told_so_through_the_others(self):
        for transport in ("xhr", "xhr_streaming", "eventsource", "jsonp"):
            with self.subTest(transport):
                session = self.open(transport, 9)
                node = self.owner(session)
                node.signal(signal.SIGTERM)
                try:
                    servers.wait_until(lambda: not servers.answers(node.port), f"{node.name} listens on")
                    # No poll is under way now: the next one comes in at another node.
                    session.receive("server restarts")
                    session.receive("c[1012,")
                    node.wait_for_end()
                    self.assertEqual(node.process.returncode, 0)
                    self.assertIn('drained sessions_cut="0"', node.log.read_text().rpartition(" draining")[2])
                finally:
                    self.bring_back(node)

    def bring_back(self, node):
        node.kill()
        node.start()
        self.wait_until_ready(node)

    def test_a_session_is_lost_with_its_node_and_another_one_works(self):
        session = self.open("xhr", 8)
        node = self.owner(session)
        node.kill()
        try:
            self.assertEqual({session.send(send_frame("lost")) for _ in range(4)}, {404})
            again = self.open("xhr_streaming", 8)
            self.assertEqual(again.send(send_frame("again")), 204)
            again.receive("again")
        finally:
            self.bring_back(node)


if __name__ == "__main__":
    unittest.main(verbosity=2)
