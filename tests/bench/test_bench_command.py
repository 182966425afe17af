"""stampede-bench's command: what each option takes, what a file and flags say together, what cannot be measured."""
import csv
import os
import subprocess
import unittest

from bench_support import PATIENCE, ROOT, BenchTest

SHORT = ("--warm-up", "100 ms", "--duration", "500 ms", "--patience", "5 s")
SCENARIOS = ROOT / "bench" / "scenarios"


class Command(BenchTest):
    def refused(self, *arguments):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 2, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stderr


class Numbers(Command):
    WHOLE = {"--rooms": (1, 1000000), "--subscribers": (0, 1000000), "--publishers": (1, 1000000),
             "--sessions": (1, 10000000), "--pairs": (1, 1000000), "--slow-readers": (0, 10000000),
             "--window": (1, 1000000), "--connecting": (1, 1000000), "--threads": (1, 256), "--rounds": (1, 1000),
             "--body": (50, 64 << 20), "--pid": (1, 1 << 22), "--user": (1, 2**63 - 1),
             "--first-room": (0, 2**63 - 1)}

    def test_a_whole_number_is_told_with_its_name_and_what_is_allowed(self):
        for name, (least, most) in self.WHOLE.items():
            for value in ("-1", str(least - 1), str(most + 1), "many", "1.5", "1e3", "18446744073709551617"):
                with self.subTest(name=name, value=value):
                    self.assertIn(f'{name}: "{value}": expected a whole number from {least} to {most}\n',
                                  self.refused("fan-out", f"{name}={value}"))

    def test_a_rate_is_told_with_its_name_and_what_is_allowed(self):
        for name in ("--rate", "--connects-per-second"):
            for value in ("-5", "fast", "inf", "nan", "1e-9", "1e10"):
                with self.subTest(name=name, value=value):
                    self.assertIn(f'{name}: "{value}": expected a number from 0.001 to 1000000000, or 0\n',
                                  self.refused("fan-out", name, value))

    def test_a_time_is_told_with_its_name_and_what_is_allowed(self):
        for name in ("--duration", "--warm-up", "--patience", "--heart-beat", "--connect-timeout"):
            for value in ("5 parsecs", "-1", "1001 h", "99999999999999999999999 s", "soon"):
                with self.subTest(name=name, value=value):
                    self.assertIn(f'{name}: "{value}": expected a time such as 5 s',
                                  self.refused("fan-out", name, value))
        self.assertIn('--duration: "0": expected 1 ms at least', self.refused("fan-out", "--duration", "0"))
        # What the clients would round away.
        for value in ("0", "0.5 s", "1.9 s", "1500 ms"):
            self.assertIn(f'--connect-timeout: "{value}": expected a multiple of 1000 ms, 1000 ms at least',
                          self.refused("idle", "--connect-timeout", value))
        for value in ("0.4 ms", "1.5 ms", "0.0001 s"):
            self.assertIn(f'--heart-beat: "{value}": expected a multiple of 1 ms',
                          self.refused("idle", "--heart-beat", value))

    def test_more_clients_than_any_machine_holds_are_refused(self):
        self.assertIn("1000001000000 clients: 10000000 at most",
                      self.refused("fan-out", "--rooms", 1000000, "--subscribers", 1000000))
        self.assertIn("1000000000 streams", self.refused("fan-out", "--subscribers", 100000, "--publishers", 10000))

    def test_the_same_of_a_file(self):
        path = self.folder / "run.toml"
        path.write_text('scenario = "fan-out"\nrooms = -1\n', encoding="utf-8")
        self.assertIn(f'{path}:2: rooms: "-1": expected a whole number from 1', self.refused("--file", path))


