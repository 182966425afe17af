"""SIGHUP: what is taken up, what needs a restart, and a file with something wrong in it."""
import pathlib
import shutil
import signal
import ssl
import subprocess
import unittest

from security_support import Client, Node, PATIENCE, SECRET, answer_of, passcode_hash, token, until


class Reload(unittest.TestCase):
    def start(self, config):
        self.node = Node(config)
        self.addCleanup(self.node.remove)
        self.node.start()
        self.reloads = 0

    def reload(self, config, event="configuration_reloaded"):
        """The lines of the log about it."""
        (self.node.folder / "node.toml").write_text(config, encoding="utf-8")
        before = len(self.node.log_text())
        self.node.process.send_signal(signal.SIGHUP)
        return until(lambda: self.lines_since(before, event), f"no {event}")

    def lines_since(self, before, event):
        text = self.node.log_text()[before:]
        lines = [line for line in text.split("\n")[:-1] if event in line]
        return "\n".join(lines)

    def status(self, user):
        return answer_of(self.node.port, "GET", "/api/chat/rooms", headers={"X-Forwarded-For": user})[0]

    def test_limits_are_taken_up_and_given_up(self):
        proxies = '[http]\ntrusted_proxies = ["127.0.0.1"]\n'
        limit = '[limits.rate.address]\nrequest = "1/d"\nrequest_burst = 1\n'
        self.start(proxies)
        for _ in range(3):
            self.assertEqual(self.status("192.0.2.1"), 200)
        told = self.reload(proxies + limit)
        self.assertIn("limits.rate.address.request, limits.rate.address.request_burst", told)
        self.assertEqual(self.status("192.0.2.2"), 200)
        self.assertEqual(self.status("192.0.2.2"), 429)
        self.reload(proxies)
        self.assertEqual(self.status("192.0.2.2"), 200)

    def test_the_log_level_is_taken_up(self):
        self.start('[log]\nlevel = "error"\n')
        self.assertNotIn("listening", self.node.log_text())
        self.assertIn("log.level", self.reload('[log]\nlevel = "info"\n'))

    def test_what_needs_a_restart_is_named_each_time(self):
        self.start('[stomp]\nheart_beat_send = "10 s"\n')
        changed = '[stomp]\nheart_beat_send = "20 s"\n[[broker.access]]\ndestination = "/topic/x"\n'
        for _ in range(2):
            told = self.reload(changed, "restart_needed")
            self.assertIn("stomp.heart_beat_send", told)
            self.assertIn("broker.access", told)

    def test_a_bad_file_changes_nothing_and_its_lines_are_named(self):
        proxies = '[http]\ntrusted_proxies = ["127.0.0.1"]\n'
        self.start(proxies)
        told = self.reload(
            proxies + '[limits.rate.address]\nrequest = "1/d"\nrequest_burst = 1\nsend = "fast"\n',
            "reload_failed")
        self.assertIn("node.toml:6:8: limits.rate.address.send: expected a rate", told)
        for _ in range(3):
            self.assertEqual(self.status("192.0.2.1"), 200)
        told = self.reload('[auth.jwt]\nalgorithms = ["RS256"]\n', "reload_failed")
        self.assertIn("auth.jwt", told)
        self.assertNotIn("configuration_reloaded", self.node.log_text())

    def test_accounts_and_keys_are_taken_up_and_sessions_stay(self):
        def config(login):
            return f"""
[auth]
mode = "required"

[[auth.accounts]]
login = "{login}"
passcode_hash = "{hashed}"
user_id = 1

[auth.jwt]
algorithms = ["HS256"]
secret_file = "secret"
"""

        hashed = passcode_hash("right")
        self.node = Node()
        secret_file = self.node.folder / "secret"
        secret_file.write_text(SECRET, encoding="utf-8")
        self.node.config = config("alice")
        self.addCleanup(self.node.remove)
        self.node.start()
        alice = self.connected(login="alice", passcode="right")
        self.connected(passcode=token("7", userId=7))

        other = SECRET[::-1]
        secret_file.write_text(other, encoding="utf-8")
        told = self.reload(config("bob"))
        self.assertIn("auth.accounts[0].login", told)
        self.assertIn("auth.jwt.secret", told)
        self.assertNotIn(SECRET, self.node.log_text())
        self.assertNotIn(other, self.node.log_text())
        self.connected(login="bob", passcode="right")
        self.connected(passcode=token("7", secret=other, userId=7))
        self.assertEqual(self.refused(login="alice", passcode="right"), "bad_credentials")
        self.assertEqual(self.refused(passcode=token("7", userId=7)), "token_invalid")
        alice.receipt_of("SUBSCRIBE", {"id": "1", "destination": "/user/queue/errors"})

    def test_another_mode_waits_for_a_restart_and_the_node_stays_what_it_is(self):
        open_mode = '[limits.rate.user]\nsend_burst = 7\n'
        required = f"""
[auth]
mode = "required"
[auth.jwt]
algorithms = ["HS256"]
secret = "{SECRET}"
[limits.rate.user]
send_burst = 8
"""
        self.start(open_mode)
        told = self.reload(required, "restart_needed")
        self.assertIn('keys="auth.mode, auth.jwt.algorithms, auth.jwt.secret', told)
        self.assertNotIn("broker.access", told)
        self.assertIn('changed="limits.rate.user.send_burst"', self.node.log_text())
        # Open as before, whole: who says nothing is nobody, and the topic of the open mode is there.
        believed = self.connected(login="7")
        believed.receipt_of("SEND", {"destination": "/topic/public/x"}, "x")
        # And back again: there is nothing left to wait for. It would be told behind the line that is waited for, but before that of
        # the second time.
        before = len(self.node.log_text())
        for _ in range(2):
            self.reload(open_mode)
        self.assertNotIn("restart_needed", self.node.log_text()[before:])

        self.assertEqual(self.node.stop(), 0)
        (self.node.folder / "node.toml").write_text(required, encoding="utf-8")
        self.node.config = required
        self.node.start()
        self.assertEqual(self.refused(login="7"), "bad_credentials")
        checked = self.connected(passcode=token("7", userId=7))
        checked.send("SEND", {"destination": "/topic/public/x"}, "x")
        self.assertEqual(checked.expect_error().headers["message"], "access denied")
        told = self.reload(open_mode, "restart_needed")
        self.assertIn("auth.mode", told)
        self.assertNotIn("broker.access", told)
        self.assertEqual(self.refused(login="7"), "bad_credentials")

    def test_the_certificates_of_all_listeners_are_taken_up_or_none(self):
        self.node = Node()
        self.addCleanup(self.node.remove)
        made = [self.make_certificate(name) for name in ("first", "second", "first-fresh", "second-fresh")]
        for place, source in (("a", made[0]), ("b", made[1])):
            self.install(source, place)
        self.node.config = "".join(f"""
[[listeners]]
address = "127.0.0.1:0"
{protocol}
tls_certificate = "{self.node.folder}/{place}.crt"
tls_key = "{self.node.folder}/{place}.key"
""" for place, protocol in (("a", 'protocol = "http"'), ("b", 'protocol = "stomp"')))
        self.node.start()
        self.assertEqual(self.certificates(), [made[0].read_text(), made[1].read_text()])

        self.install(made[2], "a")
        (self.node.folder / "b.crt").write_text("no certificate", encoding="ascii")
        told = self.reload(self.node.config, "reload_failed")
        self.assertIn("listeners[1]", told)
        self.assertIn("b.crt", told)
        self.assertEqual(self.certificates(), [made[0].read_text(), made[1].read_text()])
        self.assertNotIn("certificates_reloaded", self.node.log_text())

        self.install(made[3], "b")
        self.reload(self.node.config, "certificates_reloaded")
        self.assertEqual(self.certificates(), [made[2].read_text(), made[3].read_text()])

        # One that is moved is not waited for: the other's is taken up, and its own at the next start.
        before = len(self.node.log_text())
        for suffix in ("crt", "key"):
            (self.node.folder / f"b.{suffix}").rename(self.node.folder / f"moved.{suffix}")
        self.install(made[0], "a")
        told = self.reload(self.node.config.replace("/b.", "/moved."), "restart_needed")
        self.assertIn("listeners", told)
        self.assertIn("certificates_reloaded", self.node.log_text()[before:])
        self.assertEqual(self.certificates(), [made[0].read_text(), made[3].read_text()])

    def make_certificate(self, name):
        """The path of the certificate; its key stands beside it."""
        path = self.node.folder / f"made-{name}.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", path.with_suffix(".key"),
                        "-out", path], check=True, capture_output=True, timeout=PATIENCE)
        return path

    def install(self, made: pathlib.Path, place):
        for kind in (".crt", ".key"):
            shutil.copy(made.with_suffix(kind), self.node.folder / (place + kind))

    def certificates(self):
        return [ssl.get_server_certificate(("127.0.0.1", port), timeout=PATIENCE)
                for port in (self.node.port, self.node.stomp_ports[0])]

    def client(self):
        client = Client(self.node.port)
        self.addCleanup(client.close)
        return client

    def connected(self, **offered):
        client = self.client()
        client.connect(**offered)
        return client

    def refused(self, **offered):
        client = self.client()
        client.send("CONNECT", {"accept-version": "1.2", **offered})
        return client.expect_error().headers["code"]


if __name__ == "__main__":
    unittest.main()
