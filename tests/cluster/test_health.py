"""Two nodes whose servers fall silent one after the other: the health page says which, and everything heals by itself."""
import os
import pathlib
import signal
import sys
import time
import unittest
import urllib.request

import two_nodes  # says where the others are
import servers
from support import PATIENCE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "metrics"))

from monitoring import parse_page  # noqa: E402

INTERVAL = 0.2
STORE = {"store.writer", "store.readers"}
os.environ["STAMPEDE_CLUSTER__SWEEP_INTERVAL"] = "1 s"


class Health(two_nodes.TwoNodes):
    MORE = two_nodes.OPEN_TOPICS + f"""
[health]
canary_interval = "{INTERVAL * 1000:.0f} ms"
canary_timeout = "1 s"
"""

    def page(self, node, name="ready"):
        return self.rest(node, "GET", f"/health/{name}")

    @staticmethod
    def links(page):
        return {each["name"]: each for each in page["links"]}

    def wait_for(self, node, true, what):
        """The first page of which it is true."""
        deadline = time.monotonic() + PATIENCE
        while True:
            status, page = self.page(node)
            if true(page):
                return status, page
            self.assertLess(time.monotonic(), deadline, f"never {what}: {page}")
            time.sleep(0.02)

    def metrics(self, node):
        """{metric: {its only label's value: number}} of those that speak of health."""
        with urllib.request.urlopen(self.cluster.nodes[node].operations + "/metrics", timeout=PATIENCE) as answer:
            samples = parse_page(answer.read().decode())
        found = {}
        for (name, labels), value in samples.items():
            if name.startswith(("stampede_link_", "stampede_node_state")):
                found.setdefault(name, {})[labels[0][1]] = value
        return found

    def wait_for_metrics(self, node, ill, state):
        """Until these links and no others are down, and the node is in that state; the page that says so."""
        deadline = time.monotonic() + PATIENCE
        while True:
            page = self.metrics(node)
            down = {name for name, value in page["stampede_link_up"].items() if value == 0}
            states = {name for name, value in page["stampede_node_state"].items() if value == 1}
            if (down, states) == (ill, {state}):
                return page
            self.assertLess(time.monotonic(), deadline, f"never {ill} down and {state}: {page}")
            time.sleep(0.02)

    def wait_until_well(self, node):
        return self.wait_for(node, lambda page: page["status"] == "ready", "ready")

    def setUp(self):
        for node in (0, 1):
            self.wait_until_well(node)

    def freeze(self, pids):
        """TCP stays up, and nothing answers."""
        def thaw():
            tell(signal.SIGCONT)

        def tell(number):
            for pid in pids:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    continue
        tell(signal.SIGSTOP)
        self.addCleanup(thaw)
        return thaw

    def check_frozen(self, pids, ill):
        thaw = self.freeze(pids)
        for node in (0, 1):
            status, page = self.wait_for(
                node, lambda page: {name for name, each in self.links(page).items() if each["state"] == "ill"} == ill, f"{ill} ill")
            self.assertEqual((status, page["status"]), (200, "degraded"))
            links = self.links(page)
            for name in ill:
                self.assertTrue(links[name]["lastError"])
                self.assertLess(links[name]["lastSuccess"], links[name]["lastErrorAt"])
            self.assertEqual(self.page(node, "live")[0], 200)
            self.assertEqual(self.page(node, "startup")[0], 200)
        before = [self.wait_for_metrics(node, ill, "degraded")["stampede_link_last_success_timestamp_seconds"]
                  for node in (0, 1)]
        thaw()
        for node in (0, 1):
            _, page = self.wait_until_well(node)
            for each in page["links"]:
                self.assertEqual(each["state"], "well")
            after = self.wait_for_metrics(node, set(), "ready")["stampede_link_last_success_timestamp_seconds"]
            for name in ill:
                self.assertGreater(after[name], before[node][name])
        for name in ill:
            for event in ("link_ill", "link_well"):
                servers.wait_until(lambda: f'{event} link="{name}"' in self.cluster.nodes[0].log.read_text(), f"no {event} of {name}")

    def test_everything_is_well(self):
        status, page = self.wait_until_well(0)
        self.assertEqual(status, 200)
        self.assertEqual(set(self.links(page)), {"rabbitmq", "redis", *STORE})
        for each in page["links"] + page["loops"]:
            self.assertEqual(each["state"], "well")
            self.assertGreaterEqual(each["roundTripMs"], 0)
            self.assertLessEqual(each["since"], each["lastSuccess"])
            self.assertNotIn("secret", str(each))
        told = self.wait_for_metrics(0, set(), "ready")
        names = {"rabbitmq", "redis", *STORE, *(each["name"] for each in self.page(0)[1]["loops"])}
        for metric in ("stampede_link_up", "stampede_link_round_trip_seconds", "stampede_link_last_success_timestamp_seconds"):
            self.assertEqual(set(told[metric]), names)
            self.assertTrue(all(value >= 0 for value in told[metric].values()), told[metric])
        # They go on coming.
        seen = self.links(page)
        self.wait_for(0, lambda page: all(each["lastSuccess"] > seen[each["name"]]["lastSuccess"] for each in page["links"]),
                      "another success of each")

    def test_a_rabbitmq_that_is_silent(self):
        self.check_frozen(self.cluster.rabbitmq.server_pids(), {"rabbitmq"})

    def test_a_redis_that_is_silent(self):
        self.check_frozen([self.cluster.redis.pid], {"redis"})

    def test_a_postgresql_that_is_silent(self):
        self.check_frozen(self.cluster.postgresql.server_pids(), STORE)

    def change_binding(self, how):
        """From within RabbitMQ: the queue is the node's own, and nobody else may."""
        def resource(kind, name):
            return f'{{resource, <<"/">>, {kind}, <<"{name}">>}}'
        self.cluster.rabbitmq.control("eval", f"""rabbit_binding:{how}({{binding, {resource("exchange", "chat.exchange")},
            <<"chat.node-1">>, {resource("queue", "chat.queue.node-1")}, []}}, <<"test">>).""")

    def test_a_binding_that_was_lost(self):
        """The links are up and RabbitMQ answers; only what is sent to the node does not come."""
        self.change_binding("remove")
        def only_rabbitmq(page):
            return [name for name, each in self.links(page).items() if each["state"] == "ill"] == ["rabbitmq"]
        self.wait_for(0, only_rabbitmq, "rabbitmq ill alone")
        self.wait_until_well(1)
        self.change_binding("add")
        self.wait_until_well(0)

    def test_what_a_lost_binding_kept_back_comes_from_the_store(self):
        """The links are up all the time, and nothing is sent that would show the loss."""
        one, two = self.new_user(), self.new_user()
        sender, receiver = self.client(1, one), self.client(0, two)
        receiver.subscribe("/user/queue/messages")
        self.change_binding("remove")
        sender.receipt_of("SEND", {"destination": "/app/chat.send"}, {"to": two, "message": "lost"})
        self.change_binding("add")
        self.assertEqual(receiver.expect("MESSAGE").json()["content"], "lost")
        sender.receipt_of("SEND", {"destination": "/app/chat.send"}, {"to": two, "message": "next"})
        self.assertEqual(receiver.expect("MESSAGE").json()["content"], "next")
        self.wait_until_well(0)


if __name__ == "__main__":
    unittest.main()