class Sense(Command):
    def test_version(self):
        done = subprocess.run(self.command("--version"), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^stampede-bench \d+\.\d+\.\d+\n$")

    def test_what_makes_no_sense_is_told(self):
        for arguments, told in (
                (("fan-out", "--profile", "nonsense", "--target", "name=a"), '"nonsense": expected a profile: stampede'),
                (("fan-out", "--target", "name=a;pid=-1"), "--target: "),
                (("direct", "--stored"), "direct messages need users of their own"),
                (("compare", "fan-out", "--target", "name=a"), "compare needs two targets at least"),
                (("compare", "fan-out"), "compare needs two targets at least"),
                (("compare", "fan-out", "--target", "name=a;", "--target", "name=b;", "--target", "name=a;profile=rabbitmq"),
                 'two targets are called "a"'),
                (("compare", "fan-out", "--target", "url=ws://a/ws", "--target", "url=ws://b/ws"),
                 'two targets are called "stampede"'),
                (("fan-out", "--markdown", "a.md"), "--markdown is for compare"),
                (("fan-out", "--rate", 5, "--step", "5/s for 1 s"), "--rate and --step exclude each other"),
                (("fan-out", "--duration", "5 s", "--step", "5/s for 1 s"), "--duration is for a --rate or full load")):
            with self.subTest(arguments=arguments):
                self.assertIn(told, self.refused(*arguments))

    def test_addresses_to_connect_from_are_in_digits(self):
        for value in ("foo", "127.0.0", "localhost"):
            self.assertIn(f'--source: "{value}" is no IPv4 or IPv6 address', self.refused("idle", "--source", "::1", "--source", value))

    def test_flags_that_would_change_nothing_are_told(self):
        for arguments, told in (
                (("direct", "--receipts"), "--receipts is for fan-out, resume, slow, chat, not for direct"),
                (("connect", "--stored"), "--stored is for fan-out, direct, resume, slow, chat, not for connect"),
                (("fan-out", "--pairs", 5), "--pairs is for direct, not for fan-out"),
                (("idle", "--window", 5), "--window is for"),
                (("fan-out", "--rounds", 5), "--rounds is for compare"),
                (("fan-out", "--first-room", 5), "--first-room is for chat rooms"),
                (("fan-out", "--login", "a", "--token-file", "b"), "--login and --token-file exclude each other"),
                (("fan-out", "--passcode", "a", "--token-secret-file", "b"), "--passcode and --token-secret-file exclude"),
                (("fan-out", "--token-file", "a", "--token-secret-file", "b"), "--token-file and --token-secret-file"),
                (("fan-out", "--token-claims", "{}"), "--token-claims is for --token-secret-file")):
            with self.subTest(arguments=arguments):
                self.assertIn(told, self.refused(*arguments))
        path = self.folder / "run.toml"
        path.write_text('scenario = "direct"\nturnover = 4\n', encoding="utf-8")
        self.assertIn("--turnover is for chat, not for direct", self.refused("--file", path))

    def test_what_is_off_and_what_the_environment_says_is_no_flag(self):
        mock, path, tokens = self.mock(), self.folder / "run.toml", self.folder / "tokens"
        tokens.write_text("token\n", encoding="utf-8")
        path.write_text('scenario = "direct"\npairs = 1\nrate = 100\nreceipts = false\n', encoding="utf-8")
        found = self.bench("--file", path, "--url", mock.url, "--token-file", tokens, *SHORT,
                           environment={"STAMPEDE_BENCH_LOGIN": "somebody", "STAMPEDE_BENCH_PASSCODE": "secret"})
        self.assertEqual(found.lost, 0)


class Identities(Command):
    def file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def test_claims_that_are_no_object_are_told_before_the_run(self):
        secret = self.file("secret", "x")
        for claims in ("{sub:}", '[{"sub":"1"}]', '{"sub":"{}"}}'):
            with self.subTest(claims=claims):
                self.assertIn(f"--token-claims: {claims} is no JSON object",
                              self.refused("fan-out", "--token-secret-file", secret, "--token-claims", claims))

    def test_clients_that_must_be_different_users_have_a_token_each(self):
        few = self.file("few", "a\nb\nc\nd\ne\nf\ng\nh\n")
        for load in (("direct", "--stored", "--pairs", 5),
                     ("chat", "--rooms", 2, "--subscribers", 5, "--rate", 10)):
            with self.subTest(load=load):
                self.assertIn("--token-file: 8 tokens for 10 clients, which must be different users",
                              self.refused(*load, "--token-file", few))
        # Elsewhere they are taken in turn.
        found = self.bench("direct", "--pairs", 5, "--rate", 200, "--url", self.mock().url, "--token-file", few, *SHORT)
        self.assertEqual((found.lost, found.errors), (0, 0))

    def test_files_that_are_not_there_are_told_before_the_run(self):
        missing = self.folder / "missing"
        for flag in ("--token-file", "--token-secret-file"):
            self.assertIn(f"cannot read {missing}", self.refused("fan-out", flag, missing))


class Processes(Command):
    def ended_child(self):
        """A process that has ended and was not waited for: it is there, and nothing of its memory."""
        child = subprocess.Popen(["true"])
        self.addCleanup(child.wait, PATIENCE)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        return child.pid

    def test_a_process_that_is_not_there_is_told_before_the_run(self):
        child = subprocess.Popen(["true"])
        child.wait(PATIENCE)
        told = f"--pid {child.pid}: there is no such process"
        self.assertIn(told, self.refused("fan-out", "--pid", child.pid))
        self.assertIn(told, self.refused("compare", "fan-out", "--target", "name=a", "--target",
                                         f"name=b;pid={child.pid}"))

    def test_memory_that_may_not_be_read_is_not_zero(self):
        mock, pid, seconds = self.mock(), self.ended_child(), self.folder / "seconds.csv"
        found = self.bench("fan-out", "--url", mock.url, "--pid", pid, "--rate", 100, "--csv", seconds, *SHORT)
        self.assertEqual([one for one in found.json["warnings"] if "memory" in one],
                         [f"the memory of the server's process {pid} may not be read: run the bench as the server's "
                          "user, or as root"])
        self.assertFalse(found.has("pss") or found.has("pss_per_session"))
        self.assertEqual(found.server_cpu, 0)
        self.assertEqual(set(found.json["seconds"]["server_bytes"]), {None})
        with open(seconds, newline="", encoding="utf-8") as lines:
            self.assertEqual({one["server_bytes"] for one in csv.DictReader(lines)}, {""})


class FilesAndFlags(Command):
    def write(self, text):
        path = self.folder / "run.toml"
        path.write_text(f'scenario = "fan-out"\nwarm-up = "0 s"\nsubscribers = 2\n{text}', encoding="utf-8")
        return path

    def test_a_rate_replaces_the_steps_of_a_file(self):
        mock, path = self.mock(), self.write('step = ["100..300/s for 250 ms", "400/s for 250 ms"]\n')
        found = self.bench("--file", path, "--url", mock.url, "--rate", 200, "--duration", "500 ms")
        self.assertEqual(found.json["scenario"], "fan-out 1 x 2, 200/s, 200 bytes")
        self.assertEqual(found.due(), 100)
        found = self.bench("--file", path, "--url", mock.url, "--rate", 0, "--duration", "100 ms")
        self.assertEqual(found.json["scenario"], "fan-out 1 x 2, full load, 200 bytes")

    def test_steps_replace_the_rate_of_a_file(self):
        mock, path = self.mock(), self.write('rate = 5\nduration = "10 min"\n')
        found = self.bench("--file", path, "--url", mock.url, "--step", "200/s for 500 ms")
        self.assertEqual((found.json["measured_seconds"], found.due()), (0.5, 100))

    def test_a_duration_does_not_shorten_steps(self):
        for path, more in ((self.write('step = "5/s for 1 s"\n'), ("--duration", "5 s")),
                           (self.write('step = "5/s for 1 s"\nduration = "5 s"\n'), ())):
            self.assertIn("each --step says how long it lasts", self.refused("--file", path, *more))
        self.assertIn("exclude each other", self.refused("--file", self.write('step = "5/s for 1 s"\nrate = 5\n')))

    def test_a_storm_that_is_not_over_in_its_time_is_no_success(self):
        # Nobody learns that the SUBSCRIBE took effect.
        mock = self.mock("--no-receipt-every", 1)
        storm = ("--file", SCENARIOS / "storm.toml", "--url", mock.url, "--duration", "2 s", "--threads", 2)
        found = self.bench(*storm, "--sessions", 11, status=3)
        self.assertEqual((found.sessions_missing, found.sessions_held, found.sessions_failed, found.errors),
                         (11, 0, 0, 0))
        self.assertIn("sessions_missing == 0", [one["text"] for one in found.json["expectations"] if not one["passed"]])
        self.assertTrue(any("longer --duration" in one for one in found.json["warnings"]))


class WrongFiles(Command):
    def test_what_is_wrong_is_told_with_its_file_line_and_key(self):
        path = self.folder / "run.toml"
        for lines, told in (
                ('foo = 1', '2: foo: no such key'),
                ('help = true', '2: help: no such key'),
                ('file = "other.toml"', '2: file: no such key'),
                ('\n[load]\nrate = 5', '3: load: there are no sections, only keys'),
                ('rate = 5\nrate = 6', '3: not TOML: '),
                ('rooms = 2\nrate = "fast"', '3: rate: "fast": expected a number'),
                ('expect = ["lost == 0", "joy > 3"]', '2: expect: '),
                ('step = ["5/s for 1 s"', '2: not TOML: '),
                ('stored = 3', '2: stored: expected true or false'),
                ('stored = "yes"', '2: stored: expected true or false'),
                ('rooms = [1, 2]', '2: rooms: expected a text or a number'),
                ('rooms = true', '2: rooms: expected a text or a number'),
                ('step = [["5/s for 1 s"]]', '2: step: expected a text, a number, or a list of them'),
                ('step = []', '2: step: expected something in the list'),
                ('duration = 1979-05-27', '2: duration: expected a text or a number'),
                ('rooms = {}', '2: rooms: expected a text or a number'),
                ('patience = "soon"', '2: patience: "soon": expected a time')):
            with self.subTest(lines=lines):
                path.write_text(f'scenario = "fan-out"\n{lines}\n', encoding="utf-8")
                self.assertIn(f"{path}:{told}", self.refused("--file", path))
        path.write_text('scenario = "dance"\n', encoding="utf-8")
        self.assertIn(f'{path}:1: scenario: "dance": expected one of connect', self.refused("--file", path))

    def test_all_that_toml_has_for_a_number_is_taken(self):
        path, mock = self.folder / "run.toml", self.mock()
        path.write_text('# A run.\nscenario = "fan-out"\nrate = 1_000\nsubscribers = 0x2\nwarm-up = 0.1\nduration = """500 ms"""\n'
                        'header = ["a: b", "c: #d"]\nreceipts = true\npatience = "5 s"\n', encoding="utf-8")
        found = self.bench("--file", path, "--url", mock.url)
        self.assertEqual(found.json["scenario"], "fan-out 1 x 2, 1000/s, 200 bytes")
        self.assertEqual(found.receipts_missing, 0)


class Outputs(Command):
    LOAD = ("fan-out", "--subscribers", 2, "--rate", 100, *SHORT)

    def run_it(self, *arguments, **more):
        return subprocess.run(self.command(*self.LOAD, "--quiet", *arguments), stderr=subprocess.PIPE, text=True,
                              timeout=PATIENCE, check=False, **{"stdout": subprocess.PIPE, **more})

    def test_a_file_that_cannot_be_written_is_told_before_the_run(self):
        for path, why in (("/nonexistent/x", "No such file or directory"), (self.folder, "Is a directory")):
            for flag in ("--json", "--csv", "--figures-csv", "--html"):
                self.assertIn(f"stampede-bench: {flag}: cannot write {path}: {why}\n", self.refused(*self.LOAD, flag, path))

    def test_trying_a_file_leaves_it_as_it_was(self):
        kept, new = self.folder / "kept.json", self.folder / "new.html"
        kept.write_text("of another run", encoding="utf-8")
        self.refused(*self.LOAD, "--json", kept, "--html", new, "--csv", "/nonexistent/x")
        self.assertEqual(kept.read_text(encoding="utf-8"), "of another run")
        self.assertFalse(new.exists())

    def test_trying_a_link_leaves_it_and_no_file(self):
        link, target = self.folder / "latest.json", self.folder / "run.json"
        link.symlink_to(target.name)
        self.refused(*self.LOAD, "--json", link, "--csv", "/nonexistent/x")
        self.assertTrue(link.is_symlink())
        self.assertFalse(target.exists())

    def test_two_outputs_of_one_file_are_told(self):
        path = self.folder / "f"
        again = self.folder / ".." / self.folder.name / "f"
        for one, other in ((path, path), (path, again)):
            self.assertIn("--json and --csv are the same file", self.refused(*self.LOAD, "--json", one, "--csv", other))
        path.write_text("", encoding="utf-8")
        link = self.folder / "link"
        link.symlink_to(path)
        self.assertIn("--json and --csv are the same file", self.refused(*self.LOAD, "--json", path, "--csv", link))

    def test_a_file_that_fails_does_not_lose_the_others(self):
        page, seconds = self.folder / "ok.html", self.folder / "ok.csv"
        done = self.run_it("--url", self.mock().url, "--json", "/dev/full", "--csv", seconds, "--html", page)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("--json: cannot write /dev/full: No space left on device", done.stderr)
        self.assertIn("<html", page.read_text(encoding="utf-8"))
        self.assertIn("delivered_rate", seconds.read_text(encoding="utf-8"))

    def test_a_table_that_nobody_gets_is_no_success(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            page = self.folder / "ok.html"
            done = self.run_it("--url", self.mock().url, "--html", page, stdout=full)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("cannot write to standard output: No space left on device", done.stderr)
            self.assertIn("<html", page.read_text(encoding="utf-8"))
            done = subprocess.run(self.command("--version"), stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
            self.assertEqual(done.returncode, 1, done.stderr)


class Doubts(BenchTest):
    # More than any machine sends: it is late from the first moment on.
    IMPOSSIBLE = ("--rate", 20000000, "--warm-up", "0 s", "--duration", "100 ms", "--subscribers", 0, "--body", 50)

    def test_a_rate_that_no_machine_can_send_is_told(self):
        found = self.bench("fan-out", "--url", self.mock().url, *self.IMPOSSIBLE)
        self.assertEqual(found.due(), 2000000)
        self.assertTrue(any("of the messages more than" in one for one in found.json["warnings"]),
                        found.json["warnings"])


if __name__ == "__main__":
    unittest.main()
