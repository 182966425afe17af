"""The health of a node that is not well: one of its loops stands still, its database lets nobody in."""
import ctypes
import http.client
import json
import os
import pathlib
import subprocess
import time
import unittest

from postgres import Postgres
from support import PATIENCE, Client, Node

CONFIG = """
[operations]
listen = "127.0.0.1:0"
[node]
shards = 2
[health]
canary_interval = "100 ms"
canary_timeout = "1 s"
loop_timeout = "{}"
"""


def page(node, name):
    """(status, JSON) of the operations listener, which has a thread of its own."""
    connection = http.client.HTTPConnection(node.operations.removeprefix("http://"), timeout=PATIENCE)
    try:
        connection.request("GET", f"/health/{name}")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def wait_for(node, name, status, word):
    deadline = time.monotonic() + PATIENCE
    while True:
        seen, told = page(node, name)
        if (seen, told["status"]) == (status, word):
            return told
        if time.monotonic() > deadline:
            raise AssertionError(f"{name} is never {status} {word}: {seen} {told}")
        time.sleep(0.02)


def until(true):
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("it never came true")
        time.sleep(0.02)


def states(told, kind):
    return {each["name"]: each["state"] for each in told[kind]}


class StandingThread:
    """One thread of a process of ours stands still from freeze() to thaw(); both on the same thread of the test."""
    SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
    ALL = 0x40000000  # __WALL: threads, too
    WAITING = ("232", "281", "22", "441")  # epoll_wait and epoll_pwait of x86-64, epoll_pwait of arm64, epoll_pwait2
    library = ctypes.CDLL(None, use_errno=True)

    def __init__(self, process, name):
        tasks = pathlib.Path(f"/proc/{process}/task")
        self.folder = next(each for each in tasks.iterdir() if (each / "comm").read_text().strip() == name)
        self.id = int(self.folder.name)

    def ask(self, request):
        self.library.ptrace.restype = ctypes.c_long
        if self.library.ptrace(ctypes.c_long(request), ctypes.c_long(self.id), None, None) != 0:
            error = ctypes.get_errno()
            raise OSError(error, f"ptrace {request:#x}: {os.strerror(error)}")

    def freeze(self):
        """Where it waits for sockets: nowhere else, for it may hold there what other threads need."""
        self.ask(self.SEIZE)
        deadline = time.monotonic() + PATIENCE
        while True:
            self.ask(self.INTERRUPT)
            os.waitpid(self.id, self.ALL)
            if (self.folder / "syscall").read_text().split()[0] in self.WAITING:
                return
            self.thaw()
            if time.monotonic() > deadline:
                raise AssertionError("the thread never waits")
            self.ask(self.SEIZE)

    def thaw(self):
        self.ask(self.DETACH)


class Loops(unittest.TestCase):
    def test_a_loop_that_stands_still_is_told_and_that_it_goes_on(self):
        node = Node(CONFIG.format("1 s")).start()
        self.addCleanup(node.remove)
        wait_for(node, "ready", 200, "ready")
        thread = StandingThread(node.process.pid, "shard-1")
        thread.freeze()
        try:
            # The other one may have been held up by the machine for as long, and goes on.
            until(lambda: states(wait_for(node, "live", 503, "stuck"), "loops") == {"shard-0": "well", "shard-1": "ill"})
            status, told = page(node, "ready")
            self.assertEqual((status, told["status"]), (503, "stuck"))
            self.assertEqual(states(told, "loops")["shard-1"], "ill")
            # It started long ago.
            self.assertEqual(page(node, "startup")[0], 200)
            node.wait_for_log('link_ill link="shard-1"')
        finally:
            thread.thaw()
        until(lambda: states(wait_for(node, "live", 200, "live"), "loops") == {"shard-0": "well", "shard-1": "well"})
        wait_for(node, "ready", 200, "ready")
        node.wait_for_log('link_well link="shard-1"')
        with Client(node.port) as client:
            client.connect()
        self.assertEqual(node.stop(), 0, node.log_text())


class Lock:
    """Nobody gets at the rooms while it is held."""

    def __init__(self, server):
        self.process = subprocess.Popen(
            [f"{server.programs}/psql", "-X", "-q", "-A", "-t", server.connection], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.tell("BEGIN; LOCK TABLE rooms IN ACCESS EXCLUSIVE MODE; SELECT 'held';")
        if (answer := self.process.stdout.readline().strip()) != "held":
            raise AssertionError(answer)

    def tell(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def release(self):
        if self.process.stdin.closed:
            return
        self.tell("COMMIT;")
        self.process.communicate(timeout=PATIENCE)


class Database(unittest.TestCase):
    def setUp(self):
        self.server = Postgres()
        self.addCleanup(self.server.remove)
        node = self.node()  # makes the tables
        self.assertEqual(node.stop(), 0, node.log_text())

    def node(self, more=""):
        # Nothing here is about loops, and the machine may hold one up.
        node = Node(CONFIG.format("10 min") + more + f"""
[storage]
backend = "postgresql"
connection = "{self.server.connection}"
[chat]
lobby = false
""")
        self.addCleanup(node.remove)
        return node.start()

    def held(self):
        lock = Lock(self.server)
        self.addCleanup(lock.release)
        return lock

    def test_a_node_starts_while_the_database_lets_nobody_in(self):
        lock = self.held()
        patient = self.node('startup_patience = "1 h"\n')
        for name in ("startup", "ready"):
            told = wait_for(patient, name, 503, "starting")
            self.assertNotIn("well", states(told, "links").values())
        self.assertEqual(wait_for(patient, "live", 200, "live")["status"], "live")
        status, told = patient.rest("GET", "/health/ready")  # where clients come, too
        self.assertEqual((status, told["status"]), (503, "starting"))

        # Who has no patience is there without it, or unready where it is needed.
        hasty = self.node('startup_patience = "0 s"\n')
        wait_for(hasty, "startup", 200, "started")
        wait_for(hasty, "ready", 200, "degraded")
        with Client(hasty.port) as client:
            client.connect()
        needy = self.node('startup_patience = "0 s"\nready_without_store = false\n')
        wait_for(needy, "startup", 200, "started")
        wait_for(needy, "ready", 503, "unready")

        lock.release()
        for node in (patient, hasty, needy):
            told = wait_for(node, "ready", 200, "ready")
            self.assertEqual(set(states(told, "links").values()), {"well"})
            wait_for(node, "startup", 200, "started")

        # A node that has started does not start again.
        lock = self.held()
        wait_for(patient, "ready", 200, "degraded")
        wait_for(needy, "ready", 503, "unready")
        self.assertEqual(page(patient, "startup")[0], 200)
        lock.release()
        for node in (patient, hasty, needy):
            wait_for(node, "ready", 200, "ready")
            self.assertEqual(node.stop(), 0, node.log_text())


if __name__ == "__main__":
    unittest.main()
