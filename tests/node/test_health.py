"""The health of one node with SQLite: what its pages say while it serves, is stuck and drains."""
import http.client
import json
import signal
import time
import unittest

from support import PATIENCE, Client, Node

CONFIG = """
[operations]
listen = "127.0.0.1:0"
[health]
canary_interval = "100 ms"
canary_timeout = "1 min"
loop_timeout = "1 min"
"""


class Health(unittest.TestCase):
    def node(self, more=""):
        node = Node(CONFIG + more).start()
        self.addCleanup(node.remove)
        return node

    def page(self, node, name, method="GET"):
        """(status, JSON) from the operations listener, which is there to the end."""
        connection = http.client.HTTPConnection(node.operations.removeprefix("http://"), timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, f"/health/{name}")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or "null")

    def wait_for(self, node, name, status, word):
        deadline = time.monotonic() + PATIENCE
        while True:
            seen, page = self.page(node, name)
            if (seen, page["status"]) == (status, word):
                return page
            self.assertLess(time.monotonic(), deadline, f"never {status} {word}: {seen} {page}")
            time.sleep(0.02)

    def test_a_node_that_serves(self):
        node = self.node("[node]\nshards = 2\n")
        page = self.wait_for(node, "ready", 200, "ready")
        self.assertEqual([each["name"] for each in page["loops"]], ["shard-0", "shard-1"])
        self.assertEqual([each["name"] for each in page["links"]], ["store.writer", "store.readers"])
        self.assertEqual(self.page(node, "startup")[1]["status"], "started")
        self.assertEqual(set(self.page(node, "live")[1]), {"status", "loops"})
        self.assertEqual(self.page(node, "live")[1]["status"], "live")
        # Where clients come, too.
        status, page = node.rest("GET", "/health/ready")
        self.assertEqual((status, page["status"]), (200, "ready"))
        self.assertEqual(node.rest("POST", "/health/ready")[0], 405)
        self.assertEqual(self.page(node, "live", "HEAD"), (200, None))
        self.assertEqual(node.stop(), 0)

    def test_a_node_that_drains_is_live_and_not_ready(self):
        # The last of them is told after a minute: time enough to look.
        node = self.node('[node]\ndrain_rate = 1\ndrain_deadline = "10 min"\n')
        self.wait_for(node, "ready", 200, "ready")
        clients = [Client(node.port) for _ in range(60)]
        for client in clients:
            self.addCleanup(client.close)
            client.connect()
        node.process.send_signal(signal.SIGTERM)
        self.wait_for(node, "ready", 503, "draining")
        self.assertEqual(self.page(node, "live")[0], 200)
        for client in clients:
            client.close()
        self.assertEqual(node.process.wait(PATIENCE), 0)
        node.process.stdout.close()


if __name__ == "__main__":
    unittest.main()
