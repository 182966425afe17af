"""Limits at their edges, as clients meet them: what is exactly so much passes, one more is refused and told why."""
import http.client
import json
import socket
import time
import unittest

from support import OPEN_TOPICS, PATIENCE, WITH_STOMP, Client, Closed, Node, NodeTest

SMALL = OPEN_TOPICS + """
[node]
shards = 1
drain_deadline = "500 ms"  # sessions of SockJS stay for longer than anybody waits

[limits.pre_connect]
max_frame = "1 KiB"
max_headers = 8

[limits.frame]
max_headers = 10
max_header_line = "512 B"
max_headers_size = "2 KiB"
max_body = "4 KiB"

[limits.session]
max_subscriptions = 3
max_pending_acks = 4
max_transactions = 2
max_transaction_frames = 3
max_transaction_size = "2 KiB"

[limits.websocket]
max_message = "8 KiB"

[limits.http]
max_header = "2 KiB"
max_body = "4 KiB"

[sockjs]
stream_limit = "4 KiB"
max_sessions = 3
disconnect_delay = "5 min"
"""


def request(port, method, path, body=None):
    """(status, text)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def raw_status(port, sent):
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(sent)
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
    return int(answer.split(None, 2)[1])


class Frames(NodeTest):
    CONFIG = SMALL

    def passes(self, sent, connect=True):
        client = self.client(connect)
        client.send_bytes(sent)
        self.assertEqual(client.receive().command, "RECEIPT" if connect else "CONNECTED")
        client.close()

    def refused(self, sent, message, code, connect=True):
        client = self.client(connect)
        client.send_bytes(sent)
        error = client.expect_error()
        self.assertEqual((error.headers["message"], client.closed().code), (message, code))
        client.close()
        return error.body.decode()

    @staticmethod
    def padded(beginning, size):
        """A frame without a body, of so many bytes before its NUL."""
        return beginning + b"a" * (size - len(beginning) - 2) + b"\n\n\0"

    CONNECT = b"CONNECT\naccept-version:1.2\nheart-beat:0,0\n"
    SEND = b"SEND\ndestination:/topic/edge\nreceipt:r\n"

    def test_the_bytes_of_a_connect(self):
        self.passes(self.padded(self.CONNECT + b"x:", 1024), connect=False)
        told = self.refused(self.padded(self.CONNECT + b"x:", 1025), "headers too large", 1009, connect=False)
        self.assertIn("1024 bytes", told)

    def test_the_headers_of_a_connect(self):
        self.passes(self.CONNECT + b"x:y\n" * 6 + b"\n\0", connect=False)
        told = self.refused(self.CONNECT + b"x:y\n" * 7 + b"\n\0", "too many headers", 1009, connect=False)
        self.assertIn("8 headers", told)

    def test_a_frame_that_comes_before_the_connect_is_told_so_also_when_it_has_a_body(self):
        for body in (b"", b"hello", b"x" * 1024):
            told = self.refused(b"SEND\ndestination:/topic/edge\n\n" + body + b"\0", "not connected", 1002, connect=False)
            self.assertIn("must be CONNECT", told)
        self.refused(b"SEND\ndestination:/topic/edge\n\n" + b"x" * 1025 + b"\0", "body too large", 1009, connect=False)
        self.refused(self.CONNECT + b"\nbody\0", "body not allowed", 1002, connect=False)

    def test_the_headers_of_a_frame(self):
        self.passes(self.SEND + b"x:y\n" * 8 + b"\n\0")
        self.assertIn("10 headers", self.refused(self.SEND + b"x:y\n" * 9 + b"\n\0", "too many headers", 1009))

    def test_one_header_of_a_frame(self):
        self.passes(self.SEND + b"x:" + b"y" * 510 + b"\n\n\0")
        self.assertIn("512 bytes", self.refused(self.SEND + b"x:" + b"y" * 511 + b"\n\n\0", "header line too long", 1009))

    def test_the_headers_of_a_frame_together(self):
        most = self.SEND + b"".join(b"%d:%s\n" % (number, b"a" * 400) for number in range(4)) + b"x:"
        self.passes(self.padded(most, 2048))
        self.assertIn("2048 bytes", self.refused(self.padded(most, 2049), "headers too large", 1009))

    def test_the_body_of_a_frame(self):
        self.passes(self.SEND + b"\n" + b"x" * 4096 + b"\0")
        self.passes(self.SEND + b"content-length:4096\n\n" + b"\0" * 4096 + b"\0")
        self.assertIn("4096 bytes", self.refused(self.SEND + b"\n" + b"x" * 4097 + b"\0", "body too large", 1009))
        # Told by the length alone.
        self.refused(self.SEND + b"content-length:4097\n\n", "body too large", 1009)

    def test_a_websocket_message(self):
        client = self.client()
        client.send_bytes(b"\n" * 8192)
        client.receipt_of("SEND", {"destination": "/topic/edge"}, "x")
        client.send_bytes(b"\n" * 8193)
        end = client.closed()
        self.assertEqual((end.code, end.reason), (1009, "a message may have 8192 bytes"))


class Sessions(NodeTest):
    CONFIG = SMALL

    def refused(self, client, message, code=1002):
        error = client.expect_error()
        self.assertEqual((error.headers["message"], client.closed().code), (message, code))
        return error

    def test_subscriptions(self):
        client = self.client()
        for number in range(3):
            client.subscribe("/topic/edge", str(number))
        client.receipt_of("UNSUBSCRIBE", {"id": "0"})
        client.subscribe("/topic/edge", "3")
        client.send("SUBSCRIBE", {"id": "4", "destination": "/topic/edge", "receipt": "one too many"})
        error = self.refused(client, "too many subscriptions")
        self.assertEqual(error.headers["receipt-id"], "one too many")

    def test_messages_without_an_ack(self):
        reader, writer = self.client(), self.client()
        reader.subscribe("/topic/acks", ack="client-individual")
        for _ in range(2):
            messages = []
            for _ in range(4):
                writer.send("SEND", {"destination": "/topic/acks"}, "x")
                messages.append(reader.expect("MESSAGE"))
            for message in messages:
                reader.receipt_of("ACK", {"id": message.headers["ack"]})
        for _ in range(5):
            writer.send("SEND", {"destination": "/topic/acks"}, "x")
        for _ in range(4):
            reader.expect("MESSAGE")
        self.refused(reader, "too many unacknowledged messages", 4008)

    def test_transactions(self):
        client = self.client()
        client.receipt_of("BEGIN", {"transaction": "a"})
        client.receipt_of("BEGIN", {"transaction": "b"})
        client.receipt_of("ABORT", {"transaction": "a"})
        client.receipt_of("BEGIN", {"transaction": "c"})
        client.send("BEGIN", {"transaction": "d", "receipt": "r"})
        self.assertIn(b"2 open transactions", self.refused(client, "too many transactions").body)

    def in_transaction(self, client, body, transaction="t"):
        client.send("SEND", {"destination": "/topic/edge", "transaction": transaction}, body)

    def test_the_frames_of_a_transaction(self):
        client = self.client()
        for _ in range(2):
            client.receipt_of("BEGIN", {"transaction": "t"})
            for _ in range(3):
                self.in_transaction(client, "x")
            client.receipt_of("COMMIT", {"transaction": "t"})
        client.receipt_of("BEGIN", {"transaction": "t"})
        for _ in range(4):
            self.in_transaction(client, "x")
        self.assertIn(b"frames", self.refused(client, "transaction too big").body)

    def test_the_bytes_of_a_transaction(self):
        """What is kept: bodies, and headers, which take some bytes too."""
        client = self.client()
        for _ in range(2):
            client.receipt_of("BEGIN", {"transaction": "t"})
            self.in_transaction(client, "x" * 900)
            self.in_transaction(client, "x" * 900)
            client.receipt_of("COMMIT", {"transaction": "t"})
        client.receipt_of("BEGIN", {"transaction": "t"})
        self.in_transaction(client, "x" * 900)
        self.in_transaction(client, "x" * 1148)
        self.assertIn(b"2048 bytes", self.refused(client, "transaction too big").body)


class Http(NodeTest):
    CONFIG = SMALL

    def test_the_headers_of_a_request(self):
        def status(size):
            head = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: "
            return raw_status(self.node.port, head + b"a" * (size - len(head) - 4) + b"\r\n\r\n")
        self.assertEqual(status(2048), 200)
        self.assertEqual(status(2049), 431)

    def test_the_line_of_a_request(self):
        def status(size):
            line, rest = b"GET /health/live?", b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            return raw_status(self.node.port, line + b"a" * (size - len(line) - len(rest)) + rest)
        self.assertEqual(status(2048), 200)
        self.assertEqual(status(2049), 431)

    def test_the_body_of_a_request(self):
        head = b"POST /api/chat/rooms HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-User-Id: 1\r\n"
        for framing, end in ((b"Content-Length: %d\r\n\r\n", b""), (b"Transfer-Encoding: chunked\r\n\r\n%x\r\n", b"\r\n0\r\n\r\n")):
            for size, expected in ((4096, 201), (4097, 413)):
                body = json.dumps({"name": "room", "creatorId": 1}).encode().ljust(size)
                sent = head + b"Content-Type: application/json\r\n" + framing % size + body + end
                self.assertEqual(raw_status(self.node.port, sent), expected, (framing, size))

    def stomp_over_sockjs(self, session, *frames):
        self.assertEqual(request(self.node.port, "POST", f"/ws-chat/1/{session}/xhr_send", json.dumps(frames))[0], 204)

    def test_a_stream_of_sockjs_ends_after_so_many_bytes_and_the_next_one_goes_on(self):
        self.assertEqual(request(self.node.port, "POST", "/ws-chat/1/stream/xhr", "")[1], "o\n")
        self.stomp_over_sockjs("stream", "CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\0",
                               "SUBSCRIBE\nid:1\nreceipt:r\ndestination:/topic/stream\n\n\0")
        told = ""
        while "RECEIPT" not in told:
            told += request(self.node.port, "POST", "/ws-chat/1/stream/xhr", "")[1]
        writer = self.client()
        count = 60
        for number in range(count):
            writer.receipt_of("SEND", {"destination": "/topic/stream"}, f"<{number}>" + "x" * 100)
        seen, prelude = "", "h" * 2048 + "\n"
        while f"<{count - 1}>" not in seen:
            # It ends by itself: there is no more to come that could end it.
            status, text = request(self.node.port, "POST", "/ws-chat/1/stream/xhr_streaming", "")
            self.assertEqual(status, 200)
            self.assertTrue(text.startswith(prelude))
            frames = text.removeprefix(prelude)
            seen += frames
            if f"<{count - 1}>" not in seen:
                longest = max(map(len, frames.split("\n"))) + 1
                self.assertGreaterEqual(len(frames), 4096)
                self.assertLess(len(frames), 4096 + longest)
            # Enough for the last one to be full, too.
            for _ in range(40):
                writer.receipt_of("SEND", {"destination": "/topic/stream"}, "more" + "x" * 100)
        for number in range(count):
            self.assertEqual(seen.count(f"<{number}>"), 1)

    def test_sessions_of_sockjs(self):
        node = Node(SMALL).start()
        self.addCleanup(node.remove)
        for number in range(3):
            self.assertEqual(request(node.port, "POST", f"/ws-chat/1/s{number}/xhr", ""), (200, "o\n"))
        self.assertEqual(request(node.port, "POST", "/ws-chat/1/s3/xhr", ""), (503, "Too many sessions\n"))


def refused_at(port):
    status, body = request(port, "GET", "/health/live")
    return status, json.loads(body)["code"]


class Connections(unittest.TestCase):
    def test_sockets_of_a_node(self):
        node = Node(WITH_STOMP + "[limits.connections]\nper_node = 3\n").start()
        self.addCleanup(node.remove)
        clients = [Client(node.port), Client(node.port), Client(node.stomp_ports[0], tcp=True)]
        for client in clients:
            self.addCleanup(client.close)
            client.connect()
        self.assertEqual(refused_at(node.port), (503, "node_full"))
        with self.assertRaises(Closed) as refused:
            Client(node.port)
        self.assertEqual(refused.exception.code, 503)
        with Client(node.stomp_ports[0], tcp=True) as client:
            self.assertEqual(client.expect_error().headers["code"], "node_full")
        # Those that are there stay, and who goes makes room.
        for client in clients:
            client.receipt_of("SEND", {"destination": "/topic/public/x"}, "x")
        clients[0].close()
        deadline = time.monotonic() + PATIENCE
        while request(node.port, "GET", "/health/live")[0] == 503:
            self.assertLess(time.monotonic(), deadline, "a socket's place was not given back")
            time.sleep(0.01)

    def test_operators_get_in_when_no_client_does(self):
        """The limit of open files is what the clients meet first."""
        limit = 200
        node = Node(WITH_STOMP + "[operations]\nlisten = \"127.0.0.1:0\"\n[limits.connections]\nper_node = 150\n",
                    open_files=limit).start()
        self.addCleanup(node.remove)
        operations = int(node.operations.rpartition(":")[2])
        self.assertIn(f'too_few_open_files open_files="{limit}" connections="100" configured="150"', node.log_text())
        for _ in range(100):
            client = Client(node.stomp_ports[0], tcp=True)
            self.addCleanup(client.close)
            client.connect()
        self.assertEqual(refused_at(node.port), (503, "node_full"))
        self.assertEqual(request(operations, "GET", "/health/ready")[0], 200)
        status, page = request(operations, "GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertIn("stampede_sockets 100", page)

    def test_the_header_that_says_whose_request_it_is(self):
        node = Node("""
[http]
trusted_proxies = ["127.0.0.1"]
client_address_header = "X-Real-Client"
[limits.rate.address]
connect = "1/d"
connect_burst = 2
""").start()
        self.addCleanup(node.remove)

        def come(client, forwarded):
            with Client(node.port, headers={"X-Real-Client": client, "X-Forwarded-For": forwarded}) as made:
                made.connect()

        come("198.51.100.1", "203.0.113.1")
        come("198.51.100.1", "203.0.113.2")
        with self.assertRaises(Closed) as refused:
            come("198.51.100.1", "203.0.113.3")
        self.assertEqual(refused.exception.code, 429)
        for _ in range(2):
            come("198.51.100.2", "203.0.113.1")
        come("198.51.100.3", "203.0.113.1")


if __name__ == "__main__":
    unittest.main()
