"""Sessions over the HTTP transports."""
import json
import select
import time
import unittest

from wire import TIMEOUT, Answer, EchoServer, array, session_url

NO_CACHE = "no-store, no-cache, must-revalidate, max-age=0"
JAVASCRIPT = "application/javascript; charset=UTF-8"


class SessionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Two shards: half of all requests arrive on the wrong one. No session ends before a slow client asks again.
        cls.server = cls.enterClassContext(EchoServer("--shards", "2", "--disconnect-delay-ms", "300000"))

    def open(self, url):
        self.assertEqual(self.server.post(url + "/xhr").body, "o\n")

    def send(self, url, *messages):
        self.assertEqual(self.server.post(url + "/xhr_send", array(*messages)).status, 204)


class ProtocolTest(SessionTest):
    def test_any_server_and_session_name_will_do(self):
        for path in ("/a/a", "/_/_", "/1/1", "/abcdefgh_i-j%20/abcdefg_i-j%20"):
            self.open("/echo" + path)

    def test_the_server_part_is_ignored(self):
        name = session_url().rsplit("/", 1)[1]
        self.open("/echo/000/" + name)
        self.send("/echo/123/" + name, "a")
        self.assertEqual(self.server.post(f"/echo/999/{name}/xhr").body, 'a["a"]\n')

    def test_messages_between_polls_come_together(self):
        url = session_url()
        self.open(url)
        self.send(url, "a", "b")
        self.send(url, "c")
        self.assertEqual(self.server.post(url + "/xhr").body, 'a["a","b","c"]\n')

    def test_of_two_polls_one_is_refused_and_one_waits(self):
        url = session_url()
        self.open(url)
        with self.server.connect() as first, self.server.connect() as second:
            for each in (first, second):
                each.send_request("POST", url + "/xhr")
            refused = select.select([first.socket, second.socket], [], [], TIMEOUT)[0][0]
            waiting, refused = sorted((first, second), key=lambda each: each.socket is refused)
            self.assertEqual(Answer(refused, "POST").read_all(),
                             'c[2010,"Another connection still open"]\n')
            self.send(url, "a")
            self.assertEqual(Answer(waiting, "POST").read_all(), 'a["a"]\n')

    def test_a_close_is_served_again_and_again(self):
        url = session_url("/close")
        self.open(url)
        for _ in range(3):
            self.assertEqual(self.server.post(url + "/xhr").body, 'c[3000,"Go away!"]\n')

    def test_a_closed_session_refuses_a_second_stream_with_its_own_reason(self):
        url = session_url("/close")
        for frames in (["o\n", 'c[3000,"Go away!"]\n'], ['c[3000,"Go away!"]\n']):
            with self.server.stream("POST", url + "/xhr_streaming") as stream:
                stream.read_chunk()
                for frame in (*frames, ""):
                    self.assertEqual(stream.read_chunk(), frame)

    def test_a_lost_stream_interrupts_the_session(self):
        url = session_url()
        first = self.server.stream("POST", url + "/xhr_streaming")
        first.read_chunk()
        self.assertEqual(first.read_chunk(), "o\n")
        with self.server.stream("POST", url + "/xhr_streaming") as second:
            second.read_chunk()
            self.assertEqual(second.read_chunk(), 'c[2010,"Another connection still open"]\n')
            self.assertEqual(second.read_chunk(), "")
        first.close()
        self.wait_until_interrupted(url)
        with self.server.stream("POST", url + "/xhr_streaming") as third:
            third.read_chunk()
            self.assertEqual(third.read_chunk(), 'c[1002,"Connection interrupted"]\n')
            self.assertEqual(third.read_chunk(), "")

    def wait_until_interrupted(self, url):
        # The server's own answer says when it has noticed.
        deadline = time.monotonic() + TIMEOUT
        while self.server.post(url + "/xhr_send", array("?")).status != 404:
            self.assertLess(time.monotonic(), deadline, "the loss went unnoticed")
            time.sleep(0.01)

    def test_sending_to_no_session_is_not_found(self):
        for endpoint in ("/xhr_send", "/jsonp_send"):
            answer = self.server.post(session_url() + endpoint, array("x"))
            self.assertEqual(answer.status, 404)

    def test_empty_arrays_are_heart_beats_of_the_client(self):
        url = session_url()
        self.open(url)
        self.send(url)
        self.send(url, "a")
        self.assertEqual(self.server.post(url + "/xhr").body, 'a["a"]\n')

    def test_amplify(self):
        url = session_url("/amplify")
        self.open(url)
        for message, size in (("1", 2), ("10", 1024), ("2.9", 4), ("19", 2), ("0", 2), ("x", 2),
                              ("18", 1 << 18)):
            self.send(url, message)
            self.assertEqual(self.server.post(url + "/xhr").body, f'a["{"x" * size}"]\n')


