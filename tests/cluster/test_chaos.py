"""Three nodes, 50 rooms, and everything fails by turns: what was acknowledged arrives, in order, once.

STAMPEDE_SEED       the seed of the schedule and of the clients; drawn and printed if it is not set
STAMPEDE_CHAOS_SECONDS   how long things fail (25)
"""
import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts/support"), str(HERE.parent / "node"), str(HERE)]

from clients import TRY_AGAIN  # noqa: E402
from cluster import Cluster  # noqa: E402
from load import ACCESS, PATIENCE, Load  # noqa: E402
from schedule import BACKENDS, draw  # noqa: E402
from support import Client, Closed, Unexpected  # noqa: E402

SECONDS = float(os.environ.get("STAMPEDE_CHAOS_SECONDS", "25"))
ROOMS = 50
SENDERS, ROOMS_OF_A_SENDER, RATE = 12, 8, 12.0
SUBSCRIBERS, ROOMS_OF_A_SUBSCRIBER = 24, 6
FLOOD = 100  # messages of 64 KiB

os.environ["STAMPEDE_STORAGE__WAIT_TIMEOUT"] = "2 s"


def say(text):
    print(text, file=sys.stderr, flush=True)


class Chaos(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("STAMPEDE_SEED", random.SystemRandom().randrange(2**32)))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-chaos-"))
        self.keep = True
        self.addCleanup(self.clean)
        say(f"\nseed {self.seed}, {SECONDS:.0f} s, logs in {self.folder}")
        self.cluster = Cluster(self.folder, 3, gated=True, balanced=False, more=ACCESS)
        self.addCleanup(self.cluster.stop)
        self.cluster.start()
        self.load = Load(self.cluster, self.seed, [node.port for node in self.cluster.nodes], ROOMS,
                         SENDERS, ROOMS_OF_A_SENDER, RATE, SUBSCRIBERS, ROOMS_OF_A_SUBSCRIBER)
        self.addCleanup(self.load.outside.end)

    def clean(self):
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def test_what_was_acknowledged_arrives_in_order_and_once(self):
        self.load.start()
        subscribers = [one.name for one in self.load.subscribers]
        faults = draw(self.seed, SECONDS, [node.name for node in self.cluster.nodes], subscribers)
        self.wreak(faults)
        self.mend()
        violations = self.load.finish() + self.load.violations()
        say(f"{len(faults)} faults; {self.load.summary()}")
        violations += [f"unexpected: {code}" for code in self.load.codes()
                       if code not in TRY_AGAIN and not code.startswith("closed")]
        if violations:
            say("the schedule was:\n" + "\n".join(map(str, faults)))
            shown = "\n".join(map(str, violations[:60]))
            self.fail(f"seed {self.seed}: {len(violations)} violations, logs in {self.folder}:\n{shown}")
        self.assertGreater(sum(send.acknowledged for send in self.load.sends()), 5 * SECONDS)
        self.keep = False

    def wreak(self, faults):
        """Each target's faults in a thread of its own, at their times; returns when the last is over."""
        lines = collections.defaultdict(list)
        for fault in faults:
            lines[fault.target].append(fault)
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(len(lines)) as pool:
            list(pool.map(lambda line: self.run_line(line, began), lines.values()))
        time.sleep(max(0, began + SECONDS - time.monotonic()))

    def run_line(self, line, began):
        for fault in line:
            time.sleep(max(0, began + fault.at - time.monotonic()))
            self.do(fault)

    def do(self, fault):
        name, _, backend = fault.target.partition("/")
        if backend:
            gate = self.cluster.gates[name][backend]
            {"cut": gate.cut, "hold": gate.hold, "drop": gate.drop, "slow": lambda: gate.slow(0.05)}[fault.what]()
            time.sleep(fault.seconds)
            gate.open()
        elif fault.what == "stop reading":
            self.overflow(next(one for one in self.load.subscribers if one.name == name), fault.seconds)
        elif fault.what == "empty":
            self.cluster.redis.command("FLUSHALL")
        else:
            server = self.cluster.backends.get(name) or self.cluster.node(name)
            if server.running():
                server.stop() if fault.what == "stop" else server.kill()
            time.sleep(fault.seconds)
            self.start(server)

    def overflow(self, reader, seconds):
        """The reader stops, and more comes than its node and the kernel keep for it."""
        reader.paused_until = time.monotonic() + seconds
        try:
            with Client(random.Random(reader.paused_until).choice(self.cluster.nodes).port) as sender:
                sender.connect()
                for _ in range(FLOOD):
                    sender.send("SEND", {"destination": reader.flood}, b"x" * 65536)
                sender.receipt_of("SEND", {"destination": reader.flood}, "end")
        except (Closed, OSError):
            pass  # its node is down
        except Unexpected as other:
            # Its node was told to end in this moment.
            self.assertEqual(other.frame.headers.get("message"), "server restarts")

    def start(self, server):
        """Until it stays, as a supervisor does: a node ends when it finds no database at its start."""
        deadline = time.monotonic() + PATIENCE
        while not server.running():
            try:
                # From a thread that outlives the server: it goes with the one that started it.
                self.cluster.starters.submit(server.start).result()
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    def mend(self):
        for gates in self.cluster.gates.values():
            for gate in gates.values():
                gate.open()
        for name in BACKENDS:
            self.start(self.cluster.backends[name])
        for node in self.cluster.nodes:
            self.start(node)


if __name__ == "__main__":
    unittest.main(verbosity=2)
