"""What somebody who means harm would try, on a real node. docs/security.md says what each of them is
about; what is tried by other tests is named there and not repeated here."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import select
import socket
import subprocess
import tempfile
import unittest
import zlib

from security_support import (SECRET, WITH_STOMP, Client, Closed, NodeTest, PATIENCE, answer_of, b64, chat_body, token, until)


def read_to_end(connection):
    got = b""
    try:
        while piece := connection.recv(1 << 16):
            got += piece
    except ConnectionError:
        pass
    return got


def raw_answer(port, request):
    """Everything that the node sends until it closes; what it did not read may be reset."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        try:
            connection.sendall(request)
        except ConnectionError:
            pass
        return read_to_end(connection)


def status_of(answer):
    return int(answer.split(None, 2)[1])


# Sessions of SockJS that do not end because their client is slow, and that nobody waits for at the end.
PATIENT_SOCKJS = """
[sockjs]
disconnect_delay = "5 min"

[node]
drain_deadline = "500 ms"
"""


class Tokens(NodeTest):
    """Credentials that are not what they say."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            key = os.path.join(folder, "key.pem")
            subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
            cls.public_key = subprocess.run(["openssl", "rsa", "-in", key, "-pubout"], check=True,
                                            capture_output=True, text=True).stdout
        cls.folder = tempfile.TemporaryDirectory()
        path = os.path.join(cls.folder.name, "public.pem")
        with open(path, "w", encoding="ascii") as file:
            file.write(cls.public_key)
        cls.CONFIG = PATIENT_SOCKJS + f"""
[auth]
mode = "required"

[auth.jwt]
algorithms = ["HS256", "RS256"]
secret = "{SECRET}"
public_key_file = "{path}"
issuer = "https://issuer.example"
audience = ["stampede"]