class AnotherAddressTest(SessionTest):
    """Addresses and ports change on the way through proxies; no transport may care."""

    def test_every_http_transport_survives_another_port_and_address(self):
        def echo(url, receive):
            answer = self.server.post(url + "/xhr_send", array("a"), source="127.0.0.2")
            self.assertEqual(answer.status, 204)
            self.assertIn("a", receive())

        url = session_url()
        self.assertEqual(self.server.post(url + "/xhr").body, "o\n")
        echo(url, lambda: self.server.post(url + "/xhr", source="127.0.0.3").body)

        for method, target in (("POST", "/xhr_streaming"), ("GET", "/eventsource"),
                               ("GET", "/htmlfile?c=x")):
            url = session_url()
            stream = self.server.stream(method, url + target, source="127.0.0.4")
            stream.read_chunk()
            self.assertIn("o", stream.read_chunk())
            echo(url, stream.read_chunk)
            stream.close()

        url = session_url()
        self.assertEqual(self.server.get(url + "/jsonp?c=x").body, 'x("o");\r\n')
        echo(url, lambda: self.server.get(url + "/jsonp?c=x", source="127.0.0.5").body)

    def test_somebody_with_another_token_or_cookie_finds_no_session(self):
        for name, mine, theirs in (("Authorization", "Bearer mine", "Bearer theirs"),
                                   ("Cookie", "JSESSIONID=mine", "JSESSIONID=theirs")):
            url = session_url()
            self.assertEqual(self.server.post(url + "/xhr", "", {name: mine}).body, "o\n")
            for headers in ({name: theirs}, {}):
                send = self.server.post(url + "/xhr_send", array("forged"), headers)
                self.assertEqual(send.status, 404)
                self.assertEqual(self.server.post(url + "/xhr", "", headers).status, 404)
            send = self.server.post(url + "/xhr_send", array("a"), {name: mine})
            self.assertEqual(send.status, 204)
            self.assertEqual(self.server.post(url + "/xhr", "", {name: mine}).body, 'a["a"]\n')


