"""The load tester's clients against a node with every kind of listener."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "node"))

from support import BINARY, PATIENCE, Node, free_port  # noqa: E402


class Client(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-bench-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        hashed = subprocess.run([BINARY, "--hash-passcode"], input="correct horse\n", check=True,
                                capture_output=True, text=True).stdout.strip()
        self.http, self.https, self.stomp, self.stomps = (free_port() for _ in range(4))
        tls = f'tls_certificate = "{certificate}"\ntls_key = "{key}"'
        self.certificate = certificate
        self.node = Node(f"""
[[listeners]]
address = "127.0.0.1:{self.http}"
[[listeners]]
address = "127.0.0.1:{self.https}"
{tls}
[[listeners]]
address = "127.0.0.1:{self.stomp}"
protocol = "stomp"
[[listeners]]
address = "127.0.0.1:{self.stomps}"
protocol = "stomp"
{tls}
[auth]
mode = "required"
cache_ttl = "1 h"
[[auth.accounts]]
login = "alice"
passcode_hash = "{hashed}"
user_id = 1
[[broker.access]]
destination = "/topic/**"
send = ["authenticated"]
subscribe = ["authenticated"]
[limits.frame]
max_body = "512 KiB"
""")
        self.addCleanup(self.node.remove)
        self.node.start()

    def test_clients(self):
        where = {
            "BENCH_WS": f"ws://localhost:{self.http}/ws",
            "BENCH_WSS": f"wss://localhost:{self.https}/ws",
            "BENCH_SOCKJS": f"sockjs://localhost:{self.http}/ws-chat",
            "BENCH_SOCKJSS": f"sockjss://localhost:{self.https}/ws-chat",
            "BENCH_STOMP": f"stomp://localhost:{self.stomp}",
            "BENCH_STOMPS": f"stomps://localhost:{self.stomps}",
            "BENCH_AUTHORITY": str(self.certificate),
        }
        done = subprocess.run([os.environ["BENCH_CLIENT_TEST"]], env={**os.environ, **where},
                              timeout=4 * PATIENCE, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.node.stop(), 0)


if __name__ == "__main__":
    unittest.main()