[[broker.access]]
destination = "/topic/open/**"
subscribe = ["*"]
subscribe_wildcard = ["*"]
send = ["*"]
"""
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    def good(self, name="7", **changed):
        claims = {"iss": "https://issuer.example", "aud": "stampede", "userId": int(name), **changed}
        return token(name, **claims)

    def assert_refused(self, forged, code):
        client = self.client(connect=False)
        client.send("CONNECT", {"accept-version": "1.2", "passcode": forged})
        frame = client.receive()
        self.assertEqual((frame.command, frame.headers.get("code")), ("ERROR", code), forged)
        bearer = {"Authorization": "Bearer " + forged}
        status, _, text = answer_of(self.node.port, "GET", "/api/chat/rooms", headers=bearer)
        self.assertEqual((status, json.loads(text)["code"]), (401, code), forged)
        with self.assertRaises(Closed) as refused:
            self.client(connect=False, path="/ws?access_token=" + forged)
        self.assertEqual(refused.exception.code, 401)

    def test_a_good_token_is_good(self):
        self.client(passcode=self.good())

    def test_alg_none_is_refused_with_and_without_a_signature(self):
        claims = self.good().split(".")[1]
        for algorithm in ("none", "None", "NONE", "nOnE", ""):
            head = b64(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
            for signature in ("", b64(b"anything")):
                self.assert_refused(f"{head}.{claims}.{signature}", "token_invalid")

    def test_the_public_key_is_no_secret_to_sign_with(self):
        for secret in (self.public_key, self.public_key.strip(), self.public_key.replace("\n", "\r\n")):
            self.assert_refused(self.good(secret=secret), "token_invalid")

    def test_a_signature_is_checked_by_the_algorithm_that_it_names(self):
        claims = self.good().split(".")[1]
        other = b64(json.dumps({"alg": "RS256"}).encode())
        signature = b64(hmac.new(SECRET.encode(), f"{other}.{claims}".encode(), hashlib.sha256).digest())
        self.assert_refused(f"{other}.{claims}.{signature}", "token_invalid")

    def test_expired_early_foreign_and_changed_tokens_are_refused(self):
        self.assert_refused(self.good(seconds=-3600), "token_expired")
        self.assert_refused(self.good(nbf=4_000_000_000), "token_invalid")
        self.assert_refused(self.good(aud="another"), "token_invalid")
        self.assert_refused(self.good(aud=["another"]), "token_invalid")
        self.assert_refused(self.good(iss="https://evil.example"), "token_invalid")
        head, _, signature = self.good().split(".")
        claims = self.good(userId=1).split(".")[1]
        self.assert_refused(f"{head}.{claims}.{signature}", "token_invalid")
        for header in ({"alg": "HS256", "jwk": {"kty": "oct", "k": b64(b"x" * 32)}},
                       {"alg": "HS256", "kid": "../../../../dev/null"},
                       {"alg": "HS256", "kid": "x' UNION SELECT 'x"}):
            forged = token("7", secret="x" * 32, head=header, iss="https://issuer.example", aud="stampede")
            self.assert_refused(forged, "token_invalid")

    def test_wildcards_and_odd_spellings_bring_nothing_of_a_foreign_room(self):
        bearer = {"Authorization": "Bearer " + self.good("1"), "Content-Type": "application/json"}
        status, _, text = answer_of(self.node.port, "POST", "/api/chat/rooms",
                                    json.dumps({"name": "mine", "creatorId": 1, "isPrivate": True}), bearer)
        self.assertEqual(status, 201, text)
        room = json.loads(text)["chatRoomId"]
        topic = f"/topic/chatroom/{room}"
        spellings = ["/topic/**", "/topic/*/*", "/topic/#", "/topic/chatroom/*", "/topic/chatroom/**",
                     "/topic/chatroom/#", f"/topic/*/{room}", topic + "/", "/" + topic, f"/topic//chatroom/{room}", f"/topic/chatroom/0{room}",
                     f"/topic/chatroom/{room}.0", f"/topic/chatroom/%3{room}", f"/topic/chatroom/+{room}",
                     f"/topic/Chatroom/{room}", f"topic/chatroom/{room}", topic, "/user/1/queue/messages",
                     "/user/%31/queue/messages", "/user/../user/1/queue/messages", "/user/*/queue/messages"]
        for spelling in spellings:
            with self.subTest(spelling):
                stranger = self.client(passcode=self.good("666"))
                stranger.send("SUBSCRIBE", {"id": "1", "destination": spelling, "receipt": "r"})
                self.assertEqual(stranger.receive().command, "ERROR", spelling)
                stranger.close()
        listener = self.client(passcode=self.good("666"))
        # Levels that mean nothing here, and lead nowhere else.
        for number, spelling in enumerate(["/topic/open/**", "/topic/open/../**", f"/topic/open/../chatroom/{room}"]):
            listener.subscribe(spelling, str(number))
        owner = self.client(passcode=self.good("1"))
        owner.receipt_of("SEND", {"destination": "/app/chat.sendMessage"}, chat_body(room, 1, "secret"))
        messages = listener.receipt_of("SEND", {"destination": "/topic/open/x"}, "mine", receipt="mine")
        bodies = {message.body for message in messages} or {listener.expect("MESSAGE").body}
        self.assertEqual(bodies, {b"mine"})

    def test_a_stolen_sockjs_address_is_worth_nothing_without_the_credentials(self):
        owner = {"Authorization": "Bearer " + self.good("1")}
        thief = {"Authorization": "Bearer " + self.good("666")}
        base = "/ws-chat/7/stolen-session"

        def post(path, body="", headers=None):
            return answer_of(self.node.port, "POST", base + path, body, headers)

        self.assertEqual(post("/xhr", headers=owner)[2], "o\n")
        for headers in (None, thief, {"Authorization": owner["Authorization"] + "x"}):
            refused = 401 if headers and headers is not thief else 404
            self.assertIn(post("/xhr", headers=headers)[0], (404, refused))
            self.assertEqual(post("/xhr_send", '["x"]', headers)[0], 404)
            self.assertIn(answer_of(self.node.port, "GET", base + "/eventsource", headers=headers)[0], (404, refused))
            self.assertIn(answer_of(self.node.port, "GET", base + "/jsonp?c=x", headers=headers)[0], (404, refused))
        connect = json.dumps(["CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\0"])
        self.assertEqual(post("/xhr_send", connect, owner)[0], 204)
        self.assertIn("CONNECTED", post("/xhr", headers=owner)[2])

    def test_a_page_of_another_origin_gets_in_nowhere(self):
        evil = {"Origin": "https://evil.example"}
        with self.assertRaises(Closed) as refused:
            self.client(connect=False, headers=evil)
        self.assertEqual(refused.exception.code, 403)
        for path in ("/ws-chat/info", "/api/chat/rooms"):
            status, headers, _ = answer_of(self.node.port, "GET", path, headers=evil)
            self.assertEqual(status, 403)
            self.assertIsNone(headers["Access-Control-Allow-Origin"])


class Slow(NodeTest):
    """Clients that begin something and never end it. The times are longer than a busy machine stands still."""
    CONFIG = WITH_STOMP + """
