"""Who listens to a room, told to those who do."""
import unittest

from support import NodeTest, chat_body


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


if __name__ == "__main__":
    unittest.main()
