"""The commands of "Backup and restore" in docs/operations.md, each as it stands there, on a PostgreSQL of the test's.

`kubectl` is a stand-in: what it would run in PostgreSQL's pod it runs here, and scaling stops and starts the node.
"""
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
import servers  # noqa: E402

STAND_IN = """#!/bin/sh
# kubectl -n stampede exec [-i] statefulset/postgresql -- COMMAND... | scale deployment/stampede --replicas=N | wait ...
echo "$*" >>"$STAND_IN_LOG"
[ "$1 $2" = "-n stampede" ] || exit 64
shift 2
case $1 in
exec)
    while [ "$1" != -- ]; do shift; done
    shift
    exec "$@"
    ;;
scale | wait) ;;
*) exit 64 ;;
esac
"""


def blocks():
    """The chapter's shell blocks: what backs up, what restores, what tidies up."""
    text = (manifests.ROOT / "docs/operations.md").read_text()
    chapter = text.split("\n### Backup and restore\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)


class Backup(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-backup-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.folder.chmod(0o755)
        self.postgresql = servers.Postgres(self.folder)
        self.addCleanup(self.postgresql.stop)
        self.postgresql.start()
        self.node = servers.Server(self.folder, "node")
        self.addCleanup(lambda: self.node.running() and self.node.kill())
        self.start_node()

    def start_node(self):
        environment = {**os.environ, "STAMPEDE_STORAGE__BACKEND": "postgresql",
                       "STAMPEDE_STORAGE__CONNECTION": self.postgresql.connection}
        self.node.spawn([cluster.BINARY, "--listen", f"127.0.0.1:{self.node.port}", "--data", str(self.folder / "data")],
                        environment)
        self.node.wait_ready(lambda: servers.answers(
            self.node.port, b"GET /health/live HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n", b"HTTP/1.1 200"))

    def rest(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.node.port}{path}", data,
                                         {"Content-Type": "application/json", "X-User-Id": "7"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def say(self, room, text):
        return self.rest(f"/api/chat/rooms/{room}/messages", {"senderId": 7, "content": text})["seq"]

    def contents(self, room):
        page = self.rest(f"/api/chat/rooms/{room}/messages")
        return [message["content"] for message in page["messages"] if message["messageType"] == "CHAT"][::-1]

    def run_block(self, block):
        folder = self.folder / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "kubectl").write_text(STAND_IN)
        (folder / "kubectl").chmod(0o755)
        environment = {**os.environ, "PATH": f"{folder}:{self.postgresql.programs}:{os.environ['PATH']}",
                       "PGHOST": "127.0.0.1", "PGPORT": str(self.postgresql.port),
                       "STAND_IN_LOG": str(self.folder / "commands")}
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", block], cwd=self.folder, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_what_was_backed_up_is_back_and_the_chat_goes_on(self):
        back_up, restore, tidy_up = blocks()
        room = self.rest("/api/chat/rooms", {"name": "team", "creatorId": 7, "nickname": "Ann"})["chatRoomId"]
        self.say(room, "before 1")
        last = self.say(room, "before 2")

        tables = self.run_block(back_up)
        wanted = self.postgresql.query("SELECT count(*) FROM information_schema.tables"
                                       " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
        self.assertEqual(int(tables), int(wanted))
        self.say(room, "after")
        self.assertEqual(self.contents(room), ["before 1", "before 2", "after"])

        # Where scaling is done.
        self.assertIn("--replicas=0\n", restore)
        self.node.stop()
        self.run_block(restore)
        self.start_node()

        self.assertEqual(self.contents(room), ["before 1", "before 2"])
        self.assertEqual(self.say(room, "afterwards"), last + 1)
        self.run_block(tidy_up)
        self.assertEqual(self.postgresql.query("SELECT datname FROM pg_database WHERE datname LIKE 'stampede%'").strip(),
                         "stampede")
        # What protects the audit log came back with it.
        self.assertGreater(int(self.postgresql.query("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")), 0)


if __name__ == "__main__":
    unittest.main()