[limits.pre_connect]
deadline = "5 s"

[limits.http]
request_timeout = "5 s"
idle_timeout = "5 s"

[limits.websocket]
ping_interval = "1 s"
ping_timeout = "5 s"
"""

    def test_whatever_of_http_never_ends_is_ended(self):
        post = b"POST /api/chat/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
        beginnings = {"a body": (post, 408), "headers": (b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", 408),
                      "nothing": (b"", None), "nothing more": (b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", 200)}
        connections = {}
        for name, (beginning, _) in beginnings.items():
            connections[name] = socket.create_connection(("127.0.0.1", self.node.port), PATIENCE)
            self.addCleanup(connections[name].close)
            connections[name].sendall(beginning)
        for name, (_, status) in beginnings.items():
            with self.subTest(name):
                answer = read_to_end(connections[name])
                self.assertEqual(status_of(answer) if answer else None, status)

    def test_a_connect_that_never_ends_is_ended_however_it_drips(self):
        client = self.client(connect=False)
        client.send_bytes(b"CONNECT\naccept-version:1.2\nx:")
        try:
            while not select.select([client.socket], [], [], 0.01)[0]:
                client.send_bytes(b"x")
        except Closed:
            pass
        self.assertEqual(client.closed().code, 4001)
        silent = self.client(connect=False)
        silent.send_bytes(b"CONNECT\naccept-version:1.2\nx:")
        self.assertEqual(silent.closed().code, 4001)
        tcp = Client(self.node.stomp_ports[0], tcp=True)
        self.addCleanup(tcp.close)
        tcp.send_bytes(b"CONNECT\naccept-version:1.2\nx:")
        tcp.closed()

    def test_a_websocket_frame_that_never_ends_is_ended(self):
        client = self.client()
        client.socket.sendall(bytes([0x81, 0x80 | 100]) + b"\0\0\0\0" + b"SEND\n")
        client.closed()


class Oversized(NodeTest):
    """More than anybody needs of anything."""
    CONFIG = PATIENT_SOCKJS + WITH_STOMP + """