class XhrTest(SessionTest):
    def test_polling(self):
        url = session_url()
        poll = self.server.post(url + "/xhr", "", {"Origin": "http://test"})
        self.assertEqual(poll.status, 200)
        self.assertEqual(poll["content-type"], JAVASCRIPT)
        self.assertEqual(poll["access-control-allow-origin"], "http://test")
        self.assertEqual(poll["access-control-allow-credentials"], "true")
        self.assertEqual(poll["cache-control"], NO_CACHE)
        send = self.server.post(url + "/xhr_send", array("x"), {"Origin": "http://test"})
        self.assertEqual(send.status, 204)
        self.assertEqual(send["content-type"], "text/plain; charset=UTF-8")
        self.assertEqual(send["access-control-allow-origin"], "http://test")
        self.assertEqual(send["cache-control"], NO_CACHE)
        self.assertIsNone(send["content-length"])

    def test_broken_payloads(self):
        url = session_url()
        self.open(url)
        for body, text in (('["x', "Broken JSON encoding."), ("", "Payload expected.")):
            answer = self.server.post(url + "/xhr_send", body)
            self.assertEqual(answer.status, 500)
            self.assertIn(text, answer.body)
        self.send(url, "a")
        self.assertEqual(self.server.post(url + "/xhr").body, 'a["a"]\n')

    def test_any_content_type(self):
        url = session_url()
        self.open(url)
        types = ("text/plain", "T", "application/json", "application/xml", "",
                 "application/json; charset=utf-8", "text/xml; charset=utf-8", "text/xml")
        for each in types:
            answer = self.server.post(url + "/xhr_send", array("a"), {"Content-Type": each})
            self.assertEqual(answer.status, 204)
        self.assertEqual(self.server.post(url + "/xhr").body,
                         "a[" + ",".join(['"a"'] * len(types)) + "]\n")

    def test_streaming_is_one_chunk_for_each_piece(self):
        url = session_url()
        stream = self.server.stream("POST", url + "/xhr_streaming", {"Origin": "http://test"})
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream["content-type"], JAVASCRIPT)
        self.assertEqual(stream["cache-control"], NO_CACHE)
        self.assertEqual(stream["access-control-allow-origin"], "http://test")
        self.assertEqual(stream["transfer-encoding"], "chunked")
        self.assertIsNone(stream["content-length"])
        self.assertEqual(stream.read_chunk(), "h" * 2048 + "\n")
        self.assertEqual(stream.read_chunk(), "o\n")
        self.send(url, "x")
        self.assertEqual(stream.read_chunk(), 'a["x"]\n')
        stream.close()

    def test_streaming_ends_at_its_limit(self):
        url = session_url()
        stream = self.server.stream("POST", url + "/xhr_streaming")
        stream.read_chunk()
        self.assertEqual(stream.read_chunk(), "o\n")
        for _ in range(31):
            self.send(url, "x" * 128)
            self.assertEqual(stream.read_chunk(), 'a["' + "x" * 128 + '"]\n')
        self.assertEqual(stream.read_chunk(), "")
        # The connection is still good for the next one.
        self.send(url, "next")
        again = stream.connection.request("POST", url + "/xhr_streaming")
        again.read_chunk()
        self.assertEqual(again.read_chunk(), 'a["next"]\n')
        stream.close()


