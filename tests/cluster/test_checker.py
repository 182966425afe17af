"""The checker, with faults put in on purpose: each is reported, exactly, and nothing else is."""
import dataclasses
import unittest

from checker import DOUBT, ERROR, RECEIPT, UNKNOWN, Interval, Received, Send, Stored, Subscription, check

ROOM = 7


def rules(violations):
    return [(each.rule, each.who, each.seq) for each in violations]


class Checker(unittest.TestCase):
    def setUp(self):
        self.stored = [Stored(ROOM, 1, 101, "", None)]  # somebody joined
        self.stored += [Stored(ROOM, seq, 100 + seq, f"text {seq}", f"key {seq}") for seq in range(2, 11)]
        self.sends = [Send(ROOM, row.key, row.content, (RECEIPT,)) for row in self.stored if row.key]
        self.sends += [Send(ROOM, "refused", "no", (ERROR, ERROR)), Send(ROOM, "lost with its node", "?", (UNKNOWN,)),
                       Send(ROOM, "not asked", "", ())]
        self.first, self.second = self.received(1, 6), self.received(7, 10)
        self.subscriptions = [Subscription("resumed", ROOM, [Interval(0, self.first), Interval(6, self.second)]),
                              Subscription("late", ROOM, [Interval(4, self.received(5, 10))]),
                              Subscription("gone", ROOM, [Interval(0, self.received(1, 3))], stayed=False)]
        self.outside = [row.message for row in self.stored] * 2  # at least once

    @staticmethod
    def as_received(row):
        return Received(row.room, row.seq, row.message, row.content)

    def received(self, first, last):
        return [self.as_received(row) for row in self.stored if first <= row.seq <= last]

    def found(self):
        return rules(check(self.sends, self.stored, self.subscriptions, self.outside))

    def test_a_good_run_has_no_violations(self):
        self.assertEqual(self.found(), [])

    def test_a_lost_message_is_told_from_one_nobody_was_promised(self):
        del self.second[-1]
        self.assertEqual(self.found(), [("lost", "resumed", 10)])
        self.sends = [dataclasses.replace(each, outcomes=(UNKNOWN,)) if each.key == "key 10" else each for each in self.sends]
        self.assertEqual(self.found(), [("missing", "resumed", 10)])

    def test_a_loss_in_the_middle_is_also_a_gap(self):
        del self.first[2]
        self.assertEqual(self.found(), [("gap", "resumed", 4), ("lost", "resumed", 3)])

    def test_a_loss_between_two_intervals_is_seen(self):
        del self.second[0]
        self.assertEqual(self.found(), [("gap", "resumed", 8), ("lost", "resumed", 7)])

    def test_a_double_in_one_interval_is_seen(self):
        self.first.insert(3, self.first[2])
        self.assertEqual(self.found(), [("double", "resumed", 3)])

    def test_a_double_over_two_intervals_is_seen(self):
        self.second.insert(0, self.first[-1])
        self.assertEqual(self.found(), [("double", "resumed", 6)])

    def test_a_message_that_comes_again_under_another_id_is_seen(self):
        self.first.append(dataclasses.replace(self.first[-1], message=999))
        self.assertEqual(self.found(), [("not as stored", "resumed", 6), ("out of order", "resumed", 6)])

    def test_a_wrong_order_is_seen(self):
        self.first[2], self.first[3] = self.first[3], self.first[2]
        self.assertEqual(self.found(), [("gap", "resumed", 4), ("out of order", "resumed", 3)])

    def test_a_subscriber_that_left_is_owed_order_but_not_the_rest(self):
        self.subscriptions[2].intervals[0].received.reverse()
        self.assertEqual({rule for rule, who, _ in self.found() if who == "gone"}, {"gap", "out of order"})

    def test_an_acknowledged_message_that_is_not_stored_is_seen(self):
        self.sends.append(Send(ROOM, "vanished", "x", (UNKNOWN, RECEIPT)))
        self.assertEqual(self.found(), [("acknowledged and not stored", "store", 0)])

    def test_a_refused_message_that_is_stored_is_seen(self):
        self.sends[0] = dataclasses.replace(self.sends[0], outcomes=(ERROR,))
        self.assertEqual(self.found(), [("refused and stored", "store", 2)])

    def test_after_an_unknown_attempt_an_error_promises_nothing(self):
        self.sends[0] = dataclasses.replace(self.sends[0], outcomes=(UNKNOWN, ERROR))
        self.assertEqual(self.found(), [])

    def test_what_is_in_doubt_may_be_stored_or_not(self):
        self.sends[0] = dataclasses.replace(self.sends[0], outcomes=(ERROR, DOUBT, ERROR))
        self.sends.append(Send(ROOM, "doubtful", "?", (DOUBT,)))
        self.assertEqual(self.found(), [])

    def test_a_key_that_is_stored_twice_is_seen(self):
        again = Stored(ROOM, 11, 111, "text 10", "key 10")
        self.stored.append(again)
        self.outside.append(again.message)
        for subscription in self.subscriptions[:2]:
            subscription.intervals[-1].received.append(self.as_received(again))
        self.assertEqual(self.found(), [("stored twice", "store", 11)])

    def test_a_hole_in_the_store_is_seen(self):
        del self.stored[4]
        self.assertIn(("seq of the store", "store", 6), self.found())

    def test_another_content_is_seen(self):
        self.stored[4] = dataclasses.replace(self.stored[4], content="changed")
        self.assertEqual(self.found(), [
            ("not as stored", "late", 5), ("not as stored", "resumed", 5), ("other content", "store", 5)])

    def test_what_is_delivered_and_not_stored_is_seen(self):
        self.second.append(Received(ROOM, 11, 111, "phantom"))
        self.assertEqual(self.found(), [("delivered and not stored", "resumed", 11)])

    def test_a_message_of_another_room_is_seen(self):
        self.second[-1] = dataclasses.replace(self.second[-1], room=8)
        self.assertEqual(self.found(), [("wrong room", "resumed", 10)])

    def test_a_message_that_nobody_outside_saw_is_reported_unless_nobody_listened(self):
        self.outside = [message for message in self.outside if message != 105]
        self.assertEqual(self.found(), [("not seen outside", "outside", 5)])
        self.outside = None
        self.assertEqual(self.found(), [])

    def test_a_test_that_resumes_wrongly_is_told(self):
        self.subscriptions[0].intervals[1].last_seq = 5
        self.second.insert(0, self.first[-1])
        self.assertEqual(self.found(), [("double", "resumed", 6), ("resumed elsewhere", "resumed", 5)])


if __name__ == "__main__":
    unittest.main()