[limits.websocket]
permessage_deflate = true
"""

    def peak_memory(self):
        with open(f"/proc/{self.node.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) * 1024

    def refused(self, what, *arguments, connect=True, **options):
        client = self.client(login="1" if connect else None, connect=connect, **options)
        try:
            client.send(what, *arguments)
        except Closed:
            pass
        try:
            return client.expect_error(), client.closed()
        except Closed as end:
            return None, end

    def test_floods_of_headers(self):
        many = {f"h{number}": "x" for number in range(1000)}
        error, end = self.refused("SEND", {"destination": "/topic/public/a", **many}, "x")
        self.assertEqual((error.headers["message"], end.code), ("too many headers", 1009))
        error, end = self.refused("CONNECT", {"accept-version": "1.2", **many}, connect=False)
        self.assertEqual((error.headers["message"], end.code), ("too many headers", 1009))
        lines = "".join(f"X-H{number}: x\r\n" for number in range(5000))
        answer = raw_answer(self.node.port, f"GET / HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
        self.assertEqual(status_of(answer), 431)
        self.assertEqual(json.loads(answer.partition(b"\r\n\r\n")[2])["code"], "header_too_large")

    def test_long_lines(self):
        error, end = self.refused("SEND", {"destination": "/topic/public/" + "x" * 20_000}, "x")
        self.assertEqual((error.headers["message"], end.code), ("header line too long", 1009))
        error, _ = self.refused("SEND", {"destination": "/topic/public/" + "x" * 2000}, "x")
        self.assertIn("destination", error.headers["message"])
        error, _ = self.refused("SUBSCRIBE", {"id": "x" * 300, "destination": "/topic/public/a"})
        self.assertIn("id", error.headers["message"])
        answer = raw_answer(self.node.port, b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(status_of(answer), 431)

    def test_lengths_that_promise_much_make_nothing_be_kept(self):
        before = self.peak_memory()
        for size, code in ((1 << 31, 1009), ((1 << 62) + 1, 1009), ((1 << 63) + 1, 1002)):
            client = self.client()
            client.socket.sendall(bytes([0x82, 0xff]) + size.to_bytes(8, "big") + b"\0\0\0\0")
            self.assertEqual(client.closed().code, code, size)
        for length, message, code in (("99999999999", "body too large", 1009), ("18446744073709551616", "body too large", 1009),
                                      ("-1", "invalid content-length", 1002), ("1e9", "invalid content-length", 1002)):
            error, end = self.refused("SEND", {"destination": "/topic/public/a", "content-length": length}, "x")
            self.assertEqual((error.headers["message"], end.code), (message, code), length)
        answer = raw_answer(self.node.port, b"POST /api/chat/rooms HTTP/1.1\r\nHost: x\r\n"
                                            b"Content-Length: 99999999999\r\n\r\n")
        self.assertEqual(status_of(answer), 413)
        self.assertLess(self.peak_memory() - before, 64 << 20)

    def test_a_small_message_that_would_become_huge(self):
        before = self.peak_memory()
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = deflate.compress(b"\0" * (256 << 20)) + deflate.flush(zlib.Z_SYNC_FLUSH)
        bomb = bomb[:-4]
        client = self.client(headers={"Sec-WebSocket-Extensions": "permessage-deflate"})
        try:
            client.socket.sendall(bytes([0xc2, 0xff]) + len(bomb).to_bytes(8, "big") + b"\0\0\0\0" + bomb)
        except ConnectionError:
            pass
        self.assertEqual(client.closed().code, 1009)
        self.assertLess(self.peak_memory() - before, 64 << 20)

    def test_big_bodies_over_rest_and_sockjs(self):
        big = b"x" * 2_000_000
        head = b"POST /api/chat/rooms HTTP/1.1\r\nHost: x\r\n"
        for length in (b"Content-Length: 2000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n200000\r\n"):
            with socket.create_connection(("127.0.0.1", self.node.port), PATIENCE) as connection:
                connection.sendall(head + length)
                # Before any of the body has come.
                answer = b""
                while not answer.endswith(b'"code":"body_too_large","type":"urn:stampede:problem:body_too_large"}'):
                    piece = connection.recv(1 << 16)
                    self.assertTrue(piece, answer)
                    answer += piece
                self.assertEqual(status_of(answer), 413)
                try:
                    connection.sendall(big)
                except ConnectionError:
                    pass
        self.assertEqual(answer_of(self.node.port, "POST", "/ws-chat/1/big/xhr", "")[2], "o\n")
        many = "[" + ",".join(['""'] * 300_000) + "]"
        refused = answer_of(self.node.port, "POST", "/ws-chat/1/big/xhr_send", many)
        self.assertEqual((refused[0], refused[2]), (413, "Too many messages."))
        # The session lives on.
        connect = json.dumps(["CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\0"])
        self.assertEqual(answer_of(self.node.port, "POST", "/ws-chat/1/big/xhr_send", connect)[0], 204)
        self.assertIn("CONNECTED", answer_of(self.node.port, "POST", "/ws-chat/1/big/xhr", "")[2])

    def test_fields_that_are_too_long_or_too_deep_are_refused_by_their_code(self):
        headers = {"Content-Type": "application/json", "X-User-Id": "1"}

        def create(**fields):
            body = json.dumps({"name": "room", "creatorId": 1, **fields})
            return answer_of(self.node.port, "POST", "/api/chat/rooms", body, headers)[0]

        self.assertEqual(create(), 201)
        self.assertEqual(create(name="x" * 100_000), 400)
        self.assertEqual(create(nickname="x" * 100_000), 400)
        deep = '{"name":' + "[" * 100_000 + "]" * 100_000 + "}"
        self.assertEqual(answer_of(self.node.port, "POST", "/api/chat/rooms", deep, headers)[0], 400)
        client = self.client(login="1")
        client.subscribe("/user/queue/errors", "e")
        room = self.new_room(1)
        for body in (chat_body(room, 1, "x" * 6000), "[" * 100_000, b'{"chatRoomId":' + b"9" * 1000 + b"}"):
            client.send("SEND", {"destination": "/app/chat.sendMessage"}, body)
            self.assertIn(client.expect("MESSAGE").json()["code"], ("content_too_long", "bad_json", "bad_field"))

    def test_the_node_lives_on(self):
        self.client(login="1").receipt_of("SEND", {"destination": "/topic/public/a"}, "x")


EVIL = ["'; DROP TABLE rooms; --", "\" OR 1=1 --", "Robert'); DELETE FROM messages;--", "%s%n%x{}{0}%1$s",
        "a\nlevel=error event=forged", "a\r\n{\"event\":\"forged\"}", "\x1b[2J\x1b[31mred", "\u202eabc\u2028def",
        "\\u0000\\n\\\"", "${jndi:ldap://x}", "\x7f\x85\x9b31m"]


def escaped(value):
    """As a header of STOMP 1.2."""
    for plain, written in (("\\", "\\\\"), ("\r", "\\r"), ("\n", "\\n"), (":", "\\c")):
        value = value.replace(plain, written)
    return value


class Injection(NodeTest):
    """Texts that mean something to a database, a log or a terminal."""
    CONFIG = """
