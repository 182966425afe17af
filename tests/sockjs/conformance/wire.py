"""Small clients for the conformance tests: HTTP/1.x chunk by chunk, and WebSocket frame by frame.

Every request has a connection of its own unless a test asks otherwise, so that requests of one
session never share a port; `source` lets them come from another address, too.
"""
import base64
import json
import os
import socket
import struct
import subprocess
import uuid
import zlib

TIMEOUT = 60  # seconds; reached only when something is broken


class EchoServer:
    """stampede-sockjs-echo on a free port, for as long as the `with` block."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        program = os.environ["STAMPEDE_SOCKJS_ECHO"]
        self.process = subprocess.Popen(
            [program, "--port", "0", *self.arguments], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stdout.close()
        code = self.process.wait(TIMEOUT)
        if code != 0:
            raise AssertionError(f"the server ended with {code}")

    def connect(self, source="127.0.0.1"):
        return Connection(self.port, source)

    def request(self, method, target, headers=None, body=None, source="127.0.0.1"):
        """One request on a connection of its own; the whole answer."""
        with self.connect(source) as connection:
            answer = connection.request(method, target, headers, body)
            answer.read_all()
            return answer

    def get(self, target, headers=None, **more):
        return self.request("GET", target, headers, **more)

    def post(self, target, body="", headers=None, **more):
        return self.request("POST", target, headers, body, **more)

    def stream(self, method, target, headers=None, source="127.0.0.1"):
        """A response that is read chunk by chunk; to be closed."""
        return self.connect(source).request(method, target, headers)

    def websocket(self, target, **more):
        return WebSocket(self.port, target, **more)


class Connection:
    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT, (source, 0))
        self.port = port
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def request(self, method, target, headers=None, body=None, version="1.1"):
        self.send_request(method, target, headers, body, version)
        return Answer(self, method)

    def send_request(self, method, target, headers=None, body=None, version="1.1"):
        if isinstance(body, str):
            body = body.encode()
        lines = [f"{method} {target} HTTP/{version}", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body is not None or method == "POST":
            lines.append(f"Content-Length: {len(body or b'')}")
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode() + (body or b""))

    def receive(self):
        """More bytes; b'' at the end."""
        return self.socket.recv(65536)

    def read_line(self):
        while b"\n" not in self.buffer:
            more = self.receive()
            if not more:
                raise EOFError("in a line")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def read_exactly(self, size):
        while len(self.buffer) < size:
            more = self.receive()
            if not more:
                raise EOFError(f"{len(self.buffer)} of {size} bytes")
            self.buffer += more
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def read_to_end(self):
        data, self.buffer = self.buffer, b""
        while more := self.receive():
            data += more
        return data


class Answer:
    """Its head has been read; the body comes as the test asks for it."""

    def __init__(self, connection, method):
        self.connection = connection
        self.method = method
        version, status, *_ = connection.read_line().decode().split(" ")
        self.version = version.removeprefix("HTTP/")
        self.status = int(status)
        self.fields = []
        while line := connection.read_line().decode():
            name, value = line.split(":", 1)
            self.fields.append((name.lower(), value.strip()))
        self.body = None

    def __getitem__(self, name):
        """The value of a header, or None."""
        return dict(self.fields).get(name.lower())

    def read_chunk(self):
        """One chunk, as text; "" is the last one."""
        size = int(self.connection.read_line(), 16)
        data = self.connection.read_exactly(size)
        if self.connection.read_line() != b"":
            raise AssertionError("a chunk without end of line")
        return data.decode()

    def read_all(self):
        if self.status in (204, 304) or self.method == "HEAD":
            self.body = ""
        elif self["transfer-encoding"] == "chunked":
            self.body = ""
            while chunk := self.read_chunk():
                self.body += chunk
        elif self["content-length"] is not None:
            self.body = self.connection.read_exactly(int(self["content-length"])).decode()
        else:
            self.body = self.connection.read_to_end().decode()
        return self.body

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Closed(Exception):
    """The peer ended the WebSocket, with `code` and `reason` if it sent a close frame."""

    def __init__(self, code=1006, reason=""):
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class WebSocket:
    def __init__(self, port, target, headers=None, deflate=False):
        self.connection = Connection(port)
        fields = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        }
        if deflate:
            fields["Sec-WebSocket-Extensions"] = "permessage-deflate"
        fields.update(headers or {})
        self.answer = self.connection.request("GET", target, fields)
        self.deflates = "permessage-deflate" in (self.answer["sec-websocket-extensions"] or "")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send_frame(self, opcode, payload=b"", final=True, compressed=False):
        first = (0x80 if final else 0) | (0x40 if compressed else 0) | opcode
        head = bytes([first])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            head += struct.pack("!BH", 0x80 | 126, len(payload))
        else:
            head += struct.pack("!BQ", 0x80 | 127, len(payload))
        # The zero mask is a mask, and quick.
        self.connection.socket.sendall(head + bytes(4) + payload)

    def send(self, text):
        self.send_frame(1, text.encode())

    def send_binary(self, data):
        self.send_frame(2, data)

    def send_compressed(self, text):
        deflater = zlib.compressobj(wbits=-15)
        data = deflater.compress(text.encode()) + deflater.flush(zlib.Z_SYNC_FLUSH)
        self.send_frame(1, data.removesuffix(b"\x00\x00\xff\xff"), compressed=True)

    def receive_message(self):
        """(opcode, payload) of the next data message; answers pings."""
        opcode, data, compressed = 0, b"", False
        while True:
            try:
                first, second = self.connection.read_exactly(2)
                size = second & 0x7F
                if size == 126:
                    size = struct.unpack("!H", self.connection.read_exactly(2))[0]
                elif size == 127:
                    size = struct.unpack("!Q", self.connection.read_exactly(8))[0]
                payload = self.connection.read_exactly(size)
            except (EOFError, ConnectionError):
                raise Closed() from None
            kind = first & 0x0F
            if kind == 8:
                if len(payload) < 2:
                    raise Closed(1005)
                raise Closed(struct.unpack("!H", payload[:2])[0], payload[2:].decode())
            if kind == 9:
                self.send_frame(10, payload)
            if kind >= 8:
                continue
            if kind != 0:
                opcode, compressed = kind, bool(first & 0x40)
            data += payload
            if first & 0x80:
                break
        if compressed:
            data = zlib.decompressobj(wbits=-15).decompress(data + b"\x00\x00\xff\xff")
        return opcode, data

    def receive(self):
        opcode, data = self.receive_message()
        if opcode != 1:
            raise AssertionError(f"opcode {opcode}, not text")
        return data.decode()


def session_url(service="/echo", server="000"):
    return f"{service}/{server}/{uuid.uuid4().hex}"


def array(*messages):
    """What a client sends: a JSON array of strings."""
    return json.dumps(list(messages))
