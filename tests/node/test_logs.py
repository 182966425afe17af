"""What a node writes into its log while every door is used, with the log at its most talkative: nobody's secrets."""
import base64
import hashlib
import hmac
import json
import pathlib
import re
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse

from support import BINARY, PATIENCE, WITH_STOMP, Client, Closed, Node, NodeTest, chat_body

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "structure"))

import log_events  # noqa: E402

KEY = "the-key-of-all-tokens-1d7f0c2e9a4b"
PASSCODE = "open-sesame-8341"
WRONG = "shut-sesame-9917"
BODY = "what-nobody-else-shall-read-5512"
SOCKJS_SESSION = "sockjssession7736"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = PARENT.split("-")[1]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(name, seconds=600, key=KEY):
    head = b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = b64(json.dumps({"sub": name, "exp": time.time() + seconds, "roles": ["service"]}).encode())
    return f"{head}.{body}." + b64(hmac.new(key.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest())


def basic(login, passcode):
    return "Basic " + base64.b64encode(f"{login}:{passcode}".encode()).decode()


class Logs(NodeTest):
    @classmethod
    def setUpClass(cls):
        hashed = subprocess.run([BINARY, "--hash-passcode"], input=PASSCODE + "\n", check=True,
                                capture_output=True, text=True).stdout.strip()
        cls.CONFIG = WITH_STOMP + f"""
[log]
level = "trace"
format = "json"
[node]
drain_deadline = "500 ms"
[sockjs]
heart_beat = "1 s"
disconnect_delay = "5 min"
[limits.frame]
max_body = "4 KiB"
[auth]
mode = "required"
[[auth.accounts]]
login = "alice"
passcode_hash = "{hashed}"
user_id = 1
roles = ["admin", "service"]
[auth.jwt]
algorithms = ["HS256"]
secret = "{KEY}"
[[broker.access]]
destination = "/topic/**"
send = ["authenticated"]
subscribe = ["authenticated"]
"""
        super().setUpClass()
        cls.good, cls.old, cls.forged = token("2"), token("2", -600), token("2", key="x" * 40)
        cls.secrets = [KEY, PASSCODE, WRONG, BODY, SOCKJS_SESSION, hashed]
        for each in (cls.good, cls.old, cls.forged):
            cls.secrets += [each, each.split(".")[2]]
        for passcode in (PASSCODE, WRONG):
            cls.secrets.append(base64.b64encode(f"alice:{passcode}".encode()).decode())

    def lines(self):
        return [json.loads(line) for line in self.node.log_text().splitlines()]

    def wait_for_line(self, **fields):
        """A line of the log with these fields."""
        deadline = time.monotonic() + PATIENCE
        while True:
            # The last line may be half written.
            text = self.node.log_text()
            for line in text[:text.rfind("\n") + 1].splitlines():
                entry = json.loads(line)
                if fields.items() <= entry.items():
                    return entry
            self.assertLess(time.monotonic(), deadline, f"no {fields} in the log:\n{text}")
            time.sleep(0.02)

    def stomp_doors(self, **options):
        tcp = options.get("tcp", False)
        port = self.node.stomp_ports[0] if tcp else self.node.port

        def opened():
            client = Client(port, tcp=tcp)
            self.addCleanup(client.close)
            return client

        for refused in ({"login": "alice", "passcode": WRONG}, {"Authorization": f"Bearer {self.old}"},
                        {"Authorization": f"Bearer {self.forged}"}, {"Authorization": f"Bearer {BODY}"},
                        {"login": BODY, "passcode": WRONG, "Authorization": f"Nonsense {WRONG}"}):
            client = opened()
            client.send("CONNECT", {"accept-version": "1.2", **refused})
            client.expect_error()
            client.closed()
        client = opened()
        client.connect(Authorization=f"Bearer {self.good}")
        client.receipt_of("SEND", {"destination": "/app/auth.refresh", "Authorization": f"Bearer {self.good}"}, self.good)
        client.send("SEND", {"destination": "/app/auth.refresh", "Authorization": f"Bearer {self.forged}"}, self.forged)
        client.closed()

        client = opened()
        client.connect(login="alice", passcode=PASSCODE)
        client.subscribe("/user/queue/errors", "errors")
        client.subscribe("/user/queue/messages", "messages")
        client.subscribe("/topic/a", "topic")
        room = self.new_room_of_alice()
        client.subscribe(f"/topic/chatroom/{room}", "room")
        client.receipt_of("SEND", {"destination": "/app/chat.sendMessage", "idempotency-key": "k", "passcode": PASSCODE,
                                   "authorization": f"Bearer {self.good}", "traceparent": PARENT}, chat_body(room, 1, BODY))
        client.receipt_of("SEND", {"destination": "/topic/a", "Authorization": f"Bearer {self.good}"}, BODY)
        for destination, body in (("/app/chat.sendMessage", "{" + BODY), ("/app/chat.sendMessage", chat_body(99999, 1, BODY)),
                                  ("/app/chat.sendMessage", chat_body(room, BODY, BODY)), ("/app/no.such", BODY),
                                  ("/app/chat.send", {"to": 99999, "message": BODY, BODY: BODY}),
                                  ("/app/chat.typing", "\0" + BODY)):
            client.send("SEND", {"destination": destination, "content-length": len(body) if isinstance(body, str) else
                                 len(json.dumps(body))}, body)
            while not client.expect("MESSAGE").headers["destination"].startswith("/user/queue"):
                pass
        client.send("SEND", {"destination": "/topic/a"}, BODY * 1000)
        client.closed()
        for malformed in (f"NONSENSE\nsecret:{BODY}\n\n\0", f"SEND\n{BODY}\n\n{BODY}\0", f"SEND\ndestination:\\x{BODY}\n\n\0"):
            client = opened()
            client.connect(login="alice", passcode=PASSCODE)
            client.send_bytes(malformed.encode())
            client.closed()

    def new_room_of_alice(self):
        status, room = self.node.rest("POST", "/api/chat/rooms", {"name": "r", "creatorId": 1, "nickname": "a", "metadata": {"a": BODY}},
                                      {"Authorization": basic("alice", PASSCODE)})
        self.assertEqual(status, 201, room)
        return room["chatRoomId"]

    def test_stomp_over_websocket_and_tcp(self):
        self.stomp_doors()
        self.stomp_doors(tcp=True)
        for authorization in (basic("alice", PASSCODE), f"Bearer {self.good}"):
            with Client(self.node.port, headers={"Authorization": authorization, "Cookie": f"a={BODY}"}) as client:
                client.connect()
        for authorization in (basic("alice", WRONG), f"Bearer {self.forged}", f"Bearer {self.old}"):
            with self.assertRaises(Closed):
                Client(self.node.port, path=f"/ws?access_token={self.good}", headers={"Authorization": authorization})

    def test_rest(self):
        room = self.new_room_of_alice()
        for authorization in (basic("alice", PASSCODE), basic("alice", WRONG), f"Bearer {self.good}", f"Bearer {self.forged}",
                              f"Bearer {self.old}", f"Nonsense {WRONG}"):
            headers = {"Authorization": authorization, "Cookie": f"token={WRONG}", "Idempotency-Key": "k" + authorization[-9:]}
            for method, path, body in (("POST", f"/api/chat/rooms/{room}/messages", {"content": BODY}),
                                       ("POST", f"/api/chat/rooms/{room}/messages", {"content": BODY, "senderId": BODY}),
                                       ("POST", "/api/chat/internal/notifications", {"eventType": "a", "payload": {"a": BODY}}),
                                       ("POST", "/api/chat/rooms", BODY), ("DELETE", "/api/chat/rooms", BODY),
                                       ("GET", f"/api/chat/rooms/{room}/messages?cursor={BODY}&access_token={self.good}", None),
                                       ("POST", f"/health/ready?token={self.good}", BODY)):
                self.node.rest(method, path, body, headers)
        with socket.create_connection(("127.0.0.1", self.node.port), timeout=PATIENCE) as raw:
            raw.sendall(f"{BODY} nonsense\r\n{BODY}\r\n\r\n".encode())
            while raw.recv(4096):
                pass

    def test_sockjs(self):
        path = f"/ws-chat/000/{SOCKJS_SESSION}"

        def frames(*texts):
            self.node.rest("POST", path + f"/xhr_send?token={self.good}", list(texts))

        def poll_until(word):
            # A slow answer has heart-beats before it.
            while word not in (told := self.node.rest("POST", path + "/xhr")[1]):
                self.assertEqual(told, "h\n")
        self.assertEqual(self.node.rest("POST", path + "/xhr")[1], "o\n")
        frames(f"CONNECT\naccept-version:1.2\nlogin:alice\npasscode:{PASSCODE}\n\n\0")
        poll_until("CONNECTED")
        frames(f"SEND\ndestination:/topic/a\nreceipt:r\n\n{BODY}\0")
        poll_until("RECEIPT")
        self.node.rest("POST", path + "/xhr_send", BODY)
        self.node.rest("GET", path + "/jsonp?c=" + urllib.parse.quote(BODY))
        self.node.rest("GET", path + "/" + SOCKJS_SESSION)
        self.wait_for_line(event="http_request", path="/ws-chat/_/_/xhr_send")

    def test_requests_have_ids_and_traces(self):
        room = self.new_room_of_alice()
        with Client(self.node.port) as client:
            session = client.connect(login="alice", passcode=PASSCODE).headers["session"]
            self.wait_for_line(event="session_connected", session=session, user="1", transport="websocket", level="debug")
            client.receipt_of("SEND", {"destination": "/app/chat.sendMessage", "traceparent": PARENT}, chat_body(room, 1))
            self.wait_for_line(event="app_request", session=session, destination="/app/chat.sendMessage", outcome="ok", trace_id=TRACE)
            client.receipt_of("DISCONNECT")
            client.closed()
        self.wait_for_line(event="session_closing", session=session, reason="client_disconnect")
        self.wait_for_line(event="session_closed", session=session)
        answer = self.headers_of("GET", "/api/chat/rooms", {"X-Request-Id": "req-42", "traceparent": PARENT})
        self.assertEqual(answer["X-Request-Id"], "req-42")
        self.wait_for_line(event="http_request", request_id="req-42", method="GET", path="/api/chat/rooms", status="200", trace_id=TRACE)
        for insane in ("", "two words", "x" * 201, "\u00e9"):
            made = self.headers_of("GET", "/api/nothing", {"X-Request-Id": insane, "traceparent": "00-0-0-0"})["X-Request-Id"]
            self.assertRegex(made, r"^[0-9a-z]{13}$")
            self.assertNotIn("trace_id", self.wait_for_line(event="http_request", request_id=made, status="404"))

    def headers_of(self, method, path, headers):
        with socket.create_connection(("127.0.0.1", self.node.port), timeout=PATIENCE) as raw:
            lines = [f"{method} {path} HTTP/1.1", "Host: a", "Connection: close", "Authorization: " + basic("alice", PASSCODE)]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            answer = b""
            while got := raw.recv(65536):
                answer += got
        return dict(line.split(": ", 1) for line in answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:])

    @classmethod
    def tearDownClass(cls):
        code = cls.node.stop()
        log = cls.node.log_text()
        cls.node.remove()
        if code != 0:
            raise AssertionError(f"the node ended with {code}:\n{log}")
        for secret in cls.secrets:
            if secret in log:
                raise AssertionError("a secret in the log: " + next(line for line in log.splitlines() if secret in line))
        known = log_events.documented()
        for line in log.splitlines():
            entry = json.loads(line)
            name, fields = entry.pop("event"), known[entry["event"]] if entry.get("event") else None
            fields = known[name]
            level = entry.pop("level")
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry.pop("time")):
                raise AssertionError(f"no time: {line}")
            if not any(level == said and set(entry) <= set(names) for said, names in fields):
                raise AssertionError(f"not as documented: {line}")


