"""The backup of SQLite in docs/operations.md, by the command that stands there, of a node that goes on meanwhile; and its restore."""
import pathlib
import re
import subprocess
import unittest

from support import ROOT, Node

CALLER = {"X-User-Id": "1"}


def the_command():
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    chapter = text.split("\nBack it up while the node runs:\n", 1)[1]
    return re.search(r"```sh\n(.*?)```", chapter, re.DOTALL)[1].strip()


class Backup(unittest.TestCase):
    def setUp(self):
        self.node = Node().start()
        self.addCleanup(self.node.remove)

    def create_room(self, name):
        status, _ = self.node.rest("POST", "/api/chat/rooms", {"name": name, "creatorId": 1, "nickname": "Ann"}, CALLER)
        self.assertEqual(status, 201)

    def rooms(self):
        status, listed = self.node.rest("GET", "/api/chat/rooms", headers=CALLER)
        self.assertEqual(status, 200)
        return {room["name"] for room in listed["rooms"]} - {"Lobby"}

    def test_what_was_there_at_the_backup_is_there_after_the_restore_and_nothing_else(self):
        data, copy = self.node.folder / "data", self.node.folder / "copy.db"
        self.create_room("before")
        command = the_command()
        self.assertIn("stampede-data/", command)
        self.assertIn("/backup/stampede.db", command)
        command = command.replace("stampede-data/", f"{data}/").replace("/backup/stampede.db", str(copy))
        subprocess.run(["sh", "-ec", command], check=True)
        self.create_room("after")
        self.assertEqual(self.rooms(), {"before", "after"})

        self.assertEqual(self.node.stop(), 0)
        copy.rename(data / "stampede.db")
        for rest in ("-wal", "-shm"):
            pathlib.Path(f"{data}/stampede.db{rest}").unlink(missing_ok=True)
        self.node.start()
        self.assertEqual(self.rooms(), {"before"})
        self.create_room("later")
        self.assertEqual(self.rooms(), {"before", "later"})
        self.assertEqual(self.node.stop(), 0)


if __name__ == "__main__":
    unittest.main()