class OtherTransportsTest(SessionTest):
    def test_eventsource(self):
        url = session_url()
        stream = self.server.stream("GET", url + "/eventsource")
        self.assertEqual(stream["content-type"], "text/event-stream; charset=UTF-8")
        self.assertEqual(stream["cache-control"], NO_CACHE)
        self.assertEqual(stream.read_chunk(), "\r\n")
        self.assertEqual(stream.read_chunk(), "data: o\r\n\r\n")
        self.send(url, "  \0\n\r ")
        self.assertEqual(stream.read_chunk(), 'data: a["  \\u0000\\n\\r "]\r\n\r\n')
        self.send(url, "x" * 4096)
        self.assertEqual(stream.read_chunk(), 'data: a["' + "x" * 4096 + '"]\r\n\r\n')
        self.assertEqual(stream.read_chunk(), "")
        stream.close()

    def test_htmlfile(self):
        url = session_url()
        stream = self.server.stream("GET", url + "/htmlfile?c=%63allback")
        self.assertEqual(stream["content-type"], "text/html; charset=UTF-8")
        self.assertEqual(stream["cache-control"], NO_CACHE)
        head = stream.read_chunk()
        self.assertGreater(len(head), 1024)
        self.assertIn("var c = parent.callback;", head)
        self.assertEqual(stream.read_chunk(), '<script>\np("o");\n</script>\r\n')
        self.send(url, "x")
        self.assertEqual(stream.read_chunk(), '<script>\np("a[\\"x\\"]");\n</script>\r\n')
        self.send(url, "x" * 4096)
        stream.read_chunk()
        self.assertEqual(stream.read_chunk(), "")
        stream.close()

    def test_jsonp(self):
        url = session_url()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        poll = self.server.get(url + "/jsonp?c=%63allback")
        self.assertEqual(poll["content-type"], JAVASCRIPT)
        self.assertEqual(poll["cache-control"], NO_CACHE)
        self.assertEqual(poll.body, 'callback("o");\r\n')
        for body, text in (("d=%5B%22x", "Broken JSON encoding."), ("", "Payload expected."),
                           ("d=", "Payload expected."), ("p=p", "Payload expected.")):
            answer = self.server.post(url + "/jsonp_send", body, form)
            self.assertEqual(answer.status, 500)
            self.assertIn(text, answer.body)
        send = self.server.post(url + "/jsonp_send", "d=%5B%22x%22%5D", form)
        self.assertEqual((send.status, send.body), (200, "ok"))
        self.assertEqual(send["content-type"], "text/plain; charset=UTF-8")
        self.assertEqual(send["cache-control"], NO_CACHE)
        send = self.server.post(url + "/jsonp_send", '["%61bc"]', {"Content-Type": "text/plain"})
        self.assertEqual(send.body, "ok")
        self.assertEqual(self.server.get(url + "/jsonp?c=x").body,
                         'x("a[\\"x\\",\\"%61bc\\"]");\r\n')

    def test_jsonp_is_told_of_a_close(self):
        url = session_url("/close")
        self.assertEqual(self.server.get(url + "/jsonp?c=x").body, 'x("o");\r\n')
        for _ in range(2):
            self.assertEqual(self.server.get(url + "/jsonp?c=x").body,
                             'x("c[3000,\\"Go away!\\"]");\r\n')

    def test_callbacks_must_be_names(self):
        for endpoint in ("htmlfile", "jsonp"):
            answer = self.server.get(f"/echo/a/a/{endpoint}")
            self.assertEqual(answer.status, 500)
            self.assertIn('"callback" parameter required', answer.body)
            for name in ("%20", "*", "abc(", "abc%28"):
                answer = self.server.get(f"/echo/a/a/{endpoint}?c={name}")
                self.assertEqual(answer.status, 500)
                self.assertIn('invalid "callback" parameter', answer.body)

    def test_the_session_cookie(self):
        dummy = "JSESSIONID=dummy; path=/"
        service = "/cookie_needed_echo"
        self.assertEqual(self.server.post(session_url(service) + "/xhr")["set-cookie"], dummy)
        own = self.server.post(session_url(service) + "/xhr", "", {"Cookie": "JSESSIONID=abcdef"})
        self.assertEqual(own["set-cookie"], "JSESSIONID=abcdef; path=/")
        for method, target in (("POST", "/xhr_streaming"), ("GET", "/eventsource"),
                               ("GET", "/htmlfile?c=x"), ("GET", "/jsonp?c=x")):
            stream = self.server.stream(method, session_url(service) + target)
            self.assertEqual(stream["set-cookie"], dummy)
            stream.close()


class EncodingTest(SessionTest):
    def test_the_server_escapes_what_browsers_mangle(self):
        killers = "".join(map(chr, (*range(0x200C, 0x2010), *range(0x2028, 0x2030),
                                    *range(0x2060, 0x2070), *range(0xFFF0, 0x10000))))
        url = session_url()
        self.open(url)
        body = json.dumps([killers], ensure_ascii=False).encode()
        self.assertEqual(self.server.post(url + "/xhr_send", body).status, 204)
        escaped = "".join(f"\\u{ord(each):04x}" for each in killers)
        self.assertEqual(self.server.post(url + "/xhr").body, f'a["{escaped}"]\n')

    def test_every_character_comes_back(self):
        text = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x10000), 0x1F600, 0x10FFFF)))
        for ascii_only in (True, False):
            url = session_url()
            self.open(url)
            body = json.dumps([text], ensure_ascii=ascii_only).encode()
            self.assertEqual(self.server.post(url + "/xhr_send", body).status, 204)
            answer = self.server.post(url + "/xhr").body
            self.assertEqual(json.loads(answer.removeprefix("a")), [text])

    def test_a_lone_surrogate_is_replaced(self):
        url = session_url()
        self.open(url)
        self.server.post(url + "/xhr_send", '["a\\ud800b"]')
        self.assertEqual(self.server.post(url + "/xhr").body, 'a["a\\ufffdb"]\n')


