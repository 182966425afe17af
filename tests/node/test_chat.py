"""The chat on a whole node: rooms, members, history, direct messages, refusals."""
import unittest

from support import OPEN_TOPICS, WITH_STOMP, Client, NodeTest, chat_body


class Chat(NodeTest):
    def member(self, room, user, **options):
        client = self.client(login=str(user), **options)
        client.receipt_of("SEND", {"destination": "/app/chat.join"},
                          {"chatRoomId": room, "senderId": user, "senderNickname": f"user{user}"})
        return client

    def test_a_message_reaches_every_member_with_the_same_seq(self):
        room = self.new_room()
        clients = [self.member(room, user) for user in (11, 12, 13)]
        for client in clients:
            client.subscribe(f"/topic/chatroom/{room}")
        clients[0].receipt_of("SEND", {"destination": "/app/chat.sendMessage"},
                              chat_body(room, 11, "안녕하세요! 👋", "홍길동"), receipt="sent")
        for client in clients[1:]:
            message = client.expect("MESSAGE")
            body = message.json()
            self.assertEqual(list(body), ["chatRoomId", "messageId", "seq", "senderId", "senderNickname",
                                          "content", "messageType", "createdAt"])
            self.assertEqual(body["content"], "안녕하세요! 👋")
            self.assertEqual(body["senderNickname"], "홍길동")
            self.assertEqual(message.headers["seq"], str(body["seq"]))
            self.assertRegex(body["createdAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_history_is_paged_newest_first_without_gap(self):
        room = self.new_room(creator=21)
        client = self.member(room, 21)
        for number in range(25):
            client.receipt_of("SEND", {"destination": f"/app/room/{room}/send"},
                              {"senderId": 21, "content": str(number), "type": "CHAT"})
        seen, cursor = [], ""
        while cursor is not None:
            query = f"limit=10&cursor={cursor}" if cursor else "limit=10"
            status, page = self.node.rest("GET", f"/api/chat/rooms/{room}/messages?{query}",
                                          headers={"X-User-Id": "21"})
            self.assertEqual(status, 200, page)
            seen += [message["seq"] for message in page["messages"]]
            cursor = page["nextCursor"]
        self.assertEqual(seen, list(range(page["lastSeq"], 0, -1)))

    def test_a_resume_replays_exactly_what_was_missed(self):
        room = self.new_room(creator=31)
        client = self.member(room, 31)
        topic = f"/topic/chatroom/{room}"
        for number in range(5):
            client.receipt_of("SEND", {"destination": "/app/chat.sendMessage"},
                              chat_body(room, 31, str(number)))
        last = self.node.rest("GET", f"/api/chat/rooms/{room}/messages",
                              headers={"X-User-Id": "31"})[1]["lastSeq"]
        replayed = client.subscribe(topic, x_last_seq=last - 3)
        self.assertEqual([int(m.headers["seq"]) for m in replayed], [last - 2, last - 1, last])

    def test_a_stranger_can_neither_read_nor_write_a_private_room(self):
        room = self.new_room(creator=41, type="PRIVATE")
        reader = self.client(login="42")
        reader.send("SUBSCRIBE", {"id": "0", "destination": f"/topic/chatroom/{room}", "receipt": "s"})
        error = reader.receive()
        self.assertEqual((error.command, error.headers["receipt-id"]), ("ERROR", "s"))
        self.assertIn("member", error.body.decode())

        writer = self.client(login="42")
        writer.subscribe("/user/queue/errors", "e")
        writer.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": "m",
                             "idempotency-key": "k1"}, chat_body(room, 42))
        refusal = writer.expect("MESSAGE").json()
        self.assertEqual(refusal["code"], "not_a_member")
        self.assertEqual(refusal["receipt"], "m")
        self.assertEqual(refusal["idempotencyKey"], "k1")
        self.assertEqual(refusal["destination"], "/app/chat.sendMessage")

    def test_a_refused_send_without_an_errors_queue_gets_an_error_frame(self):
        room = self.new_room(creator=51, type="PRIVATE")
        writer = self.client(login="52")
        writer.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": "m"}, chat_body(room, 52))
        error = writer.receive()
        self.assertEqual((error.command, error.headers["receipt-id"]), ("ERROR", "m"))
        writer.closed()

    def test_nobody_can_speak_for_somebody_else(self):
        room = self.new_room(creator=61)
        client = self.member(room, 61)
        client.subscribe("/user/queue/errors", "e")
        client.send("SEND", {"destination": "/app/chat.sendMessage"}, chat_body(room, 62, "forged"))
        self.assertEqual(client.expect("MESSAGE").json()["code"], "sender_mismatch")

    def test_a_subscribe_behind_a_leave_may_have_the_id_that_it_frees(self):
        room = self.new_room(creator=63)
        address = f"/topic/chatroom/{room}"
        client = self.client(login="64")
        client.subscribe("/user/queue/errors", "e")
        client.subscribe(address, "t")
        for number in range(50):
            client.send_all([("SEND", {"destination": "/app/chat.join"}, chat_body(room, 64, "")),
                             ("SEND", {"destination": "/app/chat.leave"}, chat_body(room, 64, "")),
                             ("SUBSCRIBE", {"id": "t", "destination": address, "receipt": f"again {number}"})])
            told = []
            while (frame := client.receive()).command != "RECEIPT":
                told.append(frame.json())
            self.assertEqual(frame.headers["receipt-id"], f"again {number}")
            self.assertIn("access_ended", [each.get("code") for each in told])

    def test_leaving_ends_the_subscription_at_once(self):
        room = self.new_room(creator=71, type="PRIVATE")
        owner = self.member(room, 71)
        status, answer = self.node.rest("POST", "/api/chat/rooms/member",
                                        {"chatRoomId": room, "memberId": 72, "nickname": "guest"},
                                        {"X-User-Id": "71"})
        self.assertLess(status, 300, answer)
        guest = self.client(login="72")
        guest.subscribe("/user/queue/errors", "e")
        guest.subscribe(f"/topic/chatroom/{room}")
        status, answer = self.node.rest("POST", f"/api/chat/rooms/{room}/leave", {"userId": 72},
                                        {"X-User-Id": "72"})
        self.assertLess(status, 300, answer)
        owner.receipt_of("SEND", {"destination": "/app/chat.sendMessage"}, chat_body(room, 71, "secret"))
        # Everything that was sent to the guest before this receipt is in `came`.
        came = guest.receipt_of("SUBSCRIBE", {"id": "q", "destination": "/user/queue/messages"})
        self.assertNotIn("secret", [m.json().get("content") for m in came])
        self.assertIn("access_ended", [m.json().get("code") for m in came])

    def test_what_was_sent_before_leaving_is_stored(self):
        # In one write, again and again: leaving takes another way to the database than messages do.
        room = self.new_room(creator=75)
        client = self.client(login="76")
        client.subscribe("/user/queue/errors", "e")
        rounds = 20
        for number in range(rounds):
            client.send_all([("SEND", {"destination": "/app/chat.join"}, {"chatRoomId": room}),
                             ("SEND", {"destination": "/app/chat.sendMessage"}, chat_body(room, 76, f"{number}a")),
                             ("SEND", {"destination": "/app/chat.sendMessage"}, chat_body(room, 76, f"{number}b")),
                             ("SEND", {"destination": "/app/chat.leave"}, {"chatRoomId": room})])
        self.assertEqual(client.receipt_of("SEND", {"destination": "/app/chat.join"}, {"chatRoomId": room}), [])
        page = self.node.rest("GET", f"/api/chat/rooms/{room}/messages?limit=100", headers={"X-User-Id": "75"})[1]
        told = [message["messageType"] if message["messageType"] != "CHAT" else message["content"]
                for message in reversed(page["messages"]) if message["senderId"] == 76]
        self.assertEqual(told, [what for number in range(rounds)
                                for what in ("JOIN", f"{number}a", f"{number}b", "LEAVE")] + ["JOIN"])

    def test_a_direct_message_reaches_every_device_of_both(self):
        devices = [self.client(login="81"), self.client(login="82"), self.client(login="82")]
        for device in devices:
            device.subscribe("/user/queue/messages")
        devices[0].send("SEND", {"destination": "/app/chat.send"}, {"to": 82, "message": "psst"})
        for device in devices:
            message = device.expect("MESSAGE")
            self.assertEqual(message.headers["destination"], "/user/queue/messages")
            self.assertIn("psst", message.body.decode())

    def direct(self, sender, to, text):
        sender.receipt_of("SEND", {"destination": "/app/chat.send"}, {"to": to, "message": text})

    def inbox_of(self, device):
        """What comes before the subscription is live."""
        return [m.json()["content"] for m in
                device.receipt_of("SUBSCRIBE", {"id": "q", "destination": "/user/queue/messages"})]

    def test_a_direct_message_waits_for_its_receiver_and_comes_once(self):
        sender = self.client(login="181")
        with self.client(login="182"):
            pass  # known from now on, and away
        for text in ("one", "two", "three"):
            self.direct(sender, 182, text)
        device = self.client(login="182")
        self.assertEqual(self.inbox_of(device), ["one", "two", "three"])
        self.direct(sender, 182, "live")
        self.assertEqual(device.expect("MESSAGE").json()["content"], "live")
        # Neither a second device nor the next connect gets them again, nor does the sender.
        self.assertEqual(self.inbox_of(self.client(login="182")), [])
        device.close()
        self.assertEqual(self.inbox_of(self.client(login="182")), [])
        self.assertEqual(self.inbox_of(sender), [])

    def test_what_was_delivered_is_remembered_over_a_restart(self):
        sender = self.client(login="185")
        with self.client(login="186"):
            pass
        self.direct(sender, 186, "before")
        device = self.client(login="186")
        self.assertEqual(self.inbox_of(device), ["before"])
        device.close()
        self.node.stop()
        self.node.start()
        sender = self.client(login="185")
        self.direct(sender, 186, "after")
        self.assertEqual(self.inbox_of(self.client(login="186")), ["after"])

    def test_direct_messages_sent_while_subscribing_come_once_and_in_order(self):
        count = 200
        sender = self.client(login="183")
        with self.client(login="184"):
            pass
        self.direct(sender, 184, "0")
        devices = [self.client(login="184") for _ in range(2)]
        for number in range(1, count):
            sender.send("SEND", {"destination": "/app/chat.send"}, {"to": 184, "message": str(number)})
            if number in (50, 100):
                devices[number // 50 - 1].send("SUBSCRIBE", {"id": "q", "destination": "/user/queue/messages"})
        received = []
        for device in devices:
            got = []
            while not got or got[-1] != count - 1:
                got.append(int(device.expect("MESSAGE").json()["content"]))
            self.assertEqual(got, list(range(got[0], count)))
            received.append(got)
        # What was sent while nobody was there goes to whom the node serves first.
        self.assertEqual(min(got[0] for got in received), 0)

    def test_a_direct_message_to_nobody_is_refused_by_name(self):
        sender = self.client(login="187")
        sender.subscribe("/user/queue/errors", "e")
        sender.send("SEND", {"destination": "/app/chat.send"}, {"to": 999999, "message": "hello?"})
        self.assertEqual(sender.expect("MESSAGE").json()["code"], "no_such_user")

    def test_an_idempotency_key_stores_once(self):
        room = self.new_room(creator=91)
        client = self.member(room, 91)
        client.subscribe(f"/topic/chatroom/{room}")
        for receipt in ("a", "b"):
            client.receipt_of("SEND", {"destination": "/app/chat.sendMessage", "idempotency-key": "same"},
                              chat_body(room, 91, "once"), receipt=receipt)
        page = self.node.rest("GET", f"/api/chat/rooms/{room}/messages", headers={"X-User-Id": "91"})[1]
        self.assertEqual([m["content"] for m in page["messages"]].count("once"), 1)

    def test_typing_is_seen_and_not_stored(self):
        room = self.new_room(creator=101)
        typist, watcher = self.member(room, 101), self.member(room, 102)
        watcher.subscribe(f"/topic/chatroom/{room}")
        before = self.node.rest("GET", f"/api/chat/rooms/{room}/messages", headers={"X-User-Id": "101"})[1]
        typist.receipt_of("SEND", {"destination": "/app/chat.typing"},
                          {"chatRoomId": room, "senderId": 101, "senderNickname": "t"})
        event = watcher.expect("MESSAGE")
        self.assertEqual(event.json()["messageType"], "TYPING")
        self.assertNotIn("seq", event.headers)
        after = self.node.rest("GET", f"/api/chat/rooms/{room}/messages", headers={"X-User-Id": "101"})[1]
        self.assertEqual(before["lastSeq"], after["lastSeq"])

    def test_unread_is_what_lies_behind_the_last_read_message(self):
        room = self.new_room(creator=111)
        writer, reader = self.member(room, 111), self.member(room, 112)
        for number in range(4):
            writer.receipt_of("SEND", {"destination": "/app/chat.sendMessage"},
                              chat_body(room, 111, str(number)))
        unread = lambda: self.node.rest("GET", f"/api/chat/rooms/{room}/unread?userId=112",
                                        headers={"X-User-Id": "112"})[1]
        last = unread()["lastSeq"]
        reader.receipt_of("SEND", {"destination": "/app/chat.read"},
                          {"chatRoomId": room, "senderId": 112, "lastReadSeq": last - 3})
        self.assertEqual(unread()["unread"], 3)
        status, _ = self.node.rest("POST", f"/api/chat/rooms/{room}/read",
                                   {"userId": 112, "lastReadSeq": last}, {"X-User-Id": "112"})
        self.assertLess(status, 300)
        self.assertEqual(unread()["unread"], 0)

    def test_errors_of_rest_have_one_shape(self):
        for method, path, body, status in (
                ("GET", "/api/chat/rooms/999999/messages", None, 404),
                ("GET", "/api/nothing", None, 404),
                ("POST", "/api/chat/rooms", {"name": 5}, 400),
                ("DELETE", "/api/chat/rooms", None, 405)):
            got, problem = self.node.rest(method, path, body, {"X-User-Id": "1"})
            self.assertEqual(got, status, problem)
            self.assertEqual(problem["status"], status)
            for field in ("type", "title", "detail"):
                self.assertTrue(problem[field], (path, problem))


class Protocol(NodeTest):
    CONFIG = WITH_STOMP + OPEN_TOPICS + """
subscribe_wildcard = ["*"]
"""

    def tcp(self):
        client = Client(self.node.stomp_ports[0], tcp=True)
        self.addCleanup(client.close)
        return client

    def test_frames_before_connect_and_unknown_commands_are_refused(self):
        for command in ("SEND", "NONSENSE"):
            client = self.client(connect=False)
            client.send(command, {"destination": "/topic/a"}, "x")
            self.assertEqual(client.receive().command, "ERROR")
            client.closed()

    def test_no_common_version_is_told_which_there_are(self):
        client = self.client(connect=False)
        client.send("CONNECT", {"accept-version": "3.0"})
        error = client.receive()
        self.assertEqual(error.command, "ERROR")
        self.assertIn("1.2", error.headers["version"])

    def test_wildcards_reach_over_transports(self):
        wildcard, exact = self.tcp(), self.client()
        wildcard.connect()
        wildcard.subscribe("/topic/wild/*/end", "w")
        exact.receipt_of("SEND", {"destination": "/topic/wild/x/end"}, "one")
        self.assertEqual(wildcard.expect("MESSAGE").body, b"one")

    def test_a_binary_body_travels_in_a_binary_message(self):
        sender, receiver = self.client(), self.client()
        receiver.subscribe("/topic/binary")
        body = bytes(range(256)) * 4
        sender.send_bytes(b"SEND\ndestination:/topic/binary\ncontent-length:1024\n\n" + body + b"\0", 2)
        message = receiver.expect("MESSAGE")
        self.assertEqual(receiver.last_opcode, 2)
        self.assertEqual(message.body, body)

    def test_client_acks_are_cumulative_and_a_nack_brings_the_message_again(self):
        client = self.client()
        client.subscribe("/topic/acks", ack="client-individual")
        client.send("SEND", {"destination": "/topic/acks"}, "a")
        first = client.expect("MESSAGE")
        client.send("NACK", {"id": first.headers["ack"]})
        again = client.expect("MESSAGE")
        self.assertEqual((again.body, again.headers["redelivered"]), (b"a", "true"))
        client.receipt_of("ACK", {"id": again.headers["ack"]})

    def test_a_transaction_is_all_or_nothing(self):
        client = self.client()
        client.subscribe("/topic/tx")
        for end, expected in (("ABORT", []), ("COMMIT", [b"1", b"2"])):
            client.send("BEGIN", {"transaction": "t"})
            for body in ("1", "2"):
                client.send("SEND", {"destination": "/topic/tx", "transaction": "t"}, body)
            came = client.receipt_of(end, {"transaction": "t"})
            while len(came) < len(expected):
                came.append(client.expect("MESSAGE"))
            self.assertEqual([m.body for m in came], expected)

    def test_a_frame_cut_into_bytes_is_one_frame(self):
        client = self.client()
        client.subscribe("/topic/cut")
        for byte in b"SEND\ndestination:/topic/cut\n\nwhole\0":
            client.send_bytes(bytes([byte]))
        self.assertEqual(client.expect("MESSAGE").body, b"whole")

    def test_disconnect_answers_its_receipt_after_all_before_it(self):
        client = self.tcp()
        client.connect()
        for number in range(50):
            client.send("SEND", {"destination": "/topic/none", "receipt": str(number)}, "x")
        client.send("DISCONNECT", {"receipt": "bye"})
        receipts = [client.expect("RECEIPT").headers["receipt-id"] for _ in range(51)]
        self.assertEqual(receipts, [str(number) for number in range(50)] + ["bye"])


class Limits(NodeTest):
    CONFIG = """
[limits.frame]
max_body = "1 KiB"
[limits.outbound]
queue = "256 KiB"
""" + OPEN_TOPICS

    def test_a_body_at_the_limit_passes_and_one_above_it_is_refused_by_name(self):
        client = self.client()
        client.subscribe("/topic/limit")
        client.send("SEND", {"destination": "/topic/limit", "content-length": 1024}, "x" * 1024)
        self.assertEqual(len(client.expect("MESSAGE").body), 1024)
        client.send("SEND", {"destination": "/topic/limit", "content-length": 1025}, "x" * 1025)
        error = client.receive()
        self.assertEqual(error.command, "ERROR")
        self.assertIn("1024", error.body.decode() + error.headers["message"])
        self.assertEqual(client.closed().code, 1009)

    def test_before_connect_a_message_of_more_than_a_head_is_refused(self):
        for path in ("/ws", "/ws-chat/websocket"):
            stranger = self.client(connect=False, path=path)
            stranger.send_bytes(b"CONNECT\nlogin:" + b"x" * 21 * 1024)
            end = stranger.closed()
            self.assertEqual(end.code, 1009)
            self.assertIn("bytes", end.reason)

    def test_a_reader_that_stops_is_cut_off_and_the_others_go_on(self):
        stopped = self.client(receive_buffer=4096)
        stopped.subscribe("/topic/flood")
        reader, sender = self.client(), self.client()
        reader.subscribe("/topic/flood")
        # Far above the queue's bound and what the kernel takes for one socket.
        count = 24 * 1024
        body = "x" * 1000

        def flood():
            for number in range(count):
                sender.send("SEND", {"destination": "/topic/flood"}, body)
                if number % 64 == 63:
                    for _ in range(64):
                        reader.expect("MESSAGE")

        flood()
        end = stopped.closed()
        self.assertIn(end.code, (4008, None))


class Deadline(NodeTest):
    """On a node of its own: nobody who is slow to connect, as everybody may be on a busy machine, is let in here."""
    CONFIG = """
[limits.pre_connect]
deadline = "300 ms"
"""

    def test_whoever_does_not_connect_in_time_is_closed_with_the_reason(self):
        client = self.client(connect=False)
        self.assertEqual(client.closed().code, 4001)


class LargeFrames(NodeTest):
    CONFIG = WITH_STOMP + """
[limits.frame]
max_body = "8 MiB"
[limits.websocket]
max_message = "9 MiB"
[limits.outbound]
queue = "32 MiB"
""" + OPEN_TOPICS

    def test_frames_of_several_mebibytes_pass_in_both_directions(self):
        websocket = self.client()
        tcp = Client(self.node.stomp_ports[0], tcp=True)
        self.addCleanup(tcp.close)
        tcp.connect()
        for receiver in (websocket, tcp):
            receiver.subscribe("/topic/large")
        for number, sender in enumerate((websocket, tcp)):
            body = chr(ord("a") + number) * (8 * 1024 * 1024)
            sender.send("SEND", {"destination": "/topic/large", "content-length": len(body)}, body)
            for receiver in (websocket, tcp):
                self.assertEqual(receiver.expect("MESSAGE").body, body.encode())


if __name__ == "__main__":
    unittest.main(verbosity=2)
