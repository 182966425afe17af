"""Who is there, on two nodes: presence through real sessions, the sessions of a user, and what is left of both when a node or Redis dies."""
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts/support"), str(HERE.parent / "node"), str(HERE)]

from cluster import Cluster  # noqa: E402
from support import Client, Node, chat_body  # noqa: E402

PATIENCE = 60
# Longer than a busy machine stands still: a Redis that is only slow is not away.
os.environ["STAMPEDE_REDIS__TIMEOUT"] = "10 s"
PRESENCE = """
[chat]
presence = true
"""


class TwoNodes(unittest.TestCase):
    user = 1000

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-who-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.cluster = Cluster(cls.folder, 2, balanced=False, more=PRESENCE)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()
        cls.wait_until_whole()

    @classmethod
    def rest(cls, node, method, path, body=None, user=None):
        headers = {"X-User-Id": str(user)} if user else None
        return Node(port=cls.cluster.nodes[node].port, data=cls.folder).rest(method, path, body, headers)

    @classmethod
    def wait_until_whole(cls):
        """Each node knows of the other, and that it has written everything."""
        cls.eventually(lambda: all(cls.rest(node, "GET", "/api/users/1/sessions")[1]["partial"] is False for node in (0, 1)))

    @staticmethod
    def eventually(true, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError("it never came true")
            time.sleep(0.05)

    def start(self, server):
        if not server.running():
            self.cluster.starters.submit(server.start).result()

    def setUp(self):
        TwoNodes.user += 10
        self.ann, self.bob, self.watcher = self.user, self.user + 1, self.user + 2
        status, room = self.rest(0, "POST", "/api/chat/rooms", {"name": "r", "creatorId": self.watcher, "nickname": "w"})
        self.assertEqual(status, 201, room)
        self.room = room["chatRoomId"]
        self.topic = f"/topic/chatroom/{self.room}"
        for user in (self.ann, self.bob):
            self.assertEqual(self.rest(0, "POST", f"/api/chat/rooms/{self.room}/join", {"userId": user, "nickname": f"u{user}"})[0], 200)

    def client(self, node, user, subscribe=True):
        client = Client(self.cluster.nodes[node].port)
        self.addCleanup(client.close)
        client.session = client.connect(login=str(user)).headers["session"]
        if subscribe:
            client.subscribe(self.topic)
        return client

    @staticmethod
    def presence_of(frame):
        body = frame.json()
        return (body["senderId"], body["present"]) if body["messageType"] == "PRESENCE" else None

    def expect_changes(self, client, *expected):
        """The next changes but for the watcher's own, in any order: they may be told by different nodes."""
        seen = []
        while len(seen) < len(expected):
            change = self.presence_of(client.expect("MESSAGE"))
            if change and change[0] != self.watcher:
                seen.append(change)
        self.assertEqual(sorted(seen), sorted(expected))

    def changes_before(self, client, marker):
        """What is told before a message that is sent now."""
        status, _ = self.rest(0, "POST", f"/api/chat/rooms/{self.room}/messages", {"senderId": self.ann, "content": marker})
        self.assertEqual(status, 201)
        seen = []
        while True:
            frame = client.expect("MESSAGE")
            if frame.json().get("content") == marker:
                return seen
            change = self.presence_of(frame)
            if change and change[0] != self.watcher:
                seen.append(change)

    def present(self, node, user):
        status, page = self.rest(node, "GET", f"/api/chat/rooms/{self.room}/present", user=user)
        self.assertEqual(status, 200, page)
        return {each["memberId"]: each["devices"] for each in page["members"]}, page["partial"]

    def sessions(self, node, user):
        status, page = self.rest(node, "GET", f"/api/users/{user}/sessions", user=user)
        self.assertEqual(status, 200, page)
        return {each["sessionId"]: each["nodeId"] for each in page["sessions"]}

    def watchers(self):
        """One on each node: what is told later is told once to each."""
        return [self.client(node, self.watcher) for node in (0, 1)]

    def test_1_the_first_device_comes_and_the_last_one_goes_on_whatever_node(self):
        watchers = self.watchers()
        phone = self.client(0, self.ann)
        laptop = self.client(1, self.ann)
        tablet = self.client(1, self.ann)
        guest = self.client(1, self.bob)
        for watcher in watchers:
            self.expect_changes(watcher, (self.ann, True), (self.bob, True))
        self.assertEqual(self.sessions(0, self.ann), {phone.session: "node-1", laptop.session: "node-2", tablet.session: "node-2"})
        for node in (0, 1):
            self.assertEqual(self.present(node, self.bob), ({self.ann: 3, self.bob: 1, self.watcher: 2}, False))
        phone.close()
        tablet.receipt_of("UNSUBSCRIBE", {"id": "0"})
        guest.close()
        for watcher in watchers:
            self.expect_changes(watcher, (self.bob, False))
        # A tablet that does not listen to the room is connected all the same.
        self.eventually(lambda: self.present(0, self.ann) == ({self.ann: 2, self.watcher: 2}, False))
        laptop.close()
        for watcher in watchers:
            self.expect_changes(watcher, (self.ann, False))
        again = self.client(0, self.ann)
        for watcher in watchers:
            self.expect_changes(watcher, (self.ann, True))
        self.eventually(lambda: self.sessions(1, self.ann) == {again.session: "node-1", tablet.session: "node-2"})

    def test_2_whoever_is_connected_is_found_on_the_other_node_at_once(self):
        for number in range(50):
            client = self.client(number % 2, self.ann, subscribe=False)
            self.assertIn(client.session, self.sessions(1 - number % 2, self.ann))

    def test_3_an_emptied_redis_is_no_coming_and_no_going(self):
        watchers = self.watchers()
        phone, laptop = self.client(0, self.ann), self.client(1, self.bob)
        for watcher in watchers:
            self.expect_changes(watcher, (self.ann, True), (self.bob, True))
        for _ in range(2):
            self.cluster.redis.command("FLUSHALL")
            self.wait_until_whole_again()
            self.assertEqual(self.present(0, self.ann), ({self.ann: 1, self.bob: 1, self.watcher: 2}, False))
            self.assertEqual(self.present(1, self.ann), ({self.ann: 1, self.bob: 1, self.watcher: 2}, False))
        for watcher in watchers:
            self.assertEqual(self.changes_before(watcher, f"after {id(watcher)}"), [])
        self.assertEqual(self.sessions(0, self.bob), {laptop.session: "node-2"})
        phone.close()
        for watcher in watchers:
            self.expect_changes(watcher, (self.ann, False))

    def wait_until_whole_again(self):
        self.eventually(lambda: self.cluster.redis.command("EXISTS", "stampede:generation") == "1")
        self.wait_until_whole()

    def test_4_without_redis_each_node_tells_what_it_knows(self):
        watchers = self.watchers()
        phone, laptop = self.client(0, self.ann), self.client(1, self.ann)
        guest = self.client(1, self.bob)
        for watcher in watchers:
            self.expect_changes(watcher, (self.ann, True), (self.bob, True))
        self.cluster.redis.kill()
        self.addCleanup(self.start, self.cluster.redis)
        self.eventually(lambda: all(self.present(node, self.ann)[1] for node in (0, 1)))
        self.assertEqual(self.present(0, self.ann), ({self.ann: 1, self.watcher: 1}, True))
        self.assertEqual(self.present(1, self.ann), ({self.ann: 1, self.bob: 1, self.watcher: 1}, True))
        self.assertEqual(self.sessions(0, self.ann), {phone.session: "node-1"})
        late = self.client(0, self.watcher)  # connects all the same
        guest.close()
        self.start(self.cluster.redis)
        self.wait_until_whole_again()
        self.assertEqual(self.sessions(1, self.bob), {})
        self.assertEqual(self.sessions(1, self.watcher)[late.session], "node-1")
        self.assertEqual(self.sessions(0, self.ann), {phone.session: "node-1", laptop.session: "node-2"})
        # bob was the only one to leave, though Redis has forgotten that he ever came.
        for watcher in watchers:
            self.expect_changes(watcher, (self.bob, False))
        phone.close()
        laptop.close()
        for watcher in watchers:
            self.expect_changes(watcher, (self.ann, False))

    def test_5_the_users_of_a_node_that_died_leave_when_its_lease_ends(self):
        watcher = self.client(0, self.watcher)
        self.client(0, self.ann)
        self.client(1, self.ann)
        self.client(1, self.bob)
        self.expect_changes(watcher, (self.ann, True), (self.bob, True))
        self.cluster.nodes[1].kill()
        self.addCleanup(self.start, self.cluster.nodes[1])
        began = time.monotonic()
        # ann has another device on node 1.
        self.expect_changes(watcher, (self.bob, False))
        took = time.monotonic() - began
        print(f"the users of the killed node left after {took:.1f} s", file=sys.stderr, flush=True)
        self.assertLess(took, 30)
        found, partial = self.present(0, self.ann)
        self.assertEqual(found, {self.ann: 1, self.watcher: 1})
        self.assertTrue(partial)  # it may be only cut off
        self.start(self.cluster.nodes[1])
        self.wait_until_whole()
        back = self.client(1, self.bob)
        self.expect_changes(watcher, (self.bob, True))
        self.assertEqual(self.sessions(0, self.bob), {back.session: "node-2"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
