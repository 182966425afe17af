"""The servers that tests start are gone with the test, however it ends."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "support"))

from servers import Postgres, RabbitMq, Redis, start_time, wait_until  # noqa: E402


def start_all(folder):
    """Says who runs, when all do, and waits to be killed."""
    servers = [Postgres(folder), Redis(folder), RabbitMq(folder)]
    for each in servers:
        each.start()
    postgres, redis, rabbit = servers
    pids = [*postgres.server_pids(), redis.pid, rabbit.pid, *rabbit.server_pids(), rabbit.mapper.pid]
    print(*pids, flush=True)
    signal.pause()


class Servers(unittest.TestCase):
    def test_a_killed_program_leaves_none_behind(self):
        folder = tempfile.mkdtemp(prefix="stampede-servers-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o755)
        with subprocess.Popen([sys.executable, "-B", __file__, folder], stdout=subprocess.PIPE, text=True) as program:
            pids = [int(word) for word in program.stdout.readline().split()]
            self.addCleanup(self.kill, pids)
            started = {pid: start_time(pid) for pid in pids}
            program.kill()
        self.assertGreaterEqual(len(pids), 5)
        self.assertNotIn(None, started.values())
        wait_until(lambda: all(start_time(pid) != began for pid, began in started.items()), "a server is left")

    @staticmethod
    def kill(pids):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


if __name__ == "__main__":
    start_all(pathlib.Path(sys.argv[1]))
