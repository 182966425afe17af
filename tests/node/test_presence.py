"""Who listens to a room, told to those who do."""
import time
import unittest

from support import PATIENCE, WITH_STOMP, Client, NodeTest, chat_body


class Presence(NodeTest):
    CONFIG = "chat.presence = true\n"

    def join(self, room, user):
        client = self.client(login=str(user))
        client.receipt_of("SEND", {"destination": "/app/chat.join"}, {**chat_body(room, user), "messageType": "JOIN"})
        return client

    def presence(self, client):
        """The next event of presence; messages are passed over."""
        while True:
            body = client.expect("MESSAGE").json()
            if body["messageType"] == "PRESENCE":
                return body["senderId"], body["present"]

    def test_the_first_device_comes_and_the_last_one_goes(self):
        room = self.new_room()
        topic = f"/topic/chatroom/{room}"
        watcher = self.client(login="1")
        watcher.subscribe(topic)
        self.assertEqual(self.presence(watcher), (1, True))
        phone, laptop = self.join(room, 2), self.client(login="2")
        phone.subscribe(topic)
        self.assertEqual(self.presence(watcher), (2, True))
        laptop.subscribe(topic)
        phone.close()
        laptop.receipt_of("UNSUBSCRIBE", {"id": "0"})
        # Were the phone's coming or going told by itself, it would come first.
        self.assertEqual(self.presence(watcher), (2, False))
        laptop.subscribe(topic)
        self.assertEqual(self.presence(watcher), (2, True))

    def test_who_leaves_the_room_is_gone(self):
        room = self.new_room()
        topic = f"/topic/chatroom/{room}"
        watcher = self.client(login="1")
        watcher.subscribe(topic)
        self.assertEqual(self.presence(watcher), (1, True))
        guest = self.join(room, 3)
        guest.subscribe(topic)
        self.assertEqual(self.presence(watcher), (3, True))
        guest.receipt_of("SEND", {"destination": "/app/chat.leave"}, {**chat_body(room, 3), "messageType": "LEAVE"})
        self.assertEqual(self.presence(watcher), (3, False))


class Sessions(NodeTest):
    CONFIG = WITH_STOMP

    def sessions(self, user):
        status, page = self.node.rest("GET", f"/api/users/{user}/sessions", headers={"X-User-Id": str(user)})
        self.assertEqual(status, 200, page)
        self.assertFalse(page["partial"])
        self.assertEqual(page["devices"], len(page["sessions"]))
        return {each["sessionId"]: each["transport"] for each in page["sessions"]}

    def until_none(self, user):
        deadline = time.monotonic() + PATIENCE
        while self.sessions(user):
            self.assertLess(time.monotonic(), deadline)

    def connect(self, user, *where, **how):
        client = Client(*where, **how)
        self.addCleanup(client.close)
        return client, client.connect(login=str(user)).headers["session"]

    def test_a_session_is_there_from_its_connected_to_its_end_on_every_transport(self):
        web, first = self.connect(5, self.node.port)
        self.assertEqual(self.sessions(5), {first: "websocket"})
        tcp, second = self.connect(5, self.node.stomp_ports[0], tcp=True)
        framed, third = self.connect(5, self.node.port, path="/ws-chat/websocket")
        self.assertEqual(self.sessions(5), {first: "websocket", second: "tcp", third: "sockjs-websocket-raw"})
        self.assertEqual(self.sessions(6), {})
        web.send("DISCONNECT")
        tcp.close()
        framed.close()
        self.until_none(5)

    def test_who_has_no_name_or_was_closed_by_the_node_is_not_there(self):
        nobody = self.client(connect=False)
        nobody.connect()
        client, session = self.connect(7, self.node.port)
        self.assertEqual(self.sessions(7), {session: "websocket"})
        client.send("SEND", {"destination": "no such"})
        client.expect_error()
        self.until_none(7)


if __name__ == "__main__":
    unittest.main()