[log]
level = "trace"
format = "json"
"""

    def test_texts_come_back_as_they_were_and_do_nothing_else(self):
        for evil in EVIL:
            with self.subTest(evil):
                headers = {"Content-Type": "application/json", "X-User-Id": "1"}
                status, _, text = answer_of(
                    self.node.port, "POST", "/api/chat/rooms",
                    json.dumps({"name": evil, "creatorId": 1, "nickname": evil}), headers)
                self.assertEqual(status, 201, text)
                room = json.loads(text)["chatRoomId"]
                client = self.client(login="1")
                client.subscribe(f"/topic/chatroom/{room}")
                client.send("SEND", {"destination": "/app/chat.sendMessage", "idempotency-key": escaped(evil)},
                            chat_body(room, 1, evil, evil))
                message = client.expect("MESSAGE").json()
                self.assertEqual(message["content"], evil)
                self.assertEqual(self.node.rest("GET", f"/api/chat/rooms/{room}")[1]["name"], evil)
        self.assertGreater(self.new_room(1), 0)

    def test_identifiers_that_hold_sql_are_no_identifiers(self):
        for evil in ("1%20OR%201=1", "1;DROP%20TABLE%20rooms", "-1", "0x1", "1'", "99999999999999999999"):
            for path in (f"/api/chat/rooms/{evil}", f"/api/chat/rooms/{evil}/messages",
                         f"/api/chat/rooms/study/{evil}", f"/api/chat/rooms?userId={evil}",
                         f"/api/chat/rooms?cursor={evil}"):
                status, _, _ = answer_of(self.node.port, "GET", path, headers={"X-User-Id": "1"})
                self.assertIn(status, (400, 403, 404), path)

    def test_no_text_of_a_client_makes_a_line_of_the_log_or_breaks_one(self):
        for evil in EVIL:
            value = escaped(evil)
            client = self.client(connect=False)
            # CONNECT knows no escapes: what holds a line break is no header there.
            client.send("CONNECT", {"accept-version": "1.2", "login": evil.replace("\r", "").replace("\n", " ")})
            client.receive()
            client.close()
            for command, headers in (("SEND", {"destination": "/topic/public/" + value}),
                                     ("SUBSCRIBE", {"id": value, "destination": "/topic/" + value}),
                                     ("SEND", {"destination": value, "receipt": value}),
                                     ("ACK", {"id": value}), ("BEGIN", {"transaction": value})):
                client = self.client(login="1")
                client.send(command, headers, "x")
                client.send("DISCONNECT", {"receipt": "end"})
                try:
                    while client.receive().command not in ("ERROR", "RECEIPT"):
                        pass
                except Closed:
                    pass
                client.close()
            plain = evil.replace("\r", "").replace("\n", "").encode("utf-8")
            raw_answer(self.node.port, b"GET /" + plain.replace(b" ", b"") + b" HTTP/1.1\r\nHost: x\r\nX-Request-Id: " + plain +
                       b"\r\nUser-Agent: " + plain + b"\r\ntraceparent: " + plain + b"\r\nConnection: close\r\n\r\n")
        raw_answer(self.node.port, b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: \xff\xfe\xc0\xaf\r\nConnection: close\r\n\r\n")
        # What is being written is no line yet.
        raw = until(lambda: (log := (self.node.folder / "log").read_bytes()).endswith(b"\n") and log, "a line without an end")
        for line in raw.split(b"\n")[:-1]:
            record = json.loads(line.decode("utf-8"))
            self.assertNotEqual(record["event"], "forged")
            self.assertNotRegex(line, rb"[\x00-\x1f\x7f]")

    def test_no_path_leads_out_of_the_pages(self):
        for path in ("/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                     "//etc/passwd", "/vendor/../../../etc/passwd", "/vendor/..%5c..%5cetc%5cpasswd",
                     "/vendor/%00/etc/passwd", "/....//....//etc/passwd", "/./index.html/../../etc/passwd",
                     "file:///etc/passwd", "/index.html%00.js", "/%c0%ae%c0%ae/etc/passwd"):
            answer = raw_answer(self.node.port,
                                f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            self.assertIn(status_of(answer), (400, 404), path)
            self.assertNotIn(b"root:", answer)

    def test_pages_and_answers_say_what_a_browser_may_do_with_them(self):
        _, page, _ = answer_of(self.node.port, "GET", "/")
        policy = page["Content-Security-Policy"]
        self.assertIn("default-src 'self'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertIn("frame-ancestors 'self'", policy)
        _, console, _ = answer_of(self.node.port, "GET", "/console/")
        self.assertTrue(console["Content-Security-Policy"].endswith("frame-ancestors 'none'"))
        self.assertEqual(page["X-Content-Type-Options"], "nosniff")
        self.assertTrue(page["Referrer-Policy"])
        for path in ("/api/chat/rooms", "/api/nothing", "/api/openapi.yaml"):
            _, rest, _ = answer_of(self.node.port, "GET", path)
            self.assertEqual(rest["X-Content-Type-Options"], "nosniff", path)
            self.assertEqual(rest["Content-Security-Policy"], "default-src 'none'; frame-ancestors 'none'")
            self.assertEqual(rest["Referrer-Policy"], "no-referrer")
        _, frame, _ = answer_of(self.node.port, "GET", "/ws-chat/iframe.html")
        self.assertIn("frame-ancestors 'self'", frame["Content-Security-Policy"])

    def test_an_answer_repeats_nothing_that_makes_a_header(self):
        answer = raw_answer(self.node.port, b"GET /api/chat/rooms?x=%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: x\r\n"
                                            b"Origin: http://x\r\nConnection: close\r\n\r\n")
        self.assertNotIn(b"\r\nSet-Cookie", answer)
        status, _, text = answer_of(self.node.port, "GET", "/ws-chat/1/cb/jsonp?c=alert(1)//")
        self.assertEqual(status, 500)
        self.assertNotIn("alert", text)


if __name__ == "__main__":
    unittest.main()
