"""The configuration of each overlay is good, and a node that has it, on real servers, answers its probes."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts/support"))

import cluster  # noqa: E402
import manifests  # noqa: E402
import pod  # noqa: E402
import ports  # noqa: E402
import servers  # noqa: E402

PASSWORDS = {"rabbitmq-password": "rabbitmq of the test", "redis-password": "redis of the test",
             "cluster-secret": "a secret of the test's cluster"}


class InAFolder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-k8s-"))
        self.addCleanup(shutil.rmtree, self.folder, True)


class Configuration(InAFolder):
    def test_each_overlays_is_good(self):
        for name in manifests.WHOLE:
            with self.subTest(name):
                folder = self.folder / name
                folder.mkdir()
                one = pod.Pod(manifests.rendered(name), folder,
                              {"postgresql": "postgresql://stampede:x@db.example.org/stampede", **PASSWORDS})
                done = subprocess.run([cluster.BINARY, *one.arguments, "--check-config"], env=one.whole_environment(),
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                self.assertEqual((done.returncode, done.stdout), (0, "configuration is good\n"))

    def test_the_readmes_limits_for_addresses_are_good_too(self):
        text = (manifests.ROOT / "k8s/README.md").read_text()
        lines = re.findall(r"^      - (STAMPEDE_LIMITS__\w+)=(\S+)$", text, re.MULTILINE)
        self.assertEqual(len(lines), 6)
        one = pod.Pod(manifests.rendered("production"), self.folder,
                      {"postgresql": "postgresql://stampede:x@db.example.org/stampede", **PASSWORDS})
        done = subprocess.run([cluster.BINARY, *one.arguments, "--check-config"], env=one.whole_environment(**dict(lines)),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "configuration is good\n"))

    def test_the_secret_has_what_the_configuration_names_and_no_more(self):
        config = manifests.rendered("base").generated("ConfigMap", "stampede")["data"]["stampede.toml"]
        for name in pod.SECRETS:
            self.assertIn(f'"/etc/stampede/secrets/{name}"', config)
        self.assertEqual(config.count("/etc/stampede/secrets/"), len(pod.SECRETS))
        readme = (manifests.ROOT / "k8s/README.md").read_text()
        for name in pod.SECRETS:
            self.assertIn(f"--from-literal={name}=", readme)


class RedisOfThePod(servers.Redis):
    """With the command and the configuration of the first try's pod."""

    def __init__(self, folder, objects):
        super().__init__(folder)
        container = manifests.pod_of(objects.named("Deployment", "redis"))["containers"][0]
        paths = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}

        def here(text):
            for name, path in paths.items():
                text = text.replace(path, str(self.folder / name))
            return text
        for name in paths:
            (self.folder / name).mkdir()
        config = objects.generated("ConfigMap", "redis")["data"]["redis.conf"]
        (self.folder / "config" / "redis.conf").write_text(here(config) + f"bind 127.0.0.1\nport {self.port}\n")
        self.words = [here(each) for each in container["command"]]

    def start(self):
        self.spawn(self.words, {"PATH": os.environ["PATH"], "REDIS_PASSWORD": PASSWORDS["redis-password"]})
        self.wait_ready(lambda: servers.answers(self.port, b"PING\r\n", b"-NOAUTH"))

    def command(self, *words):
        return super().command("--no-auth-warning", "-a", PASSWORDS["redis-password"], *words)


class Probes(InAFolder):
    def test_a_node_of_the_first_try_answers_its_probes_and_is_found_by_others(self):
        objects = manifests.rendered("k3s")
        self.folder.chmod(0o755)
        backends = cluster.Cluster(self.folder, 0, balanced=False)
        self.addCleanup(backends.stop)
        backends.backends["redis"] = backends.redis = RedisOfThePod(self.folder, objects)
        with open(backends.rabbitmq.folder / "rabbitmq.conf", "a", encoding="utf-8") as config:
            config.write(objects.generated("ConfigMap", "rabbitmq")["data"]["rabbitmq.conf"])
        backends.start()
        backends.rabbitmq.control("add_user", "stampede", PASSWORDS["rabbitmq-password"])
        backends.rabbitmq.control("set_permissions", "stampede", ".*", ".*", ".*")

        folder = self.folder / "pod"
        folder.mkdir()
        one = pod.Pod(objects, folder, {"postgresql": backends.postgresql.connection, **PASSWORDS})
        internal, http, operations = (ports.free_port() for _ in range(3))
        environment = one.whole_environment(
            STAMPEDE_RABBITMQ__URLS=f"amqp://stampede@127.0.0.1:{backends.rabbitmq.port}",
            STAMPEDE_REDIS__URLS=f"redis://127.0.0.1:{backends.redis.port}/0",
            STAMPEDE_LISTENERS__0__ADDRESS=f"127.0.0.1:{http}",
            STAMPEDE_OPERATIONS__LISTEN=f"127.0.0.1:{operations}",
            STAMPEDE_CLUSTER__INTERNAL_LISTENER=f"127.0.0.1:{internal}",
            STAMPEDE_CLUSTER__INTERNAL_ADDRESS=f"127.0.0.1:{internal}")
        node = servers.Server(self.folder, "node")
        node.spawn([cluster.BINARY, *one.arguments], environment)
        self.addCleanup(node.kill)

        probes = {kind: one.container[kind]["httpGet"] for kind in ("startupProbe", "readinessProbe", "livenessProbe")}
        here = {"http": http, "operations": operations}
        for kind, probe in probes.items():
            with self.subTest(kind):
                node.wait_ready(lambda port=here[probe["port"]], path=probe["path"]: self.get(port, path) is not None)
        # What the ServiceMonitor scrapes, and the number that the autoscaler goes by.
        monitor = manifests.rendered("everything").named("ServiceMonitor", "stampede")["spec"]["endpoints"][0]
        self.assertIn("\nstampede_connections{", self.get(here[monitor["port"]], monitor["path"]))

        # The others know it by the pod's name, and where.
        name = pod.FIELDS["metadata.name"]
        servers.wait_until(lambda: backends.redis.command("get", f"stampede:node:{name}").endswith(f" 127.0.0.1:{internal}"),
                           "the node did not join", node.log)
        servers.wait_until(lambda: f"chat.queue.{name}" in backends.rabbitmq.control("list_queues", "name"),
                           "the node has no queue", node.log)
        node.stop()
        self.assertEqual(node.process.returncode, 0)
        self.assertEqual(list((folder / "data").iterdir()), [])
        for line in node.log.read_text().splitlines():
            if not line.startswith(("ready ", "operations ")):
                json.loads(line)

    @staticmethod
    def get(port, path):
        """The answer's text; None if there is none, or another than 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.read().decode()
        except OSError:
            return None


if __name__ == "__main__":
    unittest.main()
