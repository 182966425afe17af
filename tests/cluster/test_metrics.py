"""/metrics of nodes that have neighbours: what the links count, and that rules and dashboard find what they ask for."""
import pathlib
import subprocess
import sys
import time
import unittest
import urllib.request

import two_nodes

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "metrics"))

from monitoring import documented_metrics, expressions, names_in, parse_page  # noqa: E402

PATIENCE = 90
HOMES = ("Every node", "A node of a cluster", "A node with a registry")
# Those tests/discovery holds against the page of a node that has them.
ELSEWHERE = ("A node that registers with Eureka",)


class ClusterMetrics(two_nodes.TwoNodes):
    def text(self, node):
        url = self.cluster.nodes[node].operations + "/metrics"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def page(self, node):
        return parse_page(self.text(node))

    def value(self, node, name, **labels):
        return self.page(node)[name, tuple(sorted(labels.items()))]

    def wait_for(self, node, name, holds, **labels):
        deadline = time.monotonic() + PATIENCE
        while not holds(seen := self.value(node, name, **labels)):
            self.assertLess(time.monotonic(), deadline, f"{name} {labels} of node {node} is {seen}")
            time.sleep(0.02)

    def test_the_page_has_every_metric_that_is_documented_and_no_other(self):
        self.assertEqual({name for name, _ in self.page(0)}, documented_metrics(homes=HOMES))

    def test_rules_and_dashboard_ask_for_what_a_node_really_serves(self):
        served = {name for name, _ in self.page(0)} | documented_metrics(homes=ELSEWHERE)
        for where, expression in expressions():
            with self.subTest(where=where):
                self.assertEqual(names_in(expression) - served, set())

    def test_prometheus_finds_nothing_to_complain_of(self):
        done = subprocess.run(["promtool", "check", "metrics"], input=self.text(0), capture_output=True,
                              text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_events_between_nodes_are_counted_on_both_sides(self):
        self.wait_until_together()
        for node in (0, 1):
            self.wait_for(node, "stampede_cluster_nodes", lambda seen: seen == 2)
            self.wait_for(node, "stampede_registry_complete", lambda seen: seen == 1)
        reader, writer = self.client(1, self.new_user()), self.client(0, self.new_user())
        reader.subscribe("/topic/open/counted")
        sent = self.value(0, "stampede_bus_events_sent_total")
        received = self.value(1, "stampede_bus_events_received_total")
        for _ in range(5):
            writer.send("SEND", {"destination": "/topic/open/counted"}, "x")
            reader.expect("MESSAGE")
        self.wait_for(0, "stampede_bus_events_sent_total", lambda seen: seen == sent + 5)
        self.wait_for(1, "stampede_bus_events_received_total", lambda seen: seen == received + 5)
        self.wait_for(0, "stampede_bus_confirm_seconds_count", lambda seen: seen >= 5)
        self.assertGreater(self.value(0, "stampede_registry_command_seconds_count"), 0)
        self.wait_for(1, "stampede_delivery_latency_seconds_count", lambda seen: seen >= 5)

    def test_a_stored_message_leaves_the_outbox(self):
        sender, room, _ = self.pair()
        published = sum(self.value(node, "stampede_outbox_published_total") for node in (0, 1))
        self.say_in(sender, room, "out")
        deadline = time.monotonic() + PATIENCE
        while sum(self.value(node, "stampede_outbox_published_total") for node in (0, 1)) == published:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        self.wait_for(0, "stampede_outbox_waiting", lambda seen: seen == 0)
        self.wait_for(0, "stampede_outbox_oldest_seconds", lambda seen: seen == 0)

    def told_lost(self):
        return self.cluster.nodes[0].log.read_text(errors="replace").count(" rabbitmq_lost ")

    def test_links_that_go_and_come_are_seen(self):
        for link in ("publisher", "consumer"):
            self.wait_for(0, "stampede_bus_link_up", lambda seen: seen == 1, link=link)
        self.wait_for(0, "stampede_registry_up", lambda seen: seen == 1)
        losses, told = self.value(0, "stampede_bus_link_losses_total"), self.told_lost()
        registry_losses = self.value(0, "stampede_registry_losses_total")
        sender, room, (_, reader) = self.pair()

        self.cluster.rabbitmq.kill()
        self.cluster.redis.kill()
        for link in ("publisher", "consumer"):
            self.wait_for(0, "stampede_bus_link_up", lambda seen: seen == 0, link=link)
        self.wait_for(0, "stampede_registry_up", lambda seen: seen == 0)
        repaired = self.value(1, "stampede_room_messages_repaired_total", found_by="sweep")
        self.say_in(sender, room, "by the store")
        self.expect_content(reader, "by the store")
        self.wait_for(1, "stampede_room_messages_repaired_total", lambda seen: seen > repaired, found_by="sweep")
        self.wait_for(0, "stampede_outbox_waiting", lambda seen: seen >= 1)
        self.wait_for(0, "stampede_outbox_oldest_seconds", lambda seen: seen > 0)

        self.start(self.cluster.redis)
        self.start(self.cluster.rabbitmq)
        for link in ("publisher", "consumer"):
            self.wait_for(0, "stampede_bus_link_up", lambda seen: seen == 1, link=link)
        self.wait_for(0, "stampede_registry_up", lambda seen: seen == 1)
        # A RabbitMQ that is about to be there may take a link and drop it again: then that was told, too.
        self.wait_for(0, "stampede_bus_link_losses_total", lambda seen: seen - losses == self.told_lost() - told >= 2)
        self.assertEqual(self.value(0, "stampede_registry_losses_total"), registry_losses + 1)
        self.wait_for(0, "stampede_outbox_waiting", lambda seen: seen == 0)


if __name__ == "__main__":
    unittest.main()
