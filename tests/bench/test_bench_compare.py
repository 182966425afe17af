"""stampede-bench compare: what it writes, and what is left of it when it is cut short."""
import csv
import json
import re
import signal
import subprocess
import unittest

from bench_support import PATIENCE, BenchTest

LOAD = ("fan-out", "--subscribers", 2, "--rate", 200, "--warm-up", "0 s")


class Compare(BenchTest):
    def setUp(self):
        super().setUp()
        self.files = {name: self.folder / name for name in ("json", "csv", "figures-csv", "html", "markdown")}

    def comparison(self, *arguments):
        writes = [word for name, path in self.files.items() for word in (f"--{name}", path)]
        return self.command("compare", *LOAD, *writes, *arguments)

    def rows(self, name):
        with open(self.files[name], newline="", encoding="utf-8") as lines:
            return list(csv.DictReader(lines))

    def test_csvs_have_each_run_of_each_round(self):
        a, b = self.mock(), self.mock("--lose-every", 10)
        done = subprocess.run(
            self.comparison("--duration", "500 ms", "--rounds", 2, "--target", f"name=a;url={a.url}", "--target",
                            f"name=b;url={b.url}", "--patience", "5 s"),
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        turns = [("1", "a"), ("1", "b"), ("2", "a"), ("2", "b")]
        # 100 messages to each of two.
        self.assertEqual([((one["round"], one["target"]), one["value"]) for one in self.rows("figures-csv")
                          if one["name"] == "lost"], list(zip(turns, ["0", "20", "0", "20"])))
        seconds = self.rows("csv")
        self.assertEqual(list(dict.fromkeys((one["round"], one["target"]) for one in seconds)), turns)
        self.assertIn("delivered_rate", seconds[0])
        found = json.loads(self.files["json"].read_text(encoding="utf-8"))
        self.assertEqual((found["rounds_wanted"], found["cut_short"]), (2, None))

    def test_an_interrupt_leaves_the_rounds_that_were_finished(self):
        a, b = self.mock(), self.mock()
        process = subprocess.Popen(
            self.comparison("--duration", "2 s", "--rounds", 1000, "--target", f"name=a;url={a.url}", "--target",
                            f"name=b;url={b.url}"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        while "round 2 of 1000: b" not in (line := process.stderr.readline()):
            self.assertNotEqual(line, "")
        while "load" not in (line := process.stderr.readline()):
            self.assertNotEqual(line, "")
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 1, error)
        # In the run that was seen to begin, or where we were held up in one soon after it.
        told = re.search(r"cut short in round (\d+) of 1000, ([ab]): stopped before its end \(1 time\)", error)
        self.assertTrue(told, error)
        self.assertIn(told[0], out)
        whole = int(told[1]) - 1
        self.assertGreaterEqual((whole, told[2]), (1, "b"))
        self.assertIn(f"medians of {whole} round{'s' if whole > 1 else ''} of 1,000;", out)
        found = json.loads(self.files["json"].read_text(encoding="utf-8"))
        self.assertEqual(([len(one) for one in found["rounds"]], found["rounds_wanted"]), ([2] * whole, 1000))
        self.assertEqual(f"cut short in {found['cut_short']}", told[0])
        self.assertEqual({(one["round"], one["target"]) for one in self.rows("figures-csv")},
                         {(str(number + 1), name) for number in range(whole) for name in "ab"})
        self.assertIn("<html", self.files["html"].read_text(encoding="utf-8"))

    def test_a_target_that_is_not_there_is_told(self):
        a = self.mock()
        done = subprocess.run(
            self.comparison("--duration", "500 ms", "--target", f"name=a;url={a.url}", "--target",
                            "name=b;url=ws://127.0.0.1:1/ws"),
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cut short in round 1 of 3, b: ", done.stderr)
        self.assertIn("refused", done.stderr)


if __name__ == "__main__":
    unittest.main()
