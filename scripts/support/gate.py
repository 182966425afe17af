"""A TCP gate: takes connections on a port and forwards them to another, until it is told to misbehave.

What goes through can be delayed, held back, or cut, and new connections refused. Runs in a thread of its own; every method
may be called from any other.
"""
import socket
import struct
import threading
import time

CHUNK = 1 << 16


class Gate:
    def __init__(self, target_port, port=0):
        self.target = ("127.0.0.1", target_port)
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(256)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.pairs = set()
        self.refusing = False
        self.delay = 0.0
        self.flowing = threading.Event()
        self.flowing.set()
        self.closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Resets every connection and refuses new ones until open()."""
        with self.lock:
            self.refusing = True
            pairs = list(self.pairs)
        for pair in pairs:
            self._reset(pair)

    def drop(self):
        """Resets every connection; new ones are taken."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            self._reset(pair)

    def hold(self):
        """Lets nothing through any more, without a word, until open()."""
        self.flowing.clear()

    def slow(self, seconds):
        """Delays each piece that goes through."""
        self.delay = seconds

    def open(self):
        with self.lock:
            self.refusing = False
        self.delay = 0.0
        self.flowing.set()

    def close(self):
        self.closed = True
        self.cut()
        self.listener.close()
        self.flowing.set()

    @staticmethod
    def _reset(pair):
        for end in pair:
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                refused = self.refusing
            if refused:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                near.close()
                continue
            try:
                far = socket.create_connection(self.target, timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (near, far)
            with self.lock:
                self.pairs.add(pair)
            threading.Thread(target=self._pump, args=(near, far, pair), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, pair), daemon=True).start()

    def _pump(self, source, sink, pair):
        try:
            while True:
                piece = source.recv(CHUNK)
                if not piece:
                    break
                if self.delay:
                    time.sleep(self.delay)
                self.flowing.wait()
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._reset(pair)
        with self.lock:
            ended = pair not in self.pairs
            self.pairs.discard(pair)
        if ended:  # the other direction has ended, too
            for end in pair:
                end.close()
