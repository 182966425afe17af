"""What the tests of a whole node share: the node as a process, STOMP clients, REST.

Standard library only. Every wait is for an event, bounded by PATIENCE.
"""
import base64
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts/support"))

from ports import free_port  # noqa: E402
from sanitizers import check_log  # noqa: E402

PATIENCE = 60  # seconds; reached only when something is broken, sanitizers and busy machines included

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("STAMPEDE_BINARY", str(ROOT / "build/release/bin/stampede"))

# For a node's configuration: WebSocket and HTTP, and STOMP over TCP.
WITH_STOMP = """
[[listeners]]
address = "127.0.0.1:0"

[[listeners]]
address = "127.0.0.1:0"
protocol = "stomp"
"""
OPEN_TOPICS = """
[[broker.access]]
destination = "/topic/**"
send = ["*"]
subscribe = ["*"]
"""


class Node:
    """A node of its own: data in a temporary directory, a free port that it keeps over restarts."""

    def __init__(self, config="", port=None, data=None, arguments=(), open_files=None):
        self.folder = pathlib.Path(data or tempfile.mkdtemp(prefix="stampede-test-"))
        self.keep_folder = data is not None
        self.config = config
        self.arguments = list(arguments)
        self.limited = [] if open_files is None else ["prlimit", f"--nofile={open_files}:{open_files}"]
        self.port = port or free_port()
        self.process = None

    def start(self):
        command = [BINARY, "--data", str(self.folder / "data")]
        if "[[listeners]]" not in self.config:
            command += ["--listen", f"127.0.0.1:{self.port}"]
        if self.config:
            path = self.folder / "node.toml"
            path.write_text(self.config, encoding="utf-8")
            command += ["--config", str(path)]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.limited + command + self.arguments, stdout=subprocess.PIPE,
                                            stderr=log, text=True)
        self.stomp_ports = []
        self.operations = None  # the address of the operations listener
        for line in self.process.stdout:
            words = line.split()
            if words[0] == "stomp":
                self.stomp_ports.append(int(words[1].rpartition(":")[2]))
            if words[0] == "operations":
                self.operations = words[1]
            if words[0] == "ready":
                self.url = words[1]
                self.port = int(self.url.rpartition(":")[2])
                return self
        raise AssertionError(f"the node did not become ready:\n{self.log_text()}")

    def wait_for_log(self, event):
        """Until the node has logged the event."""
        deadline = time.monotonic() + PATIENCE
        while event not in (text := self.log_text()):
            if time.monotonic() > deadline:
                raise AssertionError(f"no {event} in the log:\n{text}")
            time.sleep(0.01)

    def log_text(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        try:
            check_log(self.folder / "log")
        finally:
            if not self.keep_folder:
                shutil.rmtree(self.folder, ignore_errors=True)

    def rest(self, method, path, body=None, headers=None):
        """(status, decoded JSON or text)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            text = None if body is None else json.dumps(body)
            sent = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, text, {**sent, **(headers or {})})
            answer = connection.getresponse()
            content = answer.read().decode()
            kind = answer.getheader("Content-Type") or ""
            return answer.status, json.loads(content) if "json" in kind else content
        finally:
            connection.close()


class Frame:
    def __init__(self, command, headers, body):
        self.command, self.headers, self.body = command, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.command} {self.headers} {self.body!r}"


class Closed(Exception):
    """The connection ended; .code is the WebSocket close code, if there was one."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed {code} {reason}")
        self.code, self.reason = code, reason


class Unexpected(AssertionError):
    """Another frame came; .frame is it."""

    def __init__(self, frame):
        super().__init__(f"unexpected {frame}")
        self.frame = frame


