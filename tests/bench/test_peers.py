"""How bench/peers.py is told of a server that somebody else started."""
import argparse
import contextlib
import io
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import peers  # noqa: E402


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


if __name__ == "__main__":
    unittest.main()
