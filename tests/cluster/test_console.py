"""The console of two nodes: what is on the other node is seen and done through either."""
import hashlib
import hmac
import http.client
import pathlib
import signal
import sys
import unittest

import two_nodes
from support import Client

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "console"))

from console_support import AUTH, PATIENCE, Trace, admin, ask, bearer, quoted, token, until  # noqa: E402


class Console(two_nodes.TwoNodes):
    """Both nodes by their console."""

    MORE = AUTH

    def setUp(self):
        until(lambda: all(len(self.get(node, "/nodes")["nodes"]) == 2 for node in (0, 1)), "the nodes do not find each other")

    def ask(self, node, method, path, body=None, headers=None):
        """Of that node."""
        return ask(self.cluster.nodes[node].port, method, path, body, headers)

    def get(self, node, path):
        answer = self.ask(node, "GET", path)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def refused(self, status, code, *request, **more):
        answer = self.ask(*request, **more)
        self.assertEqual((answer.status, answer.json()["code"]), (status, code), answer)

    def client(self, node, user):
        client = Client(self.cluster.nodes[node].port)
        self.addCleanup(client.close)
        client.user, client.session = str(user), client.connect(passcode=token(str(user))).headers["session"]
        return client

    def of(self, node, path):
        """An address of that node."""
        return f"/nodes/{self.cluster.nodes[node].name}{path}"


class Both(Console):
    def test_each_node_knows_both(self):
        for node in (0, 1):
            self.assertEqual(self.get(node, "/nodes"), {
                "self": self.cluster.nodes[node].name,
                "nodes": [{"id": each.name, "address": f"127.0.0.1:{each.ports['internal']}"} for each in self.cluster.nodes]})

    def test_each_is_seen_through_either(self):
        client = self.client(1, self.new_user())
        client.subscribe("/topic/open/there")
        for through in (0, 1):
            for node in (0, 1):
                seen = self.get(through, self.of(node, "/overview"))
                self.assertEqual(seen["id"], self.cluster.nodes[node].name)
                self.assertGreaterEqual({link["name"] for link in seen["links"]}, {"rabbitmq", "redis", "store.writer"})
            self.assertEqual(self.get(through, self.of(0, f"/sessions?user={client.user}"))["sessions"], [])
            found = self.get(through, self.of(1, f"/sessions?user={client.user}&destination=/topic/open/there"))["sessions"]
            self.assertEqual([each["session"] for each in found], [client.session])
            self.assertEqual(self.get(through, self.of(1, "/sessions/" + client.session))["user"], client.user)
            self.assertIn({"destination": "/topic/open/there", "subscribers": 1},
                          self.get(through, self.of(1, "/rooms?limit=1000"))["destinations"])
            self.refused(404, "unknown_session", through, "GET", self.of(0, "/sessions/" + client.session))
            self.refused(404, "unknown_node", through, "GET", "/nodes/node-3/overview")
            self.refused(400, "bad_field", through, "GET", self.of(1, "/sessions?limit=0"))
            self.refused(403, "forbidden", through, "GET", self.of(1, "/overview"), headers=bearer("5"))

    def test_a_session_of_the_other_node_is_kicked(self):
        client = self.client(1, self.new_user())
        self.assertEqual(self.ask(0, "DELETE", self.of(1, "/sessions/" + client.session)).status, 204)
        self.assertEqual(client.expect_error().headers["message"], "closed by an operator")
        self.assertEqual(client.closed().code, 4031)
        status, page = self.rest(0, "GET", "/api/chat/audit?action=session.kick&limit=1", None, admin())
        self.assertEqual(status, 200)
        entry = page["entries"][0]
        self.assertEqual((entry["nodeId"], entry["actor"]["name"], entry["details"]["session"]),
                         (self.cluster.nodes[1].name, "root", client.session))

    def test_a_subscription_on_the_other_node_is_ended(self):
        client = self.client(1, self.new_user())
        client.subscribe("/user/queue/errors", "errors")
        client.subscribe("/topic/open/ended", "a/b c")
        path = self.of(1, f"/sessions/{client.session}/subscriptions/{quoted('a/b c')}")
        self.assertEqual(self.ask(0, "DELETE", path).status, 204)
        self.assertEqual(client.expect("MESSAGE").json()["code"], "access_ended")
        self.refused(404, "unknown_subscription", 0, "DELETE", path)

    def test_a_ban_holds_on_every_node_when_it_is_answered(self):
        user = self.new_user()
        clients = [self.client(node, user) for node in (0, 1)]
        answer = self.ask(0, "PUT", f"/bans/{user}", {"reason": "spam"})
        self.assertEqual(answer.status, 204, answer)
        for node, client in enumerate(clients):
            self.assertEqual(client.expect_error().headers["message"], "banned")
            self.assertEqual(client.closed().code, 4032)
            status, problem = self.rest(node, "GET", "/api/chat/rooms", None, bearer(str(user)))
            self.assertEqual((status, problem["code"]), (403, "banned"))
            refused = Client(self.cluster.nodes[node].port)
            self.addCleanup(refused.close)
            refused.send("CONNECT", {"accept-version": "1.2", "passcode": token(str(user))})
            self.assertEqual(refused.expect_error().headers["code"], "banned")
            self.assertIn(str(user), [each["user"] for each in self.get(node, "/bans")["bans"]])
        self.assertEqual(self.ask(1, "DELETE", f"/bans/{user}").status, 204)
        for node in (0, 1):
            self.client(node, user)

    def test_the_frames_of_a_session_on_the_other_node(self):
        user = self.new_user()
        traces = [Trace.opened(self.cluster.nodes[through].port, self.cluster.nodes[1].name, user=user)
                  for through in (0, 1)]
        for trace in traces:
            self.addCleanup(trace.close)
            self.assertEqual((trace.status, trace.answer.getheader("Content-Type")), (200, "application/x-ndjson"))
        client = self.client(1, user)
        client.receipt_of("SEND", {"destination": "/topic/open/traced"}, "s3cret-body", receipt="last")
        for trace in traces:
            lines = trace.frames_until(lambda line: line["headers"].get("receipt-id") == "last")
            self.assertEqual([(line["direction"], line["command"]) for line in lines],
                             [("out", "CONNECTED"), ("in", "SEND"), ("out", "RECEIPT")])
            self.assertEqual({line["session"] for line in lines}, {client.session})
            self.assertNotIn("s3cret", trace.raw)

    def test_a_reader_that_goes_ends_its_trace_on_the_other_node(self):
        # Every seat, three times over: far sooner than their time ends them.
        for _ in range(3):
            traces = [Trace.opened(self.cluster.nodes[0].port, self.cluster.nodes[1].name, user="nobody", seconds="300")
                      for _ in range(4)]
            self.assertEqual([trace.status for trace in traces], [200] * 4)
            self.refused(429, "too_many_traces", 0, "GET", self.of(1, "/trace?user=nobody"))
            for trace in traces:
                trace.close()

        last = Trace.opened(self.cluster.nodes[0].port, self.cluster.nodes[1].name, user="nobody", seconds="1")
        self.addCleanup(last.close)
        self.assertIsNone(last.line())

    def forwarded(self, path, authorization=None, secret=None, proof=None):
        """(status, text) of the second node's internal listener"""
        if secret is None:
            secret = (self.cluster.folder / "secret").read_text()
        client = "192.0.2.1:5"
        text = "\n".join(["stampede-forwarded-1", "GET", path, client, authorization or "", "", "", ""]).encode()
        proof = proof or hmac.new(secret.encode(), text + hashlib.sha256(b"").digest(), hashlib.sha256).hexdigest()
        headers = {"Stampede-Client": client, "Stampede-Forwarded": proof}
        if authorization:
            headers["Authorization"] = authorization
        connection = http.client.HTTPConnection("127.0.0.1", self.cluster.nodes[1].ports["internal"], timeout=PATIENCE)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def test_a_node_believes_neither_strangers_nor_other_nodes_about_who_asks(self):
        path = "/console/api" + self.of(1, "/overview")
        good = admin()["Authorization"]
        self.assertEqual(self.forwarded(path, good)[0], 200)
        self.assertEqual(self.forwarded(path)[0], 401)
        self.assertEqual(self.forwarded(path, bearer("5")["Authorization"])[0], 403)
        self.assertEqual(self.forwarded(path, good, secret="another")[0], 404)
        self.assertEqual(self.forwarded(path, good, proof="0" * 64)[0], 404)
        self.assertEqual(self.forwarded("/console/internal/bans", secret="another")[0], 404)
        # It is not sent on.
        self.assertEqual(self.forwarded("/console/api" + self.of(0, "/overview"), good)[0], 404)