class HttpVersionTest(SessionTest):
    def test_http_10_gets_no_chunks_and_a_close(self):
        with self.server.connect() as connection:
            answer = connection.request("POST", session_url("/close") + "/xhr_streaming",
                                        {"Connection": "Keep-Alive"}, version="1.0")
            self.assertEqual(answer.status, 200)
            self.assertIsNone(answer["transfer-encoding"])
            self.assertIsNone(answer["content-length"])
            self.assertEqual(connection.read_to_end().decode(),
                             "h" * 2048 + '\no\nc[3000,"Go away!"]\n')

    def test_http_10_may_keep_its_connection_for_whole_answers(self):
        with self.server.connect() as connection:
            for _ in range(2):
                answer = connection.request("GET", "/echo", {"Connection": "Keep-Alive"},
                                            version="1.0")
                self.assertEqual(answer["connection"].lower(), "keep-alive")
                self.assertEqual(answer.read_all(), "Welcome to SockJS!\n")

    def test_http_11_keeps_its_connection(self):
        url = session_url()
        with self.server.connect() as connection:
            self.assertEqual(connection.request("GET", "/echo").read_all(), "Welcome to SockJS!\n")
            self.assertEqual(connection.request("POST", url + "/xhr").read_all(), "o\n")
            send = connection.request("POST", url + "/xhr_send", body=array("a"))
            self.assertEqual(send.status, 204)
            self.assertEqual(connection.request("POST", url + "/xhr").read_all(), 'a["a"]\n')

    def test_a_post_without_length_is_an_empty_one(self):
        with self.server.connect() as connection:
            connection.socket.sendall(
                f"POST {session_url()}/xhr HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            poll = connection.request("GET", "/echo")
            self.assertEqual(poll.read_all(), "o\n")


class HeartBeatTest(SessionTest):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(
            EchoServer("--heart-beat-ms", "200", "--disconnect-delay-ms", "300000"))

    def test_heart_beats_reach_every_http_transport(self):
        self.assertEqual(self.server.post(poll := session_url() + "/xhr").body, "o\n")
        self.assertEqual(self.server.post(poll).body, "h\n")
        for method, target, beat in (
                ("POST", "/xhr_streaming", "h\n"), ("GET", "/eventsource", "data: h\r\n\r\n"),
                ("GET", "/htmlfile?c=x", '<script>\np("h");\n</script>\r\n')):
            stream = self.server.stream(method, session_url() + target)
            stream.read_chunk()
            stream.read_chunk()
            self.assertEqual(stream.read_chunk(), beat)
            self.assertEqual(stream.read_chunk(), beat)
            stream.close()


class ExpiryTest(SessionTest):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(EchoServer("--disconnect-delay-ms", "600"))

    def test_a_session_without_receiver_expires(self):
        url = session_url()
        self.assertEqual(self.server.post(url + "/xhr").body, "o\n")
        deadline = time.monotonic() + TIMEOUT
        while self.server.post(url + "/xhr_send", array()).status != 404:
            self.assertLess(time.monotonic(), deadline, "the session stays")
            time.sleep(0.01)
        self.assertEqual(self.server.post(url + "/xhr").body, "o\n")


if __name__ == "__main__":
    unittest.main()
