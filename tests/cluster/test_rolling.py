"""A rolling restart under load: each of three nodes is drained and started again, and nobody loses anything or is overrun.

STAMPEDE_SEED             the seed of the clients; drawn and printed if it is not set
STAMPEDE_ROLLING_ROUNDS   how often each node is restarted (1)
STAMPEDE_ROLLING_IDLE     how many clients do nothing but stay connected (600)
"""
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts/support"), str(HERE.parent / "node"), str(HERE)]

from clients import NOBODY_THERE  # noqa: E402
from cluster import Cluster  # noqa: E402
from idle_fleet import IdleFleet  # noqa: E402
from load import ACCESS, PATIENCE, Load  # noqa: E402

ROUNDS = int(os.environ.get("STAMPEDE_ROLLING_ROUNDS", "1"))
IDLE = int(os.environ.get("STAMPEDE_ROLLING_IDLE", "600"))
RATE = 40  # sessions a second; so low that leaving takes seconds
RETURN = 1.0  # seconds
GRACE = 40.0  # seconds; so many that nobody is told faster than at the rate
# What may come back within any second, by a rate of so many: chance, a busy machine, and the ticks of the drain are in it.
HERD = 2.5
SETTINGS = {"NODE__DRAIN_RATE": f"{RATE}", "NODE__DRAIN_RETURN": f"{RETURN:.0f} s", "NODE__DRAIN_DEADLINE": f"{GRACE:.0f} s"}
os.environ.update({f"STAMPEDE_{name}": value for name, value in SETTINGS.items()})


def say(text):
    print(text, file=sys.stderr, flush=True)


def most_in_a_second(times):
    times = sorted(times)
    most = first = 0
    for last, time_of_last in enumerate(times):
        while time_of_last - times[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


class Rolling(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("STAMPEDE_SEED", random.SystemRandom().randrange(2**32)))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-rolling-"))
        self.keep = True
        self.addCleanup(self.clean)
        say(f"\nseed {self.seed}, logs in {self.folder}")
        self.cluster = Cluster(self.folder, 3, more=ACCESS)
        self.addCleanup(self.cluster.stop)
        self.cluster.start()
        nodes = [node.port for node in self.cluster.nodes]
        everywhere = [*nodes, self.cluster.balancer.port]
        self.load = Load(self.cluster, self.seed, everywhere, rooms=12, senders=6, rooms_of_a_sender=4, rate=10.0,
                         subscribers=9, rooms_of_a_subscriber=4)
        self.addCleanup(self.load.outside.end)
        # Every third comes through the balancer, which takes turns.
        self.fleet = IdleFleet([[self.cluster.balancer.port] if n % 3 == 0 else nodes for n in range(IDLE)], self.seed)
        self.fleet.start()
        self.addCleanup(self.fleet.stop)

    def clean(self):
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def test_every_node_is_restarted_and_nobody_loses_anything(self):
        self.load.start()
        self.assertTrue(self.fleet.wait_until_whole(PATIENCE), "the idle clients do not connect")
        began = time.monotonic()
        for _ in range(ROUNDS):
            for node in self.cluster.nodes:
                self.restart(node)
        took = time.monotonic() - began
        wrong = self.load.finish() + self.load.violations()
        say(f"restarted in {took:.1f} s: {self.load.summary()}")
        # What clients see is that their node restarts, or that nobody listens where they come back.
        wrong += [f"unexpected: {code}" for code in self.load.codes()
                  if code not in ("server restarts", NOBODY_THERE)]
        wrong += self.fleet.broken
        self.assertEqual(wrong, [], f"seed {self.seed}: {len(wrong)}, logs in {self.folder}")
        self.assertGreater(sum(send.acknowledged for send in self.load.sends()), 5 * took)
        told = [pause for person in self.load.people for _, pause in person.told]
        self.assertGreater(len(told), 0, "none of the senders and subscribers was told to leave")
        self.keep = False

    def restart(self, node):
        before = len(self.fleet.farewells)
        self.fleet.stall = 0.0
        began = time.monotonic()
        node.signal(signal.SIGTERM)
        node.process.wait(GRACE + PATIENCE)
        took = time.monotonic() - began
        self.assertEqual(node.process.returncode, 0, node.log.read_text()[-4000:])
        self.assertLess(took, GRACE)
        self.assertIn('drained sessions_cut="0"', node.log.read_text().rpartition("draining")[2])
        node.start()
        self.assertTrue(self.fleet.wait_until_whole(PATIENCE), "idle clients do not come back")
        self.check_the_way_back(node, self.fleet.farewells[before:], took)

    def check_the_way_back(self, node, left, took):
        told = most_in_a_second([each.told for each in left])
        # When they come, that is: a node that is held up lets them in when it can.
        back = most_in_a_second([each.tried for each in left])
        # What happened while this program was held up is seen at once.
        most = HERD * RATE + RATE * self.fleet.stall
        say(f"{node.name}: {len(left)} idle clients left in {took:.1f} s; at most {told} were told in a second and {back} came back "
            f"({back / RATE:.2f} times the drain rate; we were held up for {self.fleet.stall:.2f} s)")
        self.assertGreater(len(left), 1.5 * HERD * RATE, "too few to tell a herd from a rate")
        self.assertEqual({each.code for each in left}, {1012})
        self.assertTrue(all(0 <= each.back_after <= RETURN for each in left))
        self.assertTrue(all(each.tried - each.told >= each.back_after for each in left), "a client came back too early")
        self.assertGreater(len({each.back_after for each in left}), len(left) // 4, "they were told the same")
        self.assertLessEqual(told, most)
        self.assertLessEqual(back, most)


if __name__ == "__main__":
    unittest.main(verbosity=2)