def parse_frame(text):
    head, _, body = text.partition(b"\n\n")
    lines = head.decode().lstrip("\r\n").split("\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.rstrip("\r").partition(":")
        headers.setdefault(name, value)
    return Frame(lines[0], headers, body.rstrip(b"\n").removesuffix(b"\0"))


class Client:
    """A STOMP client on blocking sockets; frames are taken with receive()."""

    def __init__(self, port, path="/ws", tcp=False, tls=None, headers=None, receive_buffer=None):
        self.tcp = tcp
        self.buffer = b""
        raw = socket.socket()
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.settimeout(PATIENCE)
        try:
            raw.connect(("127.0.0.1", port))
        except OSError:
            raw.close()
            raise
        self.socket = tls.wrap_socket(raw, server_hostname="localhost") if tls else raw
        if not tcp:
            try:
                self.handshake(path, headers or {})
            except (Closed, OSError):
                self.socket.close()
                raise

    def handshake(self, path, headers):
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket",
                 "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        answer, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        self.status = int(answer.split()[1])
        if self.status != 101:
            raise Closed(self.status, answer.decode())

    def fill(self):
        try:
            got = self.socket.recv(1 << 16)
        except (ConnectionError, ssl.SSLError) as error:
            raise Closed(None, str(error)) from error
        if not got:
            raise Closed()
        self.buffer += got

    def peek(self, begin, end):
        """Bytes of what is not taken yet: a wait that ends with a time-out loses nothing."""
        while len(self.buffer) < end:
            self.fill()
        return self.buffer[begin:end]

    def send_bytes(self, payload, opcode=1):
        if not self.tcp:
            head = bytes([0x80 | opcode])
            if len(payload) < 126:
                head += bytes([0x80 | len(payload)])
            elif len(payload) < 65536:
                head += bytes([0x80 | 126]) + len(payload).to_bytes(2, "big")
            else:
                head += bytes([0x80 | 127]) + len(payload).to_bytes(8, "big")
            payload = head + b"\0\0\0\0" + payload  # a masking key of zero leaves the bytes as they are
        try:
            self.socket.sendall(payload)
        except (ConnectionError, ssl.SSLError) as error:
            raise Closed(None, str(error)) from error

    @staticmethod
    def frame_bytes(command, headers=None, body=b""):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        lines = [command] + [f"{name}:{value}" for name, value in (headers or {}).items()]
        return "\n".join(lines).encode() + b"\n\n" + body + b"\0"

    def send(self, command, headers=None, body=b""):
        self.send_bytes(self.frame_bytes(command, headers, body))

    def send_all(self, frames):
        """Each as send() takes it, in one piece."""
        self.send_bytes(b"".join(self.frame_bytes(*frame) for frame in frames))

    def receive(self):
        """The next frame; heart-beats and WebSocket pings are passed over."""
        while True:
            frame = self.receive_something()
            if frame is not None:
                return frame

    def receive_something(self):
        """The next frame, or None for a heart-beat or a WebSocket ping."""
        if self.tcp:
            while b"\0" not in self.buffer:
                self.fill()
            text, _, self.buffer = self.buffer.partition(b"\0")
            return parse_frame(text.lstrip(b"\r\n"))
        first, second = self.peek(0, 2)
        size, head = second & 0x7f, 2
        if size >= 126:
            head += 2 if size == 126 else 8
            size = int.from_bytes(self.peek(2, head), "big")
        payload = self.peek(head, head + size)
        self.buffer = self.buffer[head + size:]
        opcode = first & 0x0f
        if opcode == 8:
            code = int.from_bytes(payload[:2], "big") if payload else None
            raise Closed(code, payload[2:].decode())
        if opcode == 9:
            self.send_bytes(payload, 10)
        elif opcode in (1, 2) and payload not in (b"\n", b"\r\n"):
            self.last_opcode = opcode
            return parse_frame(payload)
        return None

    def expect(self, command):
        """Frames up to the first one of that command, which is returned."""
        while True:
            frame = self.receive()
            if frame.command == command:
                return frame
            if frame.command == "ERROR":
                raise Unexpected(frame)

    def expect_error(self):
        """Frames up to an ERROR, which is returned."""
        while True:
            frame = self.receive()
            if frame.command == "ERROR":
                return frame

    def connect(self, version="1.2", **headers):
        self.send("CONNECT", {"accept-version": version, "heart-beat": "0,0",
                              **{name.replace("_", "-"): value for name, value in headers.items()}})
        frame = self.receive()
        if frame.command != "CONNECTED":
            raise Unexpected(frame)
        return frame

    def receipt_of(self, command, headers=None, body=b"", receipt="r"):
        """Sends with a receipt and waits for it; MESSAGEs that come before it are returned."""
        self.send(command, {**(headers or {}), "receipt": receipt}, body)
        messages = []
        while True:
            frame = self.receive()
            if frame.command == "RECEIPT" and frame.headers["receipt-id"] == receipt:
                return messages
            if frame.command != "MESSAGE":
                raise Unexpected(frame)
            messages.append(frame)

    def subscribe(self, destination, subscription="0", **headers):
        return self.receipt_of("SUBSCRIBE", {
            "id": subscription, "destination": destination,
            **{name.replace("_", "-"): value for name, value in headers.items()}})

    def closed(self):
        """The end of the connection: what came before it is dropped."""
        while True:
            try:
                self.receive()
            except Closed as end:
                return end

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class NodeTest(unittest.TestCase):
    """A test case with one node for all its tests; set CONFIG in a subclass."""

    CONFIG = ""

    @classmethod
    def setUpClass(cls):
        cls.node = Node(cls.CONFIG).start()

    @classmethod
    def tearDownClass(cls):
        code = cls.node.stop()
        log = cls.node.log_text()
        cls.node.remove()
        if code != 0:
            raise AssertionError(f"the node ended with {code}:\n{log}")

    def client(self, connect=True, login=None, passcode=None, **options):
        client = Client(self.node.port, **options)
        self.addCleanup(client.close)
        if connect:
            offered = {name: value for name, value in (("login", login), ("passcode", passcode))
                       if value is not None}
            client.connect(**offered)
        return client

    def new_room(self, creator=1, **fields):
        status, room = self.node.rest(
            "POST", "/api/chat/rooms", {"name": "room", "creatorId": creator, "nickname": "creator", **fields},
            {"X-User-Id": str(creator)})
        self.assertEqual(status, 201, room)
        return room["chatRoomId"]


def chat_body(room, sender, content="hello", nickname="", **fields):
    return {"chatRoomId": room, "senderId": sender, "senderNickname": nickname or f"user{sender}",
            "content": content, "messageType": "CHAT", **fields}


def run_threads(functions):
    """Runs all at once and raises what the first of them raised."""
    failures = []

    def guarded(function):
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - carried to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
