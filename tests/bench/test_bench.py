"""stampede-bench against a server that does wrong on purpose: it must report exactly what the server says it did."""
import json
import signal
import socket
import subprocess
import time
import unittest

from bench_support import PATIENCE, PRECISION, ROOT, BenchTest, wait_for_line

# Who misses something waits for as long as the patience; a busy machine is not to make it a loss.
SHORT = ("--warm-up", "100 ms", "--duration", "500 ms", "--patience", "5 s")
# For what is counted when it is done, and not when it was due: longer than a busy machine stands still.
LONG = ("--warm-up", "100 ms", "--duration", "3 s", "--patience", "5 s")
# One publisher per room: a message's successor is its publisher's.
ROOMS = ("--rooms", 2, "--subscribers", 3, "--rate", 400, *SHORT)


class Faults(BenchTest):
    def fan_out(self, *faults, more=(), threads=1):
        mock = self.mock(*faults)
        found = self.bench("fan-out", "--url", mock.url, *ROOMS, "--threads", threads, *more)
        done = mock.account()
        self.assertEqual(found.counts()["arrived"], done["delivered"])
        return found, done

    def counts_are(self, found, lost=0, duplicates=0, out_of_order=0):
        self.assertEqual((found.lost, found.duplicates, found.out_of_order), (lost, duplicates, out_of_order))

    def test_a_server_without_faults_has_none(self):
        found, done = self.fan_out(more=["--receipts"])
        self.counts_are(found)
        self.assertEqual((found.errors, found.receipts_missing), (0, 0))
        self.assertEqual(found.counts()["expected"], 3 * done["sends"])
        # Neither more nor less than the schedule asks for, in exactly the measured time.
        self.assertEqual((done["sends"], found.due()), (240, 200))
        self.assertEqual((found.json["measured_seconds"], found.offered_rate), (0.5, 400))
        # A busy machine shifts some over the edges: out of it as many as are due while one is late, into it at
        # most the 40 of the warm-up.
        late = found.json["lag"]["max_ns"] / 1e9
        self.assertGreaterEqual(found.sent_rate, (200 - 400 * late - 1) / 0.5)
        self.assertLessEqual(found.sent_rate, 480)

    def test_lost_messages(self):
        found, done = self.fan_out("--lose-every", 7)
        self.assertGreater(done["lost"], 0)
        self.counts_are(found, lost=done["lost"])

    def test_duplicates(self):
        found, done = self.fan_out("--duplicate-every", 7, threads=2)
        self.assertGreater(done["duplicated"], 0)
        self.counts_are(found, duplicates=done["duplicated"])

    def test_a_swap_is_one_late_message(self):
        found, done = self.fan_out("--swap-every", 7)
        self.assertGreater(done["swapped"], 0)
        self.counts_are(found, out_of_order=done["swapped"])

    def test_all_at_once(self):
        found, done = self.fan_out("--lose-every", 11, "--duplicate-every", 7, "--swap-every", 5, threads=2)
        self.counts_are(found, lost=done["lost"], duplicates=done["duplicated"], out_of_order=done["swapped"])

    def test_the_same_of_pairs(self):
        mock = self.mock("--lose-every", 11, "--duplicate-every", 7, "--swap-every", 5)
        found = self.bench("direct", "--url", mock.url, "--pairs", 3, "--rate", 400, *SHORT)
        done = mock.account()
        self.assertGreater(done["swapped"], 0)
        self.counts_are(found, lost=done["lost"], duplicates=done["duplicated"], out_of_order=done["swapped"])

    def test_a_delay_of_all_messages(self):
        found, done = self.fan_out("--delay", 60)
        self.assertEqual(done["delayed"], done["delivered"])
        self.counts_are(found)
        least = found.json["latencies"]["delivery"]["min_ns"] / 1e6
        self.assertGreaterEqual(least, 60)
        self.assertLess(least, 80)  # a busy machine adds to the others
        self.assertGreaterEqual(found.delivery_p50, 60)

    def test_a_delay_of_some_messages(self):
        # By more than a busy machine adds to the others.
        mock = self.mock("--delay-every", 10, "--delay", 5000)
        found = self.bench("fan-out", "--url", mock.url, *ROOMS[:-2], "--patience", "15 s")
        done = mock.account()
        # Of the 120 messages to each of six subscribers; only those due in the measured time, the last 100, have
        # latencies.
        self.assertEqual(done["delayed"], 72)
        self.assertEqual(found.above("delivery", 5000 / PRECISION), 60)
        self.assertGreaterEqual(found.delivery_p99, 5000 / PRECISION)
        self.assertGreaterEqual(found.delivery_max, 5000)

    def test_who_could_send_nothing_has_sent_nothing(self):
        # Its first message, in the warm-up, was the publisher's last.
        mock = self.mock("--error-every", 1)
        found = self.bench("fan-out", "--url", mock.url, "--subscribers", 1, "--rate", 2, "--warm-up", "6 s",
                           "--duration", "500 ms", "--patience", "1 s", "--expect", "sent == 0", "--expect",
                           "delivered_rate == 0")
        self.assertTrue(found.json["passed"])

    def test_dropped_connections(self):
        found, done = self.fan_out("--drop-connection-every", 150)
        self.assertGreater(done["dropped_connections"], 0)
        self.assertEqual(found.json["errors"], {"closed by the server": done["dropped_connections"]})
        # Who was cut off missed everything from there on.
        self.counts_are(found, lost=3 * done["sends"] - done["delivered"])

    def test_a_slow_reader_that_is_closed_is_no_error(self):
        mock = self.mock("--drop-connection-every", 40)
        found = self.bench("slow", "--url", mock.url, *ROOMS[:-2], "--patience", "2 s", "--slow-readers", 4)
        done = mock.account()
        self.assertGreater(found.slow_readers_closed, 0)
        self.assertEqual(found.slow_readers_closed + found.errors, done["dropped_connections"])

    def test_receipts_that_are_missing(self):
        found, done = self.fan_out("--no-receipt-every", 10, more=["--receipts"])
        self.assertGreater(done["receipts_withheld"], 0)
        self.assertEqual(found.receipts_missing, done["receipts_withheld"])
        self.counts_are(found)

    def test_errors_in_answer_to_a_message(self):
        found, done = self.fan_out("--error-every", 50)
        self.assertGreater(done["errors"], 0)
        self.assertEqual(found.json["errors"]["ERROR: an error on purpose"], done["errors"])
        self.assertEqual(found.json["errors"]["closed by the server: 1002 an error on purpose"], done["errors"])
        # What its publisher sent before it learned of the end was not heard any more.
        unheard = found.counts()["expected"] // 3 - done["sends"]
        self.assertGreaterEqual(unheard, 0)
        self.counts_are(found, lost=3 * (done["errors"] + unheard))

    def test_refused_sessions(self):
        mock = self.mock("--refuse-every", 5)
        found = self.bench("connect", "--url", mock.url, "--sessions", 23, "--threads", 2)
        done = mock.account()
        self.assertEqual(done["refused"], 4)
        self.assertEqual((found.sessions_held, found.sessions_failed), (done["connections"], done["refused"]))
        self.assertEqual(found.json["errors"]["ERROR: refused on purpose"], done["refused"])
        self.assertEqual(found.json["latencies"]["connect"]["count"], done["connections"])

    def test_a_stall_is_charged_with_all_that_was_due_meanwhile(self):
        mock = self.mock("--stall-at", 0.5, "--stall", 2000)
        found = self.bench("fan-out", "--url", mock.url, "--subscribers", 1, "--rate", 1000, "--warm-up", "100 ms",
                           "--duration", "3 s")
        self.counts_are(found)
        self.assertGreater(found.delivery_max, 1900)
        # A closed loop would have seen one. One per millisecond was due, and those of the last second waited for less.
        self.assertAlmostEqual(found.above("delivery", 1000), found.delivery_max - 1000, delta=100)

    def test_a_cut_that_comes_late_leaves_nobody_out(self):
        mock = self.mock()
        path = self.folder / "late.json"
        process = subprocess.Popen(
            self.command("resume", "--url", mock.url, "--subscribers", 3, "--rate", 100, "--warm-up", "0 s", "--duration",
                         "4 s", "--json", path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        wait_for_line(process.stderr, "load")
        # From before the cut, which is due after 2 s, until the measured time is over.
        process.send_signal(signal.SIGSTOP)
        time.sleep(4)
        process.send_signal(signal.SIGCONT)
        _, error = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, error)
        self.assertEqual(json.loads(path.read_text(encoding="utf-8"))["latencies"]["resume"]["count"], 3)

    def test_full_load_goes_on_after_lost_messages(self):
        mock = self.mock("--lose-every", 50)
        found = self.bench("fan-out", "--url", mock.url, "--subscribers", 1, "--window", 4, "--warm-up", "0 s",
                           "--duration", "4500 ms", "--patience", "3 s")
        self.counts_are(found, lost=mock.account()["lost"])
        self.assertTrue(any("waited 2 s in vain" in one for one in found.json["warnings"]))


class Scenarios(BenchTest):
    RATE = ("--rate", 300)
    ALL = {
        "connect": ("--sessions", 20),
        "idle": ("--sessions", 20, "--heart-beat", "5 s", *SHORT),
        "fan-out": ("--rooms", 3, "--subscribers", 2, "--publishers", 2, "--receipts", *RATE, *SHORT),
        "direct": ("--pairs", 3, *RATE, *SHORT),
        "churn": ("--connecting", 4, "--connects-per-second", 500, *LONG),
        "resume": ("--rooms", 3, "--subscribers", 3, *RATE, *SHORT),
        "slow": ("--rooms", 2, "--subscribers", 3, "--slow-readers", 2, *RATE, *SHORT),
    }

    def run_all(self, scheme, path, threads):
        for scenario, flags in self.ALL.items():
            with self.subTest(scenario=scenario, scheme=scheme, threads=threads):
                mock = self.mock()
                found = self.bench(scenario, "--url", f"{scheme}://{mock.address}{path}", "--threads", threads, *flags)
                done = mock.account()
                self.assertEqual(found.errors, 0)
                self.check(scenario, found, done)

    def check(self, scenario, found, done):
        if scenario in ("connect", "idle"):
            self.assertEqual((found.sessions_held, found.sessions_failed, done["connections"]), (20, 0, 20))
            self.assertEqual(found.sessions, 20)
        elif scenario == "churn":
            self.assertGreater(found.cycles, 0)
            self.assertLessEqual(found.cycles, done["connections"])
            self.assertGreaterEqual(found.sessions, 1)
            self.assertLessEqual(found.sessions, 4)
            self.assertEqual(found.sessions_failed, 0)
        else:
            self.assertEqual((found.duplicates, found.out_of_order), (0, 0))
            self.assertEqual(found.due(), 150)
            if scenario == "resume":
                # Generic topics are gone for those who are not there.
                self.assertEqual(found.json["latencies"]["resume"]["count"], 9)
                self.assertEqual(done["connections"], 2 * 3 * (3 + 1))
            else:
                self.assertEqual(found.lost, 0)
            if scenario == "direct":
                self.assertEqual(found.json["latencies"]["round_trip"]["count"], 150)

    def test_websocket(self):
        self.run_all("ws", "/ws", 1)

    def test_websocket_with_two_threads(self):
        self.run_all("ws", "/ws", 2)

    def test_sockjs(self):
        self.run_all("sockjs", "/ws", 2)

    def test_stomp(self):
        self.run_all("stomp", "", 1)


class LikeSpring(BenchTest):
    """No RECEIPT but for DISCONNECT, and a SUBSCRIBE takes effect late."""
    SERVER = ("--spring", "--late-subscriptions", 3)
    RATE = ("--rate", 300)

    def run_one(self, scenario, *flags, server=SERVER, scheme="ws", **more):
        mock = self.mock(*server)
        found = self.bench(scenario, "--profile", "spring", "--url", f"{scheme}://{mock.address}/ws", *flags, **more)
        return found, mock.account()

    def good(self, scenario, *flags, scheme="ws"):
        found, done = self.run_one(scenario, *flags, scheme=scheme)
        self.assertEqual(found.errors, 0)
        self.assertEqual(found.json["latencies"].get("subscribe", {"count": 0})["count"], 0)
        return found, done

    def test_sessions(self):
        found, done = self.good("connect", "--sessions", 20)
        self.assertEqual((found.sessions_held, done["connections"]), (20, 20))
        found, _ = self.good("idle", "--sessions", 20, "--heart-beat", "5 s", *SHORT, scheme="sockjs")
        self.assertEqual(found.sessions_held, 20)
        found, done = self.good("churn", "--connecting", 4, "--connects-per-second", 500, *LONG, scheme="sockjs")
        self.assertGreater(found.cycles, 0)
        self.assertEqual(found.sessions_failed, 0)
        # Nobody leaves without asking for the RECEIPT.
        self.assertGreaterEqual(done["receipts"], found.cycles)

    def test_nothing_is_sent_before_all_are_subscribed(self):
        found, _ = self.good("fan-out", "--rooms", 3, "--subscribers", 2, "--publishers", 2, *self.RATE, *SHORT)
        self.assertEqual((found.lost, found.duplicates, found.due()), (0, 0, 150))
        for scheme, flags in (("ws", ()), ("sockjs", ("--user-queues",)),
                              ("ws", ("--user-queues", "--login", "{}", "--threads", 2))):
            with self.subTest(scheme=scheme, flags=flags):
                found, _ = self.good("direct", "--pairs", 3, *flags, *self.RATE, *SHORT, scheme=scheme)
                self.assertEqual((found.lost, found.duplicates), (0, 0))
                self.assertEqual(found.json["latencies"]["round_trip"]["count"], 150)

    def test_who_comes_back_is_seen_by_what_arrives(self):
        found, done = self.good("resume", "--rooms", 3, "--subscribers", 3, *self.RATE, *SHORT)
        self.assertEqual(found.json["latencies"]["resume"]["count"], 9)
        self.assertEqual(done["connections"], 2 * 3 * (3 + 1))

    def test_publishers_may_stay(self):
        found, done = self.good("resume", "--publishers-stay", "--rooms", 3, "--subscribers", 3, *self.RATE, *SHORT)
        self.assertEqual((found.json["latencies"]["resume"]["count"], found.due()), (9, 150))
        self.assertEqual(done["connections"], 3 * (3 + 1) + 9)

    def test_slow_readers_learn_of_their_end(self):
        found, done = self.run_one("slow", *ROOMS[:-2], "--patience", "2 s", "--slow-readers", 4,
                                   server=("--spring", "--drop-connection-every", 40))
        self.assertGreater(found.slow_readers_closed, 0)
        self.assertEqual(found.slow_readers_closed + found.errors, done["dropped_connections"])

    def test_users_without_names_have_no_queues(self):
        found, _ = self.run_one("direct", "--user-queues", *SHORT, server=(), status=1)
        self.assertIn("no user-name", found.error)


class Seconds(BenchTest):
    def rows(self, found):
        columns = found.json["seconds"]
        return [dict(zip(columns, values)) for values in zip(*columns.values())]

    def test_those_of_the_measured_time_add_up(self):
        found = self.bench("fan-out", "--url", self.mock().url, "--rate", 100, "--warm-up", "300 ms", "--duration",
                           "1500 ms")
        rows = self.rows(found)
        measured = [one for one in rows if not one["warm_up"] and not one["settling"]]
        for one, (at, lasted) in zip(measured, ((0.3, 1), (1.3, 0.5)), strict=True):
            self.assertAlmostEqual(one["at"], at)
            self.assertAlmostEqual(one["lasted"], lasted)
        self.assertAlmostEqual(sum(one["sent_rate"] * one["lasted"] for one in measured), found.sent, places=3)
        self.assertAlmostEqual(sum(one["delivered_rate"] * one["lasted"] for one in measured), found.delivered, places=3)
        self.assertEqual([one["at"] for one in rows if one["warm_up"]], [0])
        self.assertTrue(all(one["at"] >= 1.8 - 1e-9 for one in rows if one["settling"]))

    def test_what_a_ramp_asks_for_is_the_mean_of_the_second(self):
        found = self.bench("fan-out", "--url", self.mock().url, "--subscribers", 1, "--step", "0..400/s for 2 s",
                           "--step", "400/s for 500 ms", "--warm-up", "0 s")
        measured = [one["offered_rate"] for one in self.rows(found) if not one["settling"]]
        for one, rate in zip(measured, (100, 300, 400), strict=True):
            self.assertAlmostEqual(one, rate, places=3)
        self.assertAlmostEqual(found.offered_rate, 240)

    def test_a_storm_that_is_over_breaks_its_second_off(self):
        found = self.bench("connect", "--url", self.mock().url, "--sessions", 50, "--threads", 2)
        rows = self.rows(found)
        self.assertAlmostEqual(sum(one["connect_rate"] * one["lasted"] for one in rows), 50, places=3)
        # A thread's last row ends when it has ended, a moment after its load.
        self.assertGreaterEqual(sum(one["lasted"] for one in rows), found.json["measured_seconds"])
        self.assertLess(rows[-1]["lasted"], 1)


class Server(BenchTest):
    SERVER = ("server_cpu", "cpu_per_delivery", "cpu_per_message", "cpu_per_connect", "pss", "pss_per_session")

    def test_a_server_that_ends_in_the_run_has_no_figures(self):
        mock = self.mock()
        path = self.folder / "killed.json"
        process = subprocess.Popen(
            self.command("fan-out", "--url", mock.url, "--pid", mock.process.pid, "--rate", 100, "--warm-up", "0 s",
                         "--duration", "10 min", "--json", path),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        # By the second line something was measured.
        for _ in range(2):
            wait_for_line(process.stderr, "load")
        mock.process.kill()
        mock.process.wait(PATIENCE)
        wait_for_line(process.stderr, "errors")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertIn("has ended", out)
        found = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual([name for name in self.SERVER if name in found["figures"]], [])

    def test_full_load_has_no_schedule_to_be_late_for(self):
        found = self.bench("fan-out", "--url", self.mock().url, "--subscribers", 1, *SHORT)
        self.assertFalse(found.has("lag_p99") or found.has("lag_max") or found.has("offered_rate"))
        self.assertNotIn("lag", found.json)


class View(BenchTest):
    def test_the_wait_for_the_last_messages_is_seen(self):
        mock = self.mock("--lose-every", 10)
        done = subprocess.run(
            self.command("fan-out", "--url", mock.url, *ROOMS[:-2], "--patience", "4 s"), capture_output=True, text=True,
            timeout=PATIENCE, check=False)
        lines = [one for one in done.stderr.splitlines() if one.startswith("settling")]
        self.assertTrue(all(" of 0:04, " in one for one in lines), lines)
        # Once a second of it is over, that is what is shown.
        self.assertNotIn("sent", lines[-1])


class Cpu(BenchTest):
    def test_a_bench_that_cannot_keep_up_has_used_no_more_than_its_threads_could(self):
        found = self.bench("fan-out", "--url", self.mock().url, "--subscribers", 1, "--body", 50, "--rate", 1500000,
                           "--warm-up", "0 s", "--duration", "300 ms", "--patience", "30 s")
        # It goes on sending after it. One thread does that; the other one only looks on.
        self.assertGreater(found.bench_cpu, 0)
        self.assertLess(found.bench_cpu, 1.5)


class CommandLine(BenchTest):
    def refused(self, *arguments):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 2, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stderr

    def test_help(self):
        done = subprocess.run(self.command("--help"), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("--expect", done.stdout)

    def test_wrong_flags_are_told(self):
        for arguments, told in (
                ((), "scenario"),
                (("dance",), "connect, idle, fan-out"),
                (("fan-out", "--frobnicate"), "--frobnicate"),
                (("fan-out", "--rate", "fast"), "--rate"),
                (("fan-out", "--rate", "-5"), "--rate"),
                (("fan-out", "--rate", "inf"), "--rate"),
                (("fan-out", "--rooms", "0"), "--rooms"),
                (("fan-out", "--body", "10"), "--body"),
                (("fan-out", "--threads", "0"), "--threads"),
                (("fan-out", "--duration", "5 parsecs"), "a time such as 5 s"),
                (("fan-out", "--duration", "0"), "--duration"),
                (("fan-out", "--step", "lots"), "RATE/s for TIME"),
                (("fan-out", "--step", "inf/s for 1 s"), "RATE/s for TIME"),
                (("fan-out", "--url", "gopher://x"), "gopher"),
                (("fan-out", "--header", "no colon"), "name: value"),
                (("fan-out", "--expect", "happiness > 3"), "happiness"),
                (("fan-out", "--profile", "none"), "stampede, rabbitmq, spring, activemq"),
                (("fan-out", "--profile", "rabbitmq", "--stored"), "--stored"),
                (("fan-out", "--profile", "spring", "--receipts"), "--receipts"),
                (("fan-out", "--profile", "spring", "--user-queues"), "for direct"),
                (("direct", "--stored", "--user-queues"), "without --stored"),
                (("fan-out", "--publishers-stay"), "for resume"),
                (("direct", "--profile", "rabbitmq", "--user-queues"), "no queues of users"),
                (("fan-out", "--subscribers", "0"), "--receipts"),
                (("chat",), "--rate"),
                (("idle", "--rate", "5"), "--connects-per-second"),
                (("slow", "--subscribers", "5", "--slow-readers", "5"), "--slow-readers"),
                (("fan-out", "--target", "name=a", "--target", "name=b"), "compare"),
                (("compare", "fan-out", "--target", "colour=red"), "token_claims"),
                (("fan-out", "--file", "/does/not/exist.toml"), "/does/not/exist.toml")):
            with self.subTest(arguments=arguments):
                self.assertIn(told, self.refused(*arguments))

    def test_a_server_that_is_not_there(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        url = f"ws://127.0.0.1:{port}/ws"
        found = self.bench("fan-out", "--url", url, status=1)
        self.assertIn("refused", found.error)
        found = self.bench("idle", "--sessions", 3, "--url", url, status=1)
        self.assertIn("3 of 3 sessions", found.error)
        for scenario in ("connect", "churn"):
            found = self.bench(scenario, "--sessions", 3, "--connecting", 3, "--url", url, *SHORT, status=1)
            self.assertIn("connection refused", found.json["errors"])
            self.assertIn("connection refused", found.out)
            self.assertTrue(found.json["failed"])

    def test_a_server_that_refuses_some(self):
        mock = self.mock("--refuse-every", 5)
        found = self.bench("fan-out", "--url", mock.url, status=1)
        self.assertIn("refused on purpose", found.error)

    def test_thresholds(self):
        mock = self.mock("--lose-every", 10)
        found = self.bench("fan-out", "--url", mock.url, *ROOMS, "--expect", "lost == 0", "--expect",
                           "delivered > 0", status=3)
        self.assertEqual([one["passed"] for one in found.json["expectations"]], [False, True])
        self.bench("fan-out", "--url", mock.url, *ROOMS, "--expect", "lost > 0", "--expect", "delivery_p50 < 10 s")

    def test_files_are_written(self):
        mock = self.mock()
        html, csv, figures = (self.folder / name for name in ("a.html", "a.csv", "figures.csv"))
        self.bench("fan-out", "--url", mock.url, *ROOMS, "--html", html, "--csv", csv, "--figures-csv", figures)
        self.assertIn("<html", html.read_text(encoding="utf-8"))
        self.assertTrue(csv.read_text(encoding="utf-8").startswith("at,"))
        self.assertIn("\noffered_rate,400,/s\n", figures.read_text(encoding="utf-8"))

    def test_a_file_that_cannot_be_written(self):
        mock = self.mock()
        found = self.bench("connect", "--sessions", 1, "--url", mock.url, "--html", self.folder / "no" / "such",
                           status=2)
        self.assertIn("cannot write", found.error)

    def test_compare(self):
        quick, slow = self.mock(), self.mock("--delay", 30)
        html, markdown, path = (self.folder / name for name in ("c.html", "c.md", "c.json"))
        done = subprocess.run(
            self.command("compare", "fan-out", *ROOMS, "--rounds", 2, "--quiet", "--json", path, "--html", html,
                         "--markdown", markdown, "--target", f"name=quick;url={quick.url}",
                         "--target", f"name=slow;url={slow.url}"),
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual((found["kind"], found["targets"]), ("comparison", ["quick", "slow"]))
        self.assertEqual([len(one) for one in found["rounds"]], [2, 2])
        latency = found["figures"]["delivery_p50"]
        self.assertGreaterEqual(latency["medians"][1], 30)
        ratios = [slower["figures"]["delivery_p50"]["value"] / quicker["figures"]["delivery_p50"]["value"]
                  for quicker, slower in found["rounds"]]
        self.assertAlmostEqual(latency["ratios"][1]["median"], sum(ratios) / 2, places=4)
        self.assertEqual(latency["ratios"][1]["rounds"], 2)
        self.assertIn("<html", html.read_text(encoding="utf-8"))
        self.assertIn("| quick | slow |", markdown.read_text(encoding="utf-8"))

    def test_an_interrupt_ends_a_run_with_what_was_found(self):
        mock = self.mock()
        path = self.folder / "interrupted.json"
        process = subprocess.Popen(
            self.command("fan-out", "--url", mock.url, "--rate", 100, "--warm-up", "0 s", "--duration", "10 min",
                         "--json", path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        # It tells a line per second; by the second one something was measured.
        for _ in range(2):
            wait_for_line(process.stderr, "load")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 1)
        self.assertIn("stopped before its end", out)
        found = json.loads(path.read_text(encoding="utf-8"))
        self.assertTrue(found["failed"])
        seconds, rate = found["measured_seconds"], found["figures"]["sent_rate"]["value"]
        self.assertLess(seconds, PATIENCE)
        # Of the time that it took, not of ten minutes; a busy machine was late with some.
        self.assertGreater(rate, 10)
        self.assertLessEqual(rate * seconds, 100 * seconds + 1)
        # So is what the schedule asked for.
        self.assertAlmostEqual(found["figures"]["offered_rate"]["value"], 100)


class Files(BenchTest):
    def write(self, text):
        path = self.folder / "run.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def test_a_file_says_what_flags_say_and_a_flag_goes_before_it(self):
        mock = self.mock()
        path = self.write(f'''
scenario = "fan-out"
url = "{mock.url}"
rooms = 2
subscribers = 3
receipts = true
body = 100
warm-up = "100 ms"
step = ["100..300/s for 250 ms", "400/s for 250 ms"]
expect = ["lost == 0", "delivery_max < 10 s"]
''')
        found = self.bench("--file", path)
        self.assertEqual(found.json["scenario"], "fan-out 2 x 3, 100 to 300/s, 400/s, 100 bytes")
        self.assertEqual([one["text"] for one in found.json["expectations"]], ["lost == 0", "delivery_max < 10 s"])
        self.assertEqual(found.due(), 150)
        self.assertEqual(found.counts()["expected"], 480)  # 10 more in the warm-up
        self.assertTrue(found.has("receipt_rate"))
        found = self.bench("--file", path, "--rooms", 1, "--body", 60)
        self.assertEqual(found.json["scenario"], "fan-out 1 x 3, 100 to 300/s, 400/s, 60 bytes")

    def test_an_unknown_key_is_refused(self):
        found = self.bench("--file", self.write('scenario = "idle"\ncolour = "red"\n'), status=2)
        self.assertIn("colour", found.error)

    def test_the_examples_run(self):
        # chat.toml needs chat rooms: test_bench_node.
        for name, less in (("fan-out", ("--rooms", 2, "--warm-up", "0 s", "--step", "200/s for 300 ms")),
                           ("storm", ("--sessions", 20))):
            with self.subTest(name=name):
                mock = self.mock()
                found = self.bench("--file", ROOT / "bench" / "scenarios" / f"{name}.toml", "--url", mock.url, *less)
                self.assertEqual(found.errors, 0)


if __name__ == "__main__":
    unittest.main()
