"""Two nodes that reach PostgreSQL, RabbitMQ and Redis by TLS, and nodes that are told to trust somebody else."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import two_nodes
from cluster import BINARY, Cluster
from servers import wait_until
from support import Client

PASSWORD = "pass-that-no-log-has"


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """Makes certificates for localhost, in a folder that everybody may read."""

    def __init__(self, folder, name):
        self.folder = folder / name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.file = self.folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-keyout", self.folder / "ca.key", "-out", self.file)

    def issue(self, name, owner=None):
        """The certificate and the key of a server."""
        request, certificate, key = (self.folder / f"{name}.{end}" for end in ("csr", "pem", "key"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server",
                "-keyout", key, "-out", request)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text("subjectAltName=DNS:localhost\n")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.folder / "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", extensions, "-out", certificate)
        if owner and pathlib.Path("/proc/self").stat().st_uid == 0:
            shutil.chown(key, owner, owner)
        return certificate, key


class Tls(two_nodes.TwoNodes):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.folder.chmod(0o755)
        cls.authority = Authority(cls.folder, "ours")
        cls.other = Authority(cls.folder, "others")
        cls.cluster = Cluster(cls.folder, 2, balanced=False, more=cls.MORE)
        cls.addClassCleanup(cls.cluster.stop)
        cls.give_tls_to_servers()
        for node in cls.cluster.nodes:
            cls.point_to_tls(node)
        cls.cluster.start()

    @classmethod
    def give_tls_to_servers(cls):
        cluster = cls.cluster
        certificate, key = cls.authority.issue("rabbitmq", "rabbitmq")
        with open(cluster.rabbitmq.folder / "rabbitmq.conf", "a", encoding="ascii") as config:
            config.write(f"listeners.ssl.1 = 127.0.0.1:{cluster.rabbitmq.ports['tls']}\nssl_options.cacertfile = {cls.authority.file}\n"
                         f"ssl_options.certfile = {certificate}\nssl_options.keyfile = {key}\n")
        certificate, key = cls.authority.issue("redis")
        cluster.redis.more = ["--tls-port", str(cluster.redis.ports["tls"]), "--tls-cert-file", str(certificate),
                              "--tls-key-file", str(key), "--tls-ca-cert-file", str(cls.authority.file), "--tls-auth-clients", "no"]
        certificate, key = cls.authority.issue("postgresql", "postgres")
        cluster.postgresql.more = ["-c", "ssl=on", "-c", f"ssl_cert_file={certificate}", "-c", f"ssl_key_file={key}"]

    @classmethod
    def point_to_tls(cls, node, ca_file=None):
        ca_file = ca_file or cls.authority.file
        path = node.folder / "node.toml"
        text = re.sub(r'connection = ".*"',
                      f'connection = "host=localhost port={cls.cluster.postgresql.port} user=stampede dbname=stampede '
                      f'password={PASSWORD} sslmode=verify-full sslrootcert={ca_file}"', path.read_text())
        text = re.sub(r'urls = \["redis:.*"\]',
                      f'urls = ["rediss://localhost:{cls.cluster.redis.ports["tls"]}"]\nca_file = "{ca_file}"', text)
        text = re.sub(r'urls = \["amqp:.*"\]',
                      f'urls = ["amqps://guest:guest@localhost:{cls.cluster.rabbitmq.ports["tls"]}"]\nca_file = "{ca_file}"', text)
        path.write_text(text)

    def expect_in_log(self, node, *texts):
        wait_until(lambda: all(text in node.log.read_text(errors="replace") for text in texts), f"no {texts}", node.log)
        self.assertNotIn(PASSWORD, node.log.read_text(errors="replace"))

    def test_messages_cross_nodes_and_nothing_goes_by_a_plain_port(self):
        sender, room, (_, reader) = self.pair()
        self.say_in(sender, room, "stored")
        self.assertEqual(self.expect_content(reader, "stored").json()["content"], "stored")
        self.wait_until_together()
        topic = self.client(1, self.new_user())
        topic.subscribe("/topic/open/a")
        sender.receipt_of("SEND", {"destination": "/topic/open/a"}, "by the bus")
        self.assertEqual(topic.expect("MESSAGE").body, b"by the bus")
        encrypted = self.cluster.postgresql.query(
            "select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'stampede'")
        self.assertEqual(encrypted.strip(), "t")
        links = [line for line in self.cluster.rabbitmq.control("list_connections", "ssl").split() if line != "ssl"]
        self.assertEqual(set(links), {"true"}, links)
        for node in self.cluster.nodes:
            self.expect_in_log(node, f'redis_connected detail="localhost:{self.cluster.redis.ports["tls"]}"', "bus_whole")

    def test_a_node_that_trusts_others_reaches_none_and_says_why(self):
        node = self.cluster.nodes[1]
        path = node.folder / "node.toml"
        kept = path.read_text()
        node.stop()
        self.addCleanup(self.start, node)
        self.addCleanup(path.write_text, kept)
        # PostgreSQL is needed at the start; RabbitMQ and Redis are not.
        path.write_text(re.sub(r'\nca_file = ".*"', f'\nca_file = "{self.other.file}"', kept))
        node.log.unlink()
        self.start(node)
        self.addCleanup(node.stop)
        self.expect_in_log(node, "rabbitmq_unreachable", "redis_unreachable",
                           "the server's certificate comes from an authority that is not trusted")
        client = Client(node.port)
        self.addCleanup(client.close)
        client.connect(login=str(self.new_user()))

    def test_a_postgresql_of_another_authority_is_refused(self):
        node = self.cluster.nodes[0]
        text = re.sub(r"sslrootcert=[^\" ]*", f"sslrootcert={self.other.file}", (node.folder / "node.toml").read_text())
        path = self.folder / "wrong.toml"
        path.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:0", text))
        done = subprocess.run([BINARY, "--config", path], capture_output=True, text=True, timeout=60, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("certificate verify failed", done.stdout + done.stderr)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)

    def test_a_file_without_authorities_is_refused_at_the_start(self):
        path = self.folder / "empty.toml"
        empty = self.folder / "empty.pem"
        empty.write_text("nobody\n")
        text = (self.cluster.nodes[0].folder / "node.toml").read_text()
        path.write_text(re.sub(r'\nca_file = ".*"', f'\nca_file = "{empty}"', text))
        done = subprocess.run([BINARY, "--config", path], capture_output=True, text=True, timeout=60, check=False)
        self.assertNotEqual(done.returncode, 0)
        for key in ("rabbitmq.ca_file", "redis.ca_file"):
            self.assertIn(f"{key}: {empty} has no certificate in PEM in it", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
