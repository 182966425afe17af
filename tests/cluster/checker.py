"""Decides from recorded facts whether a cluster kept its promises. Pure: no sockets, no clock, no code of the product.

The promises (docs/guarantees.md): what got its RECEIPT is stored and reaches every subscriber that stayed or resumed, in the
order of seq, without a gap, once; what got only errors is not stored; a key is stored once; programs outside see each
stored message at least once.
"""
import collections
import dataclasses

RECEIPT, ERROR, UNKNOWN = "receipt", "error", "unknown"
DOUBT = "doubt"  # the code store_in_doubt: the node itself cannot know


@dataclasses.dataclass(frozen=True)
class Send:
    """A message that somebody wanted to send: one idempotency key, and how each attempt ended."""
    room: int
    key: str
    content: str
    outcomes: tuple

    @property
    def acknowledged(self):
        return RECEIPT in self.outcomes

    @property
    def refused(self):
        """Nothing but errors: after an attempt whose end is unknown, or in doubt, it may be stored."""
        return bool(self.outcomes) and set(self.outcomes) == {ERROR}

    @property
    def in_doubt(self):
        return DOUBT in self.outcomes and not self.acknowledged


@dataclasses.dataclass(frozen=True)
class Stored:
    room: int
    seq: int
    message: int
    content: str
    key: str | None


@dataclasses.dataclass(frozen=True)
class Received:
    room: int
    seq: int
    message: int
    content: str
    at: float = 0.0


@dataclasses.dataclass
class Interval:
    """One SUBSCRIBE: the x-last-seq that it carried, and what came until it ended."""
    last_seq: int
    received: list


@dataclasses.dataclass
class Subscription:
    """What one subscriber got of one room. `stayed`: it was there at the end, having resumed behind what it had each time."""
    subscriber: str
    room: int
    intervals: list
    stayed: bool = True


@dataclasses.dataclass(frozen=True, order=True)
class Violation:
    rule: str
    who: str
    room: int
    seq: int
    what: str

    def __str__(self):
        return f"{self.rule}: {self.who} room {self.room} seq {self.seq}: {self.what}"


def check(sends, stored, subscriptions, outside=None):
    """The violations. `outside`: the message ids that programs outside saw; None when nobody listened."""
    found = [*_check_store(sends, stored)]
    truth = {(each.room, each.seq): each for each in stored}
    acknowledged = {(each.room, each.key) for each in sends if each.acknowledged}
    last = collections.defaultdict(int)
    for each in stored:
        last[each.room] = max(last[each.room], each.seq)
    for subscription in subscriptions:
        found += _check_order(subscription)
        found += _check_truth(subscription, truth)
        if subscription.stayed:
            found += _check_complete(subscription, truth, acknowledged, last[subscription.room])
    if outside is not None:
        seen = set(outside)
        found += [Violation("not seen outside", "outside", each.room, each.seq, f"message {each.message}")
                  for each in stored if each.message not in seen]
    return sorted(set(found))


def _check_store(sends, stored):
    keys = collections.defaultdict(list)
    for each in stored:
        if each.key is not None:
            keys[each.room, each.key].append(each)
    for (room, key), rows in keys.items():
        for extra in rows[1:]:
            yield Violation("stored twice", "store", room, extra.seq, f"key {key}")
    for send in sends:
        rows = keys.get((send.room, send.key), [])
        if send.acknowledged and not rows:
            yield Violation("acknowledged and not stored", "store", send.room, 0, f"key {send.key}")
        if send.refused and rows:
            yield Violation("refused and stored", "store", send.room, rows[0].seq, f"key {send.key}")
        for row in rows:
            if row.content != send.content:
                yield Violation("other content", "store", send.room, row.seq, f"{row.content!r} for {send.content!r}")
    seqs = collections.defaultdict(list)
    for each in stored:
        seqs[each.room].append(each.seq)
    for room, numbers in seqs.items():
        expected = 1
        for number in sorted(numbers):
            if number != expected:
                yield Violation("seq of the store", "store", room, number, f"expected {expected}")
            expected = number + 1


def _check_order(subscription):
    """Each interval goes on exactly behind its x-last-seq, one by one; over all of them no message comes twice."""
    who, room = subscription.subscriber, subscription.room
    messages = set()
    have = None
    for interval in subscription.intervals:
        if have is not None and interval.last_seq != have:
            yield Violation("resumed elsewhere", who, room, interval.last_seq, f"had {have}")
        have = interval.last_seq
        for got in interval.received:
            if got.message in messages:
                yield Violation("double", who, room, got.seq, f"message {got.message}")
                have = max(have, got.seq)
                continue
            messages.add(got.message)
            if got.seq > have + 1:
                yield Violation("gap", who, room, got.seq, f"behind {have}")
            elif got.seq <= have:
                yield Violation("out of order", who, room, got.seq, f"behind {have}")
            have = max(have, got.seq)


def _check_truth(subscription, truth):
    for interval in subscription.intervals:
        for got in interval.received:
            row = truth.get((got.room, got.seq))
            if got.room != subscription.room:
                yield Violation("wrong room", subscription.subscriber, subscription.room, got.seq, f"of room {got.room}")
            elif row is None:
                yield Violation("delivered and not stored", subscription.subscriber, got.room, got.seq, f"message {got.message}")
            elif (row.message, row.content) != (got.message, got.content):
                yield Violation("not as stored", subscription.subscriber, got.room, got.seq,
                                f"({got.message}, {got.content!r}) for ({row.message}, {row.content!r})")


def _check_complete(subscription, truth, acknowledged, last):
    if not subscription.intervals:
        yield Violation("never subscribed", subscription.subscriber, subscription.room, 0, "")
        return
    seen = {got.seq for interval in subscription.intervals for got in interval.received}
    for seq in range(subscription.intervals[0].last_seq + 1, last + 1):
        row = truth.get((subscription.room, seq))
        if seq in seen or row is None:
            continue
        rule = "lost" if (row.room, row.key) in acknowledged else "missing"
        yield Violation(rule, subscription.subscriber, row.room, seq, f"message {row.message}")