def stands_still(pid):
    """Whether every thread of the process has stopped: SIGSTOP takes its time on a busy machine."""
    states = [(task / "stat").read_text().rpartition(")")[2].split()[0]
              for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
    return set(states) == {"T"}


class Lost(Console):
    """With a cluster of its own, whose second node comes to harm."""

    def test_a_node_that_does_not_answer_and_one_that_is_gone(self):
        node = self.cluster.nodes[1]
        user = self.new_user()
        trace = Trace(self.cluster.nodes[0].port, node.name, user=user)
        self.addCleanup(trace.close)
        node.signal(signal.SIGSTOP)
        try:
            until(lambda: stands_still(node.pid), "the node goes on")
            self.refused(504, "node_timeout", 0, "GET", self.of(1, "/overview"))
        finally:
            node.signal(signal.SIGCONT)
        # It may have been still for so long that the other one took it for gone.
        until(lambda: len(self.get(0, "/nodes")["nodes"]) == 2, "the node does not come back")
        self.assertEqual(self.get(0, self.of(1, "/overview"))["id"], node.name)
        node.kill()
        self.refused(502, "node_unreachable", 0, "GET", self.of(1, "/overview"))
        with self.assertRaises((http.client.IncompleteRead, AssertionError, ConnectionError)):
            trace.frames_until(lambda line: False)
        # A ban does not wait for ever for it, and it finds out when it starts.
        self.assertEqual(self.ask(0, "PUT", f"/bans/{user}").status, 204)
        self.start(node)
        refused = Client(node.port)
        self.addCleanup(refused.close)
        refused.send("CONNECT", {"accept-version": "1.2", "passcode": token(str(user))})
        self.assertEqual(refused.expect_error().headers["code"], "banned")
        self.assertEqual(self.ask(0, "DELETE", f"/bans/{user}").status, 204)


if __name__ == "__main__":
    unittest.main()
