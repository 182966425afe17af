"""How bench/peers.py is told of a server that somebody else started, and how it writes down what it found."""
import argparse
import contextlib
import io
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import peers  # noqa: E402
from peer_set import results, runs, threads  # noqa: E402


class GivenPeers(unittest.TestCase):
    def test_what_is_given_goes_to_the_bench(self):
        peer = peers.Peer("url=ws://127.0.0.1:18080/stomp; profile=spring;pid=17")
        self.assertEqual((peer.title, peer.scheme), ("spring", "ws"))
        self.assertEqual(peer.target, "name=spring;profile=spring;url=ws://127.0.0.1:18080/stomp;pid=17")
        self.assertEqual(peer.options, ["--profile", "spring", "--url", "ws://127.0.0.1:18080/stomp", "--pid", "17"])

    def test_it_may_have_a_name_several_addresses_and_processes_and_a_login(self):
        peer = peers.Peer("name=Spring 5;profile=spring;url=sockjs://a/s;url=sockjs://b/s;pid=1;pid=2;login={};passcode=p")
        self.assertEqual((peer.title, peer.scheme), ("Spring 5", "sockjs"))
        self.assertEqual(peer.target, "name=Spring 5;profile=spring;url=sockjs://a/s;url=sockjs://b/s;pid=1;pid=2;login={};passcode=p")
        self.assertEqual(peer.options[-4:], ["--login", "{}", "--passcode", "p"])

    def test_what_makes_no_sense_is_refused(self):
        good = "profile=spring;url=ws://h/s;pid=1"
        for text, told in (("", "KEY=VALUE"), ("spring", "KEY=VALUE"), (good + ";colour=red", "colour"), (good + ";login=", "login"),
                           (good + ";profile=rabbitmq", "twice"), ("profile=spring;pid=1", '"url" is missing'),
                           ("url=ws://h/s;pid=1", '"profile" is missing'), ("profile=spring;url=ws://h/s", '"pid" is missing'),
                           ("profile=spring;url=ws://h/s;pid=java", "number"), ("profile=spring;url=ws://h/s;pid=0", "number"),
                           ("profile=spring;url=http://h/s;pid=1", "ws://"), (good + ";url=sockjs://h/s", "one kind")):
            with self.subTest(text=text), self.assertRaises(argparse.ArgumentTypeError) as caught:
                peers.Peer(text)
            self.assertIn(told, str(caught.exception))

    def test_the_command_line(self):
        chosen = peers.command_line().parse_args(["--peer", "profile=spring;url=ws://h/s;pid=1", "--only", "fan-out"])
        self.assertEqual((chosen.peer.title, chosen.only), ("spring", "fan-out"))
        self.assertIsNone(peers.command_line().parse_args([]).peer)
        told = io.StringIO()
        with contextlib.redirect_stderr(told), self.assertRaises(SystemExit) as caught:
            peers.command_line().parse_args(["--peer", "profile=spring"])
        self.assertEqual(caught.exception.code, 2)
        self.assertIn("is missing", told.getvalue())

    def test_chapters_that_are_not_there(self):
        for words in (["--only", "dance"], ["--peer", "profile=spring;url=ws://h/s;pid=1", "--only", "activemq"]):
            told = io.StringIO()
            with self.subTest(words=words), contextlib.redirect_stderr(told), self.assertRaises(SystemExit) as caught:
                peers.main(words)
            self.assertEqual(caught.exception.code, 2)
            self.assertIn("no chapter", told.getvalue())


class Results(unittest.TestCase):
    FILE = "# Measured\n\n<!-- a -->\n\n## A\n\nold\n\n<!-- end of a -->\n\n<!-- b -->\n\n## B\n\n<!-- end of b -->\n\n## By hand\n"

    def test_a_chapter_takes_its_old_ones_place(self):
        self.assertEqual(results.with_chapter(self.FILE, "a", "## A\n\nnew\n"), self.FILE.replace("old", "new"))

    def test_a_new_one_stands_behind_all_others_and_before_what_is_written_by_hand(self):
        self.assertEqual(results.with_chapter(self.FILE, "a, Spring", "## C\n"), self.FILE.replace(
            "## By hand", "<!-- a, Spring -->\n\n## C\n\n<!-- end of a, Spring -->\n\n## By hand"))
        self.assertEqual(results.with_chapter("# M\n", "a", "## A\n"), "# M\n\n<!-- a -->\n\n## A\n\n<!-- end of a -->\n")

    def test_a_chapter_without_an_end_is_not_guessed_at(self):
        with self.assertRaises(SystemExit):
            results.with_chapter("<!-- a -->\n## A\n", "a", "## A\n")

    def test_the_file_has_a_place_for_every_chapter(self):
        text = results.RESULTS.read_text()
        for word in (*peers.COMPARED, *peers.ALONE):
            self.assertEqual([text.count(mark) for mark in results.marks(word)], [1, 1], word)

    def test_a_chapter_says_how_it_was_measured(self):
        self.assertEqual(results.headed("## A\n\ntext\n", "bench/peers.py --only a", "today."),
                         "## A\n\n    bench/peers.py --only a\n\ntoday.\n\ntext\n")

    def test_runs_that_differ_in_their_load_have_pages_of_their_own(self):
        self.assertEqual(runs.page_name(["fan-out", "--url", "ws://h:1/ws", "--pid", 7, "--rooms", 1, "--duration", "2 s", "--stored"]),
                         "fan-out-rooms-1-stored")
        self.assertNotEqual(runs.page_name(["fan-out", "--rate", 2000]), runs.page_name(["fan-out"]))

    def test_the_shards_part_is_of_what_was_used_meanwhile_by_whichever_threads(self):
        before = {("1", "shard-0"): 1, ("2", "shard-1"): 5, ("3", "writer"): 7}
        after = {("1", "shard-0"): 2, ("2", "shard-1"): 6, ("3", "writer"): 8.5, ("4", "store-0"): 0.5}
        self.assertEqual(threads.share_of_shards(before, after), 0.5)

    def test_a_process_has_threads_and_each_has_used_something(self):
        used = threads.cpu_of_threads(os.getpid())
        self.assertIn(str(os.getpid()), [task for task, _ in used])
        self.assertGreater(sum(used.values()), 0)

    def test_a_spread_is_the_median_between_the_least_and_the_most(self):
        self.assertEqual(runs.spread([3, 1, 2]), "2.00 (1.00 to 3.00)")
        self.assertEqual(runs.spread([4, 1], 1), "2.5 (1.0 to 4.0)")


if __name__ == "__main__":
    unittest.main()
