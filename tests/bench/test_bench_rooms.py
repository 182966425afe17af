"""stampede-bench's account of chat rooms, of servers without receipts, and of addresses, against the mock."""
import unittest

from bench_support import BenchTest

SHORT = ("--warm-up", "100 ms", "--duration", "500 ms", "--patience", "5 s")
# Messages to rooms that are there: 120 to each, of two publishers in turn.
ROOMS = ("--stored", "--first-room", 7, "--rooms", 2, "--subscribers", 3, "--publishers", 2, "--rate", 400, *SHORT)


class Sequences(BenchTest):
    def fan_out(self, *faults, threads=1):
        mock = self.mock(*faults)
        found = self.bench("fan-out", "--url", mock.url, *ROOMS, "--threads", threads)
        done = mock.account()
        self.assertEqual(done["sends"], 240)
        return found, done

    def rooms_are(self, found, lost=0, duplicates=0, out_of_order=0):
        self.assertEqual((found.room_lost, found.room_duplicates, found.room_out_of_order),
                         (lost, duplicates, out_of_order))

    def test_a_room_without_faults_has_none(self):
        found, _ = self.fan_out(threads=2)
        self.rooms_are(found)
        self.assertEqual(found.json["room_sequence"],
                         {"expected": 720, "arrived": 720, "lost": 0, "duplicates": 0, "out_of_order": 0})

    def test_numbers_that_are_left_out_are_lost_in_the_room_and_to_nobody_else(self):
        found, done = self.fan_out("--skip-seq-every", 25)
        self.assertEqual(done["seqs_skipped"], 8)  # 25, 50, 75 and 100 of each
        self.rooms_are(found, lost=24)
        self.assertEqual((found.lost, found.duplicates, found.out_of_order), (0, 0, 0))

    def test_numbers_that_are_given_twice_are_duplicates_in_the_room_and_to_nobody_else(self):
        found, done = self.fan_out("--repeat-seq-every", 50, threads=2)
        self.assertEqual(done["seqs_repeated"], 4)
        self.rooms_are(found, duplicates=12)
        self.assertEqual((found.lost, found.duplicates, found.out_of_order), (0, 0, 0))

    def test_messages_that_are_lost_are_gaps_but_for_a_last_one(self):
        # Number 40, 80 and 120 to each of six; nobody sees that a last one is missing by the room's numbers.
        found, done = self.fan_out("--lose-every", 40)
        self.assertEqual((done["lost"], found.lost), (18, 18))
        self.rooms_are(found, lost=12)

    def test_messages_that_come_twice(self):
        found, done = self.fan_out("--duplicate-every", 40)
        self.assertEqual(done["duplicated"], 18)
        self.rooms_are(found, duplicates=18)
        self.assertEqual(found.duplicates, 18)

    def test_messages_that_change_places(self):
        # A room's order is that of both publishers together, whoever sent the two messages.
        found, done = self.fan_out("--swap-every", 35)
        self.assertEqual(done["swapped"], 18)
        self.rooms_are(found, out_of_order=18)
        self.assertLessEqual(found.out_of_order, 18)


