"""A whole cluster on loopback: PostgreSQL, Redis, RabbitMQ, N nodes and a balancer, in one folder."""
import concurrent.futures
import os
import pathlib
import signal
import subprocess

import gate
import servers
from sanitizers import check_log

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("STAMPEDE_BINARY", str(ROOT / "build/release/bin/stampede"))


class Node(servers.Server):
    """A node of the cluster. `links`: the ports of its PostgreSQL, Redis and RabbitMQ, by these names."""

    def __init__(self, folder, name, links, secret, more="", detached=False):
        super().__init__(folder, name, detached)
        self.links = links
        (self.folder / "node.toml").write_text(f"""
{self.settings_for_all(secret)}
{more}
""")

    def port_names(self):
        return ["main", "internal", "operations"]

    def settings_for_all(self, secret):
        return f"""
[[listeners]]
address = "127.0.0.1:{self.port}"

[operations]
listen = "127.0.0.1:{self.ports['operations']}"

[node]
data_directory = "{self.folder}/data"

[cluster]
node_id = "{self.name}"
internal_listener = "127.0.0.1:{self.ports['internal']}"
secret = "{secret}"

[storage]
backend = "postgresql"
connection = "{servers.Postgres.connection_at(self.links['postgresql'])}"

[redis]
urls = ["{servers.Redis.url_at(self.links['redis'])}"]

[rabbitmq]
urls = ["{servers.RabbitMq.url_at(self.links['rabbitmq'])}"]

# One machine plays all users, and some of them play a great many.
[limits.rate.user]
send = 0
subscribe = 0
connect = 0
request = 0

[limits.rate.address]
send = 0
subscribe = 0
connect = 0
request = 0
failed_login = 0

[limits.connections]
per_address = 0
sessions_per_address = 0
sessions_per_user = 0
"""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def operations(self):
        return f"http://127.0.0.1:{self.ports['operations']}"

    def start(self):
        self.spawn([BINARY, "--config", str(self.folder / "node.toml")])
        self.wait_ready(lambda: servers.answers(self.port, b"GET /health/live HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n",
                                               b"HTTP/1.1 200"))


class Cluster:
    """With `gated` there is a gate between each node and each server: gates["node-1"]["redis"]."""

    def __init__(self, folder, count, detached=False, gated=False, balanced=True, more=""):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # the servers' own users go through it
        self.folder = folder
        # A server dies with the thread that started it, not with the process: these live as long as we do.
        self.starters = concurrent.futures.ThreadPoolExecutor(3)
        self.postgresql = servers.Postgres(folder, detached=detached)
        self.redis = servers.Redis(folder, detached=detached)
        self.rabbitmq = servers.RabbitMq(folder, detached=detached)
        self.backends = {"postgresql": self.postgresql, "redis": self.redis, "rabbitmq": self.rabbitmq}
        secret_file = folder / "secret"
        if not secret_file.exists():
            secret_file.touch(0o600)
            secret_file.write_text(os.urandom(24).hex())
        self.gates = {}
        self.nodes = []
        for number in range(1, count + 1):
            name = f"node-{number}"
            links = {kind: server.port for kind, server in self.backends.items()}
            if gated:
                self.gates[name] = {kind: gate.Gate(server.port) for kind, server in self.backends.items()}
                links = {kind: each.port for kind, each in self.gates[name].items()}
            self.nodes.append(Node(folder, name, links, secret_file.read_text(), more, detached))
        self.balancer = servers.Nginx(folder, [node.port for node in self.nodes], detached=detached) if balanced else None

    def everything(self):
        return [*self.backends.values(), *self.nodes, *([self.balancer] if self.balancer else [])]

    def start(self, tell=lambda text: None):
        """The servers at once, then the nodes one after the other, then the balancer."""
        tell("starting PostgreSQL, Redis and RabbitMQ")
        list(self.starters.map(lambda each: None if each.running() else each.start(), self.backends.values()))
        for node in self.nodes:
            if not node.running():
                tell(f"starting {node.name}")
                node.start()
        if self.balancer and not self.balancer.running():
            self.balancer.start()

    def node(self, name):
        for node in self.nodes:
            if node.name == name:
                return node
        raise SystemExit(f"there is no {name}; the nodes are {', '.join(node.name for node in self.nodes)}")

    def stop(self):
        """Nodes first, so that they say goodbye. What does not end is killed."""
        for each in reversed(self.everything()):
            if each.running():
                each.signal(signal.SIGTERM if isinstance(each, Node) else 0)
        for each in reversed(self.everything()):
            if not each.running():
                continue
            try:
                each.stop()
            except (RuntimeError, subprocess.TimeoutExpired):
                each.kill()
        self.rabbitmq.stop_mapper()
        for gates in self.gates.values():
            for each in gates.values():
                each.close()
        for node in self.nodes:
            check_log(node.log)
