"""What the tests of stampede-bench as a program share: the mock server, and the bench with its JSON."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "node"))

from support import PATIENCE, ROOT  # noqa: E402

BENCH = os.environ["STAMPEDE_BENCH"]
MOCK = os.environ["BENCH_MOCK"]
# A histogram tells values apart to 0.8 %.
PRECISION = 1.008


class Mock:
    """A server that does wrong on purpose."""

    def __init__(self, *faults):
        self.process = subprocess.Popen([MOCK, *map(str, faults)], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[1]
        self.address = self.url.removeprefix("ws://").removesuffix("/ws")

    def account(self):
        """Ends it: what it did."""
        self.process.send_signal(signal.SIGTERM)
        return json.loads(self.process.communicate(timeout=PATIENCE)[0])

    def remove(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Found:
    """What the bench said."""

    def __init__(self, status, out, error, path):
        self.status, self.out, self.error = status, out, error
        self.json = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def __getattr__(self, name):
        if self.json is None or name not in self.json["figures"]:
            raise AttributeError(f"no {name}: status {self.status}\n{self.out}\n{self.error}")
        return self.json["figures"][name]["value"]

    def has(self, name):
        return name in self.json["figures"]

    def counts(self):
        """expected, arrived, lost, duplicates, out_of_order"""
        return self.json["arrivals"]

    def due(self):
        """How many messages were due in the measured time."""
        return self.json["lag"]["count"]

    def above(self, kind, milliseconds):
        """How many of these latencies were greater."""
        all_values = self.json["latencies"][kind]
        return sum(values for up_to, values in zip(all_values["up_to_ns"], all_values["values"])
                   if up_to > milliseconds * 1e6)


def wait_for_line(stream, word):
    """Until one has it."""
    for line in stream:
        if word in line:
            return
    raise AssertionError(f'it ended without "{word}"')


class BenchTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-bench-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.runs = 0

    def mock(self, *faults):
        mock = Mock(*faults)
        self.addCleanup(mock.remove)
        return mock

    def command(self, *arguments):
        return [BENCH, *map(str, arguments)]

    def bench(self, *arguments, status=0, environment=None):
        """Runs it; `status` is what it must exit with."""
        self.runs += 1
        path = self.folder / f"{self.runs}.json"
        done = subprocess.run(
            self.command(*arguments, "--quiet", "--json", path), capture_output=True, text=True,
            timeout=PATIENCE, check=False, env={**os.environ, **(environment or {})})
        self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return Found(done.returncode, done.stdout, done.stderr, path)


__all__ = ["BENCH", "MOCK", "PATIENCE", "PRECISION", "ROOT", "BenchTest", "Found", "Mock", "wait_for_line"]