class Day(BenchTest):
    """People who leave rooms and come back: what they miss is not lost, and nobody else misses anything."""
    # 20 people in two rooms, 400 actions; at most two are away.
    SHAPE = ("chat", "--first-room", 7, "--rooms", 2, "--subscribers", 10, "--rate", 400, "--warm-up", "0 s",
             "--duration", "1 s", "--patience", "5 s")
    OWN_USERS = ("--login", "{}", "--passcode", "x")

    def day(self, *arguments, faults=()):
        mock = self.mock(*faults)
        found = self.bench(*self.SHAPE, *arguments, "--url", mock.url)
        return found, mock.account()

    def nothing_is_lost(self, found):
        self.assertEqual((found.lost, found.duplicates, found.out_of_order, found.errors, found.receipts_missing),
                         (0, 0, 0, 0, 0), found.json["errors"])
        self.assertEqual((found.room_lost, found.room_duplicates, found.room_out_of_order), (0, 0, 0))

    def test_members_leave_and_join_again(self):
        found, done = self.day("--turnover", 20, *self.OWN_USERS)
        self.nothing_is_lost(found)
        # All 20 join at first. Of the 80 that come or go, some do neither on a machine that is slow to answer.
        self.assertEqual((done["leaves"], done["joins"]), (found.leaves, 20 + found.joins))
        self.assertEqual((done["unsubscribes"], done["subscribes"]), (found.leaves, 20 + found.joins))
        self.assertTrue(0 < found.leaves + found.joins <= 80)
        self.assertTrue(0 <= found.leaves - found.joins <= 2)
        # Of the other 320 actions the shares are as ever.
        self.assertEqual((found.due(), found.json["latencies"]["history"]["count"]), self.others(320))
        # Who was away is not owed what was said meanwhile.
        self.assertLess(found.counts()["expected"], 10 * found.due())
        self.assertEqual(found.counts()["expected"], found.counts()["arrived"])

    @staticmethod
    def others(actions):
        kinds = [(action + action // 100) * 37 % 100 for action in range(actions)]
        return sum(kind < 60 for kind in kinds), sum(kind >= 95 for kind in kinds)

    def test_one_user_for_all_subscribes_and_unsubscribes(self):
        found, done = self.day("--turnover", 20, "--threads", 2)
        self.nothing_is_lost(found)
        self.assertEqual((done["leaves"], done["joins"]), (0, 0))
        self.assertEqual((done["unsubscribes"], done["subscribes"]), (found.leaves, 20 + found.joins))
        self.assertGreater(found.leaves, 0)

    def test_without_turnover_everybody_stays(self):
        found, done = self.day("--turnover", 0, *self.OWN_USERS)
        self.nothing_is_lost(found)
        self.assertEqual((found.leaves, found.joins, done["leaves"]), (0, 0, 0))
        self.assertEqual((found.due(), found.counts()["arrived"]), (240, 2400))

    def test_what_is_lost_to_those_who_are_there_is_told(self):
        found, done = self.day("--turnover", 0, faults=("--lose-every", 20))
        self.assertEqual((done["lost"], found.lost), (120, 120))  # 120 messages to each of 20

    def test_a_leaving_that_is_not_answered_is_told(self):
        # Of the receipts the first 40 are for joining and subscribing; nothing is answered from the 41st on.
        found, done = self.day("--turnover", 20, *self.OWN_USERS, faults=("--no-receipt-from", 41))
        self.assertEqual((found.leaves, found.joins), (2, 2))
        self.assertEqual(found.receipts_missing, done["receipts_withheld"])


class WithoutReceipts(BenchTest):
    def test_probes_find_out_when_subscriptions_take_effect(self):
        # It answers no receipt, and a SUBSCRIBE takes effect when three messages have gone by.
        mock = self.mock("--no-receipt-every", 1, "--late-subscriptions", 3)
        found = self.bench("fan-out", "--profile", "spring", "--url", mock.url, "--rooms", 2, "--subscribers", 3,
                           "--publishers", 2, "--rate", 400, "--threads", 2, *SHORT)
        done = mock.account()
        self.assertEqual((found.lost, found.duplicates, found.out_of_order, found.errors), (0, 0, 0, 0))
        self.assertEqual((found.due(), found.counts()["expected"], found.counts()["arrived"]), (200, 720, 720))
        # It asked for none, missed what it had to, and the rest of what it sent were probes.
        self.assertEqual((done["receipts"], done["receipts_withheld"], done["missed"]), (0, 0, 18))
        self.assertGreaterEqual(done["sends"], 240 + 2 * 4)


class Addresses(BenchTest):
    def test_clients_come_from_each_address_in_turn(self):
        mock = self.mock()
        found = self.bench("fan-out", "--url", mock.url, "--rooms", 2, "--subscribers", 3, "--rate", 100, "--source",
                           "127.0.0.2", "--source", "127.0.0.3", *SHORT)
        self.assertEqual((found.lost, found.errors), (0, 0))
        self.assertEqual(mock.account()["connections_from"], {"127.0.0.2": 4, "127.0.0.3": 4})


if __name__ == "__main__":
    unittest.main()
