"""What keeps a node from starting, and what it says then."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import BINARY, PATIENCE, Node


def run(*arguments, **how):
    return subprocess.run([BINARY, *map(str, arguments)], stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False, **how)


class OneNodeForAFile(unittest.TestCase):
    def setUp(self):
        self.node = Node().start()
        self.addCleanup(self.node.remove)
        self.data = self.node.folder / "data"

    def refused(self, *arguments):
        ended = run("--listen", "127.0.0.1:0", *arguments)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertIn(f"{self.data.resolve()}/stampede.db is in use by another node", ended.stderr)

    def test_a_second_node_on_the_same_file_does_not_start(self):
        self.refused("--data", self.data)

    def test_nor_by_another_name_of_the_file(self):
        link = self.node.folder / "link"
        link.symlink_to(self.data, target_is_directory=True)
        self.refused("--data", link)
        other = self.node.folder / "other"
        other.mkdir()
        (other / "stampede.db").symlink_to(self.data / "stampede.db")
        self.refused("--data", other)

    def test_its_configuration_may_be_checked_meanwhile(self):
        checked = run("--data", self.data, "--check-config", stdout=subprocess.PIPE)
        self.assertEqual((checked.returncode, checked.stdout), (0, "configuration is good\n"))

    def test_it_starts_again_after_its_end_and_after_a_crash(self):
        self.assertEqual(self.node.stop(), 0)
        self.node.start()
        self.node.kill()
        self.node.start()
        self.assertEqual(self.node.stop(), 0)


class Checking(unittest.TestCase):
    """What cannot be used is refused before the start, by the name of its key, and secrets are not shown."""

    def test_addresses_and_key_sets(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-test-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "keys.json").write_text("secret", encoding="utf-8")
        cluster = '[cluster]\nsecret = "0123456789abcdef0123456789abcdef"\n'
        tokens = '[auth.jwt]\nalgorithms = ["ES256"]\n'
        postgresql = '[storage]\nbackend = "postgresql"\n'
        good = {"rabbitmq": "amqp://h", "redis": "redis://h"}
        cases = [("auth.jwt.jwks_file", f'{tokens}jwks_file = "keys.json"'),
                 ("auth.jwt.jwks_url", f'{tokens}jwks_url = "http://u:secret@h:xx/"'),
                 ("storage.connection", f'{postgresql}connection = "secret"'),
                 ("storage.connection", f'{postgresql}connection = "postgresql://u@h/d?secret=bar"'),
                 ("storage.connection", f'{postgresql}connection = "postgresql://u:secret@h:xx/b"'),
                 ("storage.connection", f'{postgresql}connection = "postgresql://a:top/secret@h/b"'),
                 ("storage.connection", f'{postgresql}connection = "postgresql://a:12/secret@h/b"'),
                 ("storage.replica", f'{postgresql}connection = "host=h"\nreplica = "secret"')]
        for part, url in (("rabbitmq", "amqp://u:secret@h:xx"), ("redis", "redis://:secret@h:xx"), ("redis", "redis://:secret@h/x")):
            urls = {**good, part: url}
            cases.append((f"{part}.urls", cluster + postgresql + 'connection = "host=h"\n' +
                          "".join(f'[{name}]\nurls = ["{value}"]\n' for name, value in urls.items())))
        for key, text in cases:
            with self.subTest(text):
                path = folder / "node.toml"
                path.write_text(text, encoding="utf-8")
                for what in (["--check-config"], ["--listen", "127.0.0.1:0", "--data", folder / "data"]):
                    ended = run("--config", path, *what, stdout=subprocess.PIPE)
                    self.assertEqual(ended.returncode, 2, ended.stderr)
                    self.assertRegex(ended.stderr, f"^stampede: {key}: ")
                    self.assertEqual(ended.stderr.count("\n"), 1, ended.stderr)
                    self.assertNotIn("secret", ended.stderr.replace(str(folder), ""))


class Printing(unittest.TestCase):
    def test_what_could_not_be_printed_has_failed(self):
        for arguments, said in ((["--version"], ""), (["--help"], ""), (["--check-config"], ""), (["--hash-passcode"], "secret\n")):
            with self.subTest(arguments), open("/dev/full", "w", encoding="utf-8") as full:
                ended = run(*arguments, stdout=full, input=said)
                self.assertEqual(ended.returncode, 1)
                self.assertIn("standard output", ended.stderr)


if __name__ == "__main__":
    unittest.main()
