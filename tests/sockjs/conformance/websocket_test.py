"""Both WebSocket endpoints: SockJS frames below a session, and the raw one."""
import os
import unittest

from wire import Closed, EchoServer, array, session_url


class WebSocketTest(unittest.TestCase):
    ARGUMENTS = ()

    @classmethod
    def setUpClass(cls):
        # Heart-beats come only where they are waited for: elsewhere one would come between a slow client's messages.
        cls.server = cls.enterClassContext(EchoServer(*cls.ARGUMENTS))

    def assert_closed(self, socket):
        with self.assertRaises(Closed) as caught:
            while True:
                socket.receive_message()
        return caught.exception


class HandshakeTest(WebSocketTest):
    def test_ordinary_requests_are_refused(self):
        answer = self.server.get("/echo/0/0/websocket")
        self.assertEqual(answer.status, 400)
        self.assertIn('Can "Upgrade" only to "WebSocket".', answer.body)
        answer = self.server.get("/echo/0/0/websocket",
                                 {"Upgrade": "WebSocket", "Connection": "close"})
        self.assertEqual(answer.status, 400)
        self.assertIn('"Connection" must be "Upgrade".', answer.body)

    def test_only_get_upgrades(self):
        for headers in ({"Upgrade": "WebSocket", "Connection": "Upgrade"}, {}):
            answer = self.server.post("/echo/0/0/websocket", "", headers)
            self.assertEqual(answer.status, 405)
            self.assertEqual(answer["allow"], "GET")
            self.assertIsNone(answer["content-type"])
            self.assertEqual(answer.body, "")

    def test_the_answer_to_a_handshake(self):
        for connection in ("Upgrade", "keep-alive, Upgrade"):
            with self.server.websocket(session_url() + "/websocket", headers={
                    "Connection": connection,
                    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw=="}) as socket:
                self.assertEqual(socket.answer.status, 101)
                self.assertEqual(socket.answer["sec-websocket-accept"],
                                 "HSmrc0sMlYUkAGmm5OPpG2HaGWk=")
                self.assertEqual(socket.answer["connection"].lower(), "upgrade")
                self.assertEqual(socket.answer["upgrade"].lower(), "websocket")
                self.assertIsNone(socket.answer["content-length"])

    def test_a_service_without_websocket_has_none(self):
        for target in ("/disabled_websocket_echo/websocket",
                       session_url("/disabled_websocket_echo") + "/websocket"):
            with self.server.websocket(target) as socket:
                self.assertEqual(socket.answer.status, 404)


class FramedTest(WebSocketTest):
    def test_messages_and_bare_strings(self):
        with self.server.websocket(session_url() + "/websocket") as socket:
            self.assertEqual(socket.receive(), "o")
            for empty in ("", "[]"):
                socket.send(empty)
            socket.send(array("a", "b"))
            socket.send('"c"')
            self.assertEqual([socket.receive() for _ in range(3)],
                             ['a["a"]', 'a["b"]', 'a["c"]'])

    def test_a_close_frame_comes_before_the_end(self):
        with self.server.websocket(session_url("/close") + "/websocket") as socket:
            self.assertEqual(socket.receive(), "o")
            self.assertEqual(socket.receive(), 'c[3000,"Go away!"]')
            self.assertEqual(self.assert_closed(socket).code, 3000)

    def test_a_session_id_may_be_used_again_and_at_the_same_time(self):
        url = session_url() + "/websocket"
        with self.server.websocket(url) as first, self.server.websocket(url) as second:
            for socket, message in ((first, "a"), (second, "b")):
                self.assertEqual(socket.receive(), "o")
                socket.send(array(message))
                self.assertEqual(socket.receive(), f'a["{message}"]')
        with self.server.websocket(url) as again:
            self.assertEqual(again.receive(), "o")

    def test_broken_frames_end_the_connection(self):
        for broken in ('["a', "x", "{}", "[1]"):
            with self.server.websocket(session_url() + "/websocket") as socket:
                self.assertEqual(socket.receive(), "o")
                socket.send(broken)
                self.assertEqual(self.assert_closed(socket).code, 1007)


class RawTest(WebSocketTest):
    def test_text_and_binary_come_back_as_they_are(self):
        with self.server.websocket("/echo/websocket") as socket:
            socket.send("Hello world!\uffff")
            self.assertEqual(socket.receive(), "Hello world!\uffff")
            socket.send('["no frame"]')
            self.assertEqual(socket.receive(), '["no frame"]')
            every_byte = bytes(range(256))
            socket.send_binary(every_byte)
            self.assertEqual(socket.receive_message(), (2, every_byte))
            socket.send("")
            self.assertEqual(socket.receive(), "")

    def test_fragments_make_one_message(self):
        with self.server.websocket("/echo/websocket") as socket:
            socket.send_frame(1, "안".encode()[:2], final=False)
            socket.send_frame(9, b"ping")
            socket.send_frame(0, "안".encode()[2:], final=False)
            socket.send_frame(0, "!".encode())
            self.assertEqual(socket.receive(), "안!")

    def test_sixteen_mebibytes(self):
        size = 16 * 1024 * 1024
        with self.server.websocket("/echo/websocket") as socket:
            data = os.urandom(size)
            socket.send_binary(data)
            self.assertEqual(socket.receive_message(), (2, data))
            socket.send("x" * size)
            self.assertEqual(len(socket.receive()), size)
            try:
                socket.send_binary(bytes(size + 1))
            except ConnectionError:
                pass  # it need not read what it refuses
            self.assertEqual(self.assert_closed(socket).code, 1009)

    def test_deflate(self):
        with self.server.websocket("/echo/websocket", deflate=True) as socket:
            self.assertTrue(socket.deflates)
            for text in ("short", "안녕하세요! " * 1000):
                socket.send_compressed(text)
                self.assertEqual(socket.receive(), text)

    def test_text_must_be_utf_8(self):
        with self.server.websocket("/echo/websocket") as socket:
            socket.send_frame(1, b"\xff")
            self.assertEqual(self.assert_closed(socket).code, 1007)

    def test_a_close_says_why(self):
        with self.server.websocket("/close/websocket") as socket:
            end = self.assert_closed(socket)
            self.assertEqual((end.code, end.reason), (3000, "Go away!"))


class HeartBeatTest(WebSocketTest):
    ARGUMENTS = ("--heart-beat-ms", "300")

    def test_heart_beats(self):
        with self.server.websocket(session_url() + "/websocket") as socket:
            self.assertEqual([socket.receive() for _ in range(3)], ["o", "h", "h"])

    def test_a_raw_one_has_none(self):
        # A framed socket beats meanwhile; the raw one stays silent.
        with self.server.websocket("/echo/websocket") as raw, \
                self.server.websocket(session_url() + "/websocket") as framed:
            self.assertEqual([framed.receive() for _ in range(3)], ["o", "h", "h"])
            raw.send("first")
            self.assertEqual(raw.receive(), "first")


if __name__ == "__main__":
    unittest.main()
