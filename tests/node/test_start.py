"""What keeps a node from starting, and what it says then."""
import subprocess
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


class Printing(unittest.TestCase):
    def test_what_could_not_be_printed_has_failed(self):
        for arguments, said in ((["--version"], ""), (["--help"], ""), (["--check-config"], ""), (["--hash-passcode"], "secret\n")):
            with self.subTest(arguments), open("/dev/full", "w", encoding="utf-8") as full:
                ended = run(*arguments, stdout=full, input=said)
                self.assertEqual(ended.returncode, 1)
                self.assertIn("standard output", ended.stderr)


if __name__ == "__main__":
    unittest.main()
