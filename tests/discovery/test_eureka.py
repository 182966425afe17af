"""A node that registers with Eureka: what the server hears while the node starts, serves, and ends."""
import base64
import pathlib
import signal
import socket
import subprocess
import sys
import unittest

from eureka_server import Eureka

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "node"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "metrics"))

import http.client  # noqa: E402

from monitoring import documented_metrics, parse_page  # noqa: E402
from support import BINARY, PATIENCE, Client, Node, free_port  # noqa: E402


def section(urls, more=""):
    listed = ", ".join(f'"{url}"' for url in urls)
    return (f'[operations]\nlisten = "127.0.0.1:0"\n[health]\ncanary_interval = "100 ms"\n'
            f'[eureka]\nurls = [{listed}]\nheart_beat = "1 s"\nlease = "3 s"\n'
            f'timeout = "{PATIENCE} s"\nhost_name = "node.example.org"\n{more}')


class DiscoveryTest(unittest.TestCase):
    def eureka(self, started=True, **options):
        server = Eureka(**options)
        self.addCleanup(server.stop)
        return server.start() if started else server

    def node(self, *servers, more=""):
        urls = [each.url if isinstance(each, Eureka) else each for each in servers]
        node = Node(section(urls, more)).start()
        self.addCleanup(node.remove)
        return node

    def metrics(self, node):
        connection = http.client.HTTPConnection(node.operations.removeprefix("http://"), timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        return text, parse_page(text)

    def end(self, node):
        self.assertEqual(node.stop(), 0, node.log_text())


class Registration(DiscoveryTest):
    def test_a_node_registers_renews_and_deregisters(self):
        server = self.eureka()
        node = self.node(server, more='metadata = ["zone=a"]\n')
        instance = server.wait_for_status("UP")
        self.assertEqual(instance["instanceId"], f"node.example.org:stampede:{node.port}")
        self.assertEqual(instance["hostName"], "node.example.org")
        self.assertEqual(instance["ipAddr"], "127.0.0.1")
        self.assertEqual(instance["vipAddress"], "stampede")
        self.assertEqual(instance["port"], {"$": node.port, "@enabled": "true"})
        self.assertEqual(instance["securePort"]["@enabled"], "false")
        self.assertEqual(instance["leaseInfo"], {"renewalIntervalInSecs": 1, "durationInSecs": 3})
        self.assertEqual(instance["healthCheckUrl"], f"http://node.example.org:{node.port}/health/ready")
        self.assertEqual((instance["metadata"]["websocketPath"], instance["metadata"]["zone"]), ("/ws", "a"))
        # Longer than a lease, on the server's clock.
        for _ in range(2):
            renewals = server.count("PUT", 200)
            server.wait("renewed", lambda before=renewals: server.count("PUT", 200) > before)
            server.pass_time(2)
        self.assertEqual(len(server.registry), 1)
        self.end(node)
        self.assertEqual(server.registry, {})
        self.assertEqual(server.count("DELETE", 200), 1)
        self.assertEqual(server.refusals, [])
        self.assertIn("eureka_deregistered", node.log_text())

    def test_what_it_counts(self):
        server = self.eureka()
        node = self.node(server)
        node.wait_for_log('status="UP"')
        text, page = self.metrics(node)
        names = {name for name, _ in page}
        self.assertEqual(names, documented_metrics(homes=("Every node", "A node that registers with Eureka")))
        self.assertEqual(page["stampede_eureka_registered", ()], 1)
        accepted = (("operation", "register"), ("outcome", "accepted"))
        self.assertGreaterEqual(page["stampede_eureka_requests_total", tuple(sorted(accepted))], 1)
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.end(node)

    def test_a_server_that_is_away_at_the_start_is_found_later(self):
        server = self.eureka(started=False)
        node = self.node(server)
        node.wait_for_log("eureka_failed")
        self.assertEqual(node.rest("GET", "/health/live")[0], 200)
        self.assertEqual(self.metrics(node)[1]["stampede_eureka_registered", ()], 0)
        server.start()
        server.wait_for_status("UP")
        self.end(node)
        self.assertEqual(node.log_text().count("eureka_failed"), 1, "one line for one outage")

    def test_a_node_that_was_forgotten_registers_again(self):
        server = self.eureka()
        node = self.node(server)
        server.wait_for_status("UP")
        server.pass_time(60)
        server.wait_for_status("UP")
        node.wait_for_log("eureka_lease_lost")
        self.assertGreaterEqual(server.count("PUT", 404), 1)
        self.end(node)
        self.assertEqual(server.registry, {})

    def test_one_of_two_servers_is_dead(self):
        dead, alive = self.eureka(started=False), self.eureka()
        node = self.node(dead, alive)
        alive.wait_for_status("UP")
        # Now the other way round: each knows nothing of what the other was told.
        dead.start()
        alive.stop()
        dead.wait_for_status("UP")
        self.end(node)
        self.assertEqual(dead.registry, {})
        self.assertEqual(dead.refusals + alive.refusals, [])

    def test_a_server_that_fails_is_asked_again(self):
        server = self.eureka()
        server.broken = 503
        node = self.node(server)
        server.wait("asked twice", lambda: server.count("POST", 503) >= 2)
        self.assertIn("the answer has status 503", node.log_text())
        server.broken = None
        server.wait_for_status("UP")
        server.broken = 500
        server.wait("asked for renewals", lambda: server.count("PUT", 500) >= 2)
        server.broken = None
        node.wait_for_log("eureka_back")
        self.end(node)

    def test_a_drain_begins_with_the_deregistration(self):
        server = self.eureka()
        node = self.node(server, more='[node]\ndrain_rate = 1\ndrain_deadline = "10 min"\n')
        server.wait_for_status("UP")
        # The last of them is told after a minute: time enough to look.
        clients = [Client(node.port) for _ in range(60)]
        for client in clients:
            self.addCleanup(client.close)
            client.connect()
        node.process.send_signal(signal.SIGTERM)
        server.wait("deregistered", lambda: server.count("DELETE") == 1)
        node.wait_for_log("eureka_deregistered")
        self.assertNotIn(" drained ", node.log_text())
        for client in clients:
            client.close()
        self.assertEqual(node.process.wait(PATIENCE), 0)
        node.process.stdout.close()
        self.assertEqual(server.registry, {})

    def test_a_server_that_does_not_answer_holds_up_nothing(self):
        server = self.eureka()
        node = self.node(server, more="")
        server.wait_for_status("UP")
        server.hang()
        server.wait("asked", lambda: server.count("PUT", None) > server.count("PUT", 200))
        with Client(node.port) as client:
            client.connect()
        node.config = node.config.replace(f'timeout = "{PATIENCE} s"', 'timeout = "100 ms"')
        node.kill()
        node.start()
        server.wait("asked", lambda: server.count("POST", None) > server.count("POST", 204))
        self.end(node)
        self.assertIn('operation="deregister"', node.log_text())

    def test_a_killed_node_comes_back_as_the_same_instance(self):
        server = self.eureka()
        node = self.node(server)
        before = server.wait_for_status("UP")
        node.kill()
        server.wait("still there", lambda: len(server.registry) == 1)
        registrations = server.count("POST", 204)
        node.start()
        server.wait("registered", lambda: server.count("POST", 204) > registrations)
        after = server.wait_for_status("UP")
        self.assertEqual(after["instanceId"], before["instanceId"])
        self.assertGreater(int(after["lastDirtyTimestamp"]), int(before["lastDirtyTimestamp"]))
        self.end(node)


class Secrets(DiscoveryTest):
    SECRET = "hunter2-of-the-registry"

    def hidden(self, node):
        log = node.log_text()
        self.assertNotIn(self.SECRET, log)
        self.assertNotIn(base64.b64encode(f"node:{self.SECRET}".encode()).decode(), log)

    def test_credentials_of_the_address_are_used_and_not_logged(self):
        server = self.eureka(credentials=f"node:{self.SECRET}")
        node = self.node(server.url.replace("//", f"//node:{self.SECRET}@"), more='[log]\nlevel = "trace"\n')
        server.wait_for_status("UP")
        server.stop()
        node.wait_for_log("eureka_failed")
        self.end(node)
        self.assertEqual(server.refusals, [])
        self.assertIn(f'server="http://127.0.0.1:{server.port}/eureka"', node.log_text())
        self.hidden(node)

    def test_the_password_may_be_in_a_file(self):
        server = self.eureka(credentials=f"node:{self.SECRET}")
        folder = pathlib.Path(Node().folder)
        self.addCleanup(lambda: folder.rmdir())
        file = folder / "password"
        file.write_text(self.SECRET + "\n", encoding="utf-8")
        self.addCleanup(file.unlink)
        node = self.node(server.url.replace("//", "//node@"), more=f'password_file = "{file}"\n')
        server.wait_for_status("UP")
        self.end(node)
        self.hidden(node)

    def test_a_wrong_password_is_told_without_it(self):
        server = self.eureka(credentials="node:another")
        node = self.node(server.url.replace("//", f"//node:{self.SECRET}@"), more='[log]\nlevel = "trace"\n')
        node.wait_for_log("the answer has status 401")
        self.end(node)
        self.assertEqual(server.registry, {})
        self.hidden(node)

    def test_an_address_that_cannot_be_used_is_refused_without_it(self):
        node = Node(section([f"http://node:{self.SECRET}@127.0.0.1:port/eureka"]))
        self.addCleanup(node.remove)
        file = node.folder / "node.toml"
        file.write_text(node.config, encoding="utf-8")
        done = subprocess.run([BINARY, "--config", str(file), "--check-config"], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("eureka.urls: an address cannot be read", done.stderr)
        self.assertNotIn(self.SECRET, done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