class Injection(unittest.TestCase):
    """Names that would like to be lines of the log."""

    USER = 'x" level="error\u2028\u202e\\'

    PLACE = '/app/y" outcome="ok\u2029\u2066'

    def logged(self, form):
        node = Node(f'[log]\nlevel = "debug"\nformat = "{form}"\n').start()
        self.addCleanup(node.remove)
        with Client(node.port) as client:
            client.connect(login=self.USER)
            client.send("SEND", {"destination": self.PLACE}, "")
            client.receipt_of("DISCONNECT")
            client.closed()
        node.wait_for_log("session_closed")
        self.assertEqual(node.stop(), 0)
        return node.log_text()

    def test_text(self):
        log = self.logged("text")
        for mark in "\u2028\u2029\u202e\u2066":
            self.assertNotIn(mark, log)
        for line in log.split("\n")[:-1]:
            self.assertRegex(line, r'^\d{4}-\d\d-\d\dT[0-9:.]+Z [a-z]+ +[a-z_]+( [a-z_]+="([^"\\]|\\.)*")*$')
        self.assertIn('app_request', log)

    def test_json(self):
        log = self.logged("json")
        users = {entry.get("user") for entry in map(json.loads, log.split("\n")[:-1]) if entry["event"] == "session_connected"}
        self.assertEqual(users, {self.USER})
        self.assertIn(self.PLACE, [json.loads(line).get("destination") for line in log.split("\n")[:-1]])

    def test_a_start_that_fails(self):
        node = Node(f"""
[log]
format = "json"
[storage]
backend = "postgresql"
connection = "host=127.0.0.1 port=1 password={PASSCODE}"
wait_timeout = "100 ms"
""")
        self.addCleanup(node.remove)
        with self.assertRaises(AssertionError):
            node.start()
        self.assertEqual(node.process.wait(PATIENCE), 1)
        node.process.stdout.close()
        entries = [json.loads(line) for line in node.log_text().splitlines()]
        self.assertEqual((entries[-1]["event"], entries[-1]["level"]), ("start_failed", "error"))
        self.assertNotIn(PASSCODE, node.log_text())


if __name__ == "__main__":
    unittest.main()
