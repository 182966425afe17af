"""Many WebSocket clients that do nothing but stay connected: told to leave, they come back elsewhere when they were asked to."""
import asyncio
import base64
import dataclasses
import os
import random
import re
import threading
import time

HANDSHAKE = ("GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n\r\n")
CONNECT = b"CONNECT\naccept-version:1.2\nhost:localhost\nlogin:idle\nheart-beat:0,0\n\n\0"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclasses.dataclass
class Farewell:
    """One client's way from the node that it was told to leave to the next one."""
    told: float
    back_after: float  # seconds
    code: int | None
    tried: float = 0.0  # the first attempt to come back
    back: float = 0.0   # connected again; 0: not yet


def masked(opcode, payload):
    head = bytes([0x80 | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    else:
        head += bytes([0x80 | 126]) + len(payload).to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload  # a masking key of zero leaves the bytes as they are


async def next_message(reader):
    """(opcode, payload)"""
    first, second = await reader.readexactly(2)
    size = second & 0x7f
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    return first & 0x0f, await reader.readexactly(size)


class IdleFleet:
    """`ways`: for each client the ports among which it chooses. Facts are complete after wait_until_whole()."""

    def __init__(self, ways, seed):
        self.ways = ways
        self.random = random.Random(f"idle {seed}")
        self.connected = 0
        self.farewells = []
        self.broken = []  # connections that ended in any other way
        self.stall = 0.0  # seconds that this program itself was held up, at most, since somebody set it to nothing
        self.changed = threading.Condition()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.loop.call_soon_threadsafe(self.work.cancel)
        self.thread.join(30)

    def wait_until_whole(self, seconds):
        with self.changed:
            return self.changed.wait_for(lambda: self.connected == len(self.ways), seconds)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.work = self.loop.create_task(self._all())
        try:
            self.loop.run_until_complete(self.work)
        except asyncio.CancelledError:
            pass
        self.loop.close()

    async def _all(self):
        await asyncio.gather(self._watch(), *(self._live(ports) for ports in self.ways))

    async def _watch(self):
        every = 0.05
        while True:
            began = time.monotonic()
            await asyncio.sleep(every)
            self.stall = max(self.stall, time.monotonic() - began - every)

    async def _live(self, ports):
        last = None
        while True:
            try:
                reader, writer = await self._connect(ports, last)
            except (OSError, asyncio.IncompleteReadError, ConnectionError):
                await asyncio.sleep(self.random.uniform(0.05, 0.5))  # nobody there: the back-off of a client
                continue
            if last:
                last.back = time.monotonic()
            self._count(1)
            try:
                last = await self._stay(reader, writer)
            except (OSError, asyncio.IncompleteReadError) as end:
                last = None
                self.broken.append(repr(end))
            finally:
                self._count(-1)
                writer.close()
            if last:
                self.farewells.append(last)
                await asyncio.sleep(last.back_after)

    def _count(self, change):
        with self.changed:
            self.connected += change
            self.changed.notify_all()

    async def _connect(self, ports, last):
        if last and not last.tried:
            last.tried = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.random.choice(ports))
        try:
            writer.write(HANDSHAKE.format(base64.b64encode(os.urandom(16)).decode()).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head)
            writer.write(masked(TEXT, CONNECT))
            _, answer = await next_message(reader)
            if not answer.startswith(b"CONNECTED"):
                raise ConnectionError(answer)
        except BaseException:
            writer.close()
            raise
        return reader, writer

    async def _stay(self, reader, writer):
        """Until the node asks it to leave, and closes."""
        farewell = None
        while True:
            opcode, payload = await next_message(reader)
            if opcode == CLOSE:
                writer.write(masked(CLOSE, payload[:2]))
                if farewell is None:
                    raise ConnectionError(payload)
                farewell.code = int.from_bytes(payload[:2], "big")
                return farewell
            if opcode == PING:
                writer.write(masked(PONG, payload))
            if payload.startswith(b"ERROR"):
                asked = re.search(rb"\nretry-after:(\d+)\n", payload)
                if asked is None:
                    raise ConnectionError(payload)
                farewell = Farewell(time.monotonic(), int(asked[1]) / 1000, None)
