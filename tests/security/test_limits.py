"""Rates and numbers of connections at their edges. Rates of one a day: who has used up the burst is
over the limit however slow the machine is."""
import base64
import http.client
import json
import socket
import unittest

from security_support import (Client, Closed, NodeTest, PATIENCE, answer_of, chat_body, passcode_hash,
                     token, until, SECRET, WITH_STOMP)


def basic(passcode):
    return "Basic " + base64.b64encode(b"alice:" + passcode).decode()


class Users(NodeTest):
    CONFIG = """
[limits.rate.user]
send = "1/d"
send_burst = 3
subscribe = "1/d"
subscribe_burst = 2
connect = "1/d"
connect_burst = 3
request = "1/d"
request_burst = 4
"""

    def test_a_send_beyond_the_limit_is_refused_and_not_stored_and_the_session_ends(self):
        room = self.new_room(11)
        client = self.client(login="11")
        for number in range(3):
            client.receipt_of("SEND", {"destination": "/app/chat.sendMessage"},
                              chat_body(room, 11, f"message {number}"))
        client.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": "fourth"},
                    chat_body(room, 11, "one too many"))
        error = client.expect_error()
        self.assertEqual(error.headers["code"], "rate_limited")
        self.assertEqual(error.headers["receipt-id"], "fourth")
        self.assertGreater(int(error.headers["retry-after"]), 0)
        self.assertEqual(client.closed().code, 4030)
        _, page = self.node.rest("GET", f"/api/chat/rooms/{room}/messages", headers={"X-User-Id": "11"})
        texts = [message["content"] for message in page["messages"]
                 if message["messageType"] == "CHAT"]
        self.assertEqual(sorted(texts), ["message 0", "message 1", "message 2"])

    def test_all_devices_of_a_user_share_the_limit_and_other_users_have_their_own(self):
        devices = [self.client(login="12"), self.client(login="12"), self.client(login="12")]
        for device in devices:
            device.receipt_of("SEND", {"destination": "/topic/public/a"}, "x")
        devices[0].send("SEND", {"destination": "/topic/public/a"}, "x")
        self.assertEqual(devices[0].expect_error().headers["code"], "rate_limited")
        other = self.client(login="13")
        other.receipt_of("SEND", {"destination": "/topic/public/a"}, "x")

    def test_what_is_in_a_transaction_counts_when_it_comes(self):
        client = self.client(login="14")
        client.receipt_of("BEGIN", {"transaction": "t"})
        for _ in range(3):
            client.send("SEND", {"destination": "/topic/public/a", "transaction": "t"}, "x")
        client.send("SEND", {"destination": "/topic/public/a", "transaction": "t"}, "x")
        self.assertEqual(client.expect_error().headers["code"], "rate_limited")

    def test_subscribes_have_a_limit_of_their_own(self):
        client = self.client(login="15")
        client.subscribe("/topic/public/a", "1")
        client.subscribe("/topic/public/b", "2")
        client.receipt_of("SEND", {"destination": "/topic/public/c"}, "x")
        client.send("SUBSCRIBE", {"id": "3", "destination": "/topic/public/c"})
        self.assertEqual(client.expect_error().headers["code"], "rate_limited")

    def test_a_user_who_connects_too_often_is_told_so(self):
        for _ in range(3):
            self.client(login="16").close()
        client = self.client(connect=False)
        client.send("CONNECT", {"accept-version": "1.2", "login": "16"})
        self.assertEqual(client.expect_error().headers["code"], "rate_limited")
        self.assertEqual(client.closed().code, 4030)

    def test_an_anonymous_caller_has_no_limit_but_the_address(self):
        for _ in range(6):
            status, _, _ = answer_of(self.node.port, "GET", "/api/chat/rooms", headers={"X-User-Id": "17"})
            self.assertEqual(status, 200)

    def test_heart_beats_and_acknowledgements_are_free(self):
        client = self.client(login="18")
        client.subscribe("/topic/public/own", "1", ack="client-individual")
        client.send("SEND", {"destination": "/topic/public/own"}, "x")
        message = client.expect("MESSAGE")
        client.receipt_of("ACK", {"id": message.headers["ack"]})
        for _ in range(20):
            client.send_bytes(b"\n")
        client.receipt_of("UNSUBSCRIBE", {"id": "1"})


class Slowed(NodeTest):
    CONFIG = """
[limits.rate.user]
send = "20/s"
send_burst = 1
subscribe = "20/s"
subscribe_burst = 1

[limits.rate]
longest_wait = "1 min"
"""

    def test_a_burst_over_the_limit_is_slowed_and_nothing_of_it_is_refused(self):
        client = self.client(login="1")
        client.subscribe("/topic/public/a", "1")
        client.subscribe("/topic/public/b", "2")
        for number in range(15):
            client.send("SEND", {"destination": "/topic/public/a", "receipt": str(number)}, str(number))
        bodies, receipts = [], []
        while len(bodies) < 15 or len(receipts) < 15:
            frame = client.receive()
            if frame.command == "MESSAGE":
                bodies.append(frame.body.decode())
            else:
                self.assertEqual(frame.command, "RECEIPT", frame)
                receipts.append(frame.headers["receipt-id"])
        self.assertEqual(bodies, [str(number) for number in range(15)])
        self.assertEqual(receipts, bodies)


class Addresses(NodeTest):
    """Clients behind a proxy that says who they are."""
    CONFIG = """
[http]
trusted_proxies = ["127.0.0.0/30"]

[limits.rate.address]
connect = "1/d"
connect_burst = 2
request = "1/d"
request_burst = 2

[limits.connections]
sessions_per_address = 2
per_address = 1
"""

    def behind(self, address, **options):
        return self.client(headers={"X-Forwarded-For": address}, **options)

    def test_the_address_in_the_header_counts_and_another_one_is_another(self):
        for _ in range(2):
            self.behind("198.51.100.1").close()
        with self.assertRaises(Closed) as refused:
            self.behind("198.51.100.1")
        self.assertEqual(refused.exception.code, 429)
        self.assertIn("Retry-After", refused.exception.reason)
        self.behind("198.51.100.2")

    def test_what_a_client_puts_into_the_header_itself_is_not_believed(self):
        for number in range(2):
            self.behind(f"203.0.113.{number}, 198.51.100.3").close()
        with self.assertRaises(Closed) as refused:
            self.behind("203.0.113.77, 198.51.100.3")
        self.assertEqual(refused.exception.code, 429)

    def test_addresses_of_one_ipv6_network_count_as_one(self):
        for number in range(2):
            self.behind(f"2001:db8:0:1::{number}").close()
        with self.assertRaises(Closed):
            self.behind("2001:db8:0:1:ffff::9")
        self.behind("2001:db8:0:2::1")

    def test_sockjs_sessions_count_like_all_others(self):
        headers = {"X-Forwarded-For": "198.51.100.4"}
        for number in range(2):
            status, _, text = answer_of(self.node.port, "POST", f"/ws-chat/1/limit{number}/xhr", "", headers)
            self.assertEqual((status, text), (200, "o\n"))
        status, answered, _ = answer_of(self.node.port, "POST", "/ws-chat/1/limit3/xhr", "", headers)
        self.assertEqual(status, 429)
        self.assertGreater(int(answered["Retry-After"]), 0)

    def test_rest_answers_429_with_what_is_allowed_and_when(self):
        headers = {"X-Forwarded-For": "198.51.100.5"}
        for _ in range(2):
            self.assertEqual(answer_of(self.node.port, "GET", "/api/chat/rooms", headers=headers)[0], 200)
        status, answered, text = answer_of(self.node.port, "GET", "/api/chat/rooms", headers=headers)
        self.assertEqual(status, 429)
        self.assertEqual(json.loads(text)["code"], "rate_limited")
        self.assertEqual(answered["Content-Type"], "application/problem+json")
        self.assertGreater(int(answered["Retry-After"]), 0)
        self.assertEqual(answered["RateLimit-Policy"], '"address";q=2;w=172800')
        self.assertEqual(answered["RateLimit"], f'"address";r=0;t={answered["Retry-After"]}')
        other = {"X-Forwarded-For": "198.51.100.6"}
        self.assertEqual(answer_of(self.node.port, "GET", "/api/chat/rooms", headers=other)[0], 200)

    def test_sockets_of_a_proxy_are_not_counted_those_of_others_are(self):
        first = self.socket_from("127.0.0.9")
        self.assertEqual(self.status_over(first), 200)
        second = self.socket_from("127.0.0.9")
        self.assertEqual(self.status_over(second), 429)
        self.assertEqual(self.status_over(self.socket_from("127.0.0.10")), 200)
        first.close()
        self.assertTrue(until(lambda: self.status_over(self.socket_from("127.0.0.9")) == 200,
                              "a socket's place was not given back"))

    def socket_from(self, address):
        made = socket.socket()
        self.addCleanup(made.close)
        made.settimeout(PATIENCE)
        made.bind((address, 0))
        made.connect(("127.0.0.1", self.node.port))
        return made

    def status_over(self, made):
        try:
            made.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = http.client.HTTPResponse(made)
            answer.begin()
            answer.read()
            return answer.status
        except (ConnectionError, http.client.HTTPException):
            return 429  # refused before the request was sent


class Sessions(NodeTest):
    @classmethod
    def setUpClass(cls):
        cls.CONFIG = WITH_STOMP + f"""
[auth]
mode = "required"

[auth.jwt]
algorithms = ["HS256"]
secret = "{SECRET}"

[limits.rate.user]
request = "1/d"
request_burst = 2
send = "1/d"
send_burst = 1

[limits.connections]
sessions_per_user = 2
"""
        super().setUpClass()

    def refusal(self, **options):
        client = self.client(connect=False, **options)
        client.send("CONNECT", {"accept-version": "1.2", "passcode": token("7", userId=7)})
        return client, client.receive()

    def test_one_session_too_many_is_refused_and_there_is_room_when_one_has_gone(self):
        first = self.client(passcode=token("7", userId=7))
        self.client(passcode=token("7", userId=7))
        refused, frame = self.refusal()
        self.assertEqual((frame.command, frame.headers["code"]), ("ERROR", "too_many_sessions"))
        self.assertEqual(refused.closed().code, 4029)
        self.client(passcode=token("8", userId=8))
        first.send("DISCONNECT")
        first.close()

        def let_in():
            client, answer = self.refusal()
            if answer.command == "CONNECTED":
                return True
            client.close()
            return False

        self.assertTrue(until(let_in, "a session's place was not given back"))

    def test_a_back_end_has_no_limits(self):
        back_end = {"passcode": token("back end", roles=["service"])}
        sessions = [self.client(**back_end) for _ in range(3)]
        for _ in range(5):
            sessions[0].send("SEND", {"destination": "/app/nothing"}, "{}")
        sessions[0].receipt_of("SUBSCRIBE", {"id": "1", "destination": "/user/queue/errors"})
        bearer = {"Authorization": "Bearer " + token("back end", roles=["service"])}
        for _ in range(5):
            self.assertNotEqual(answer_of(self.node.port, "GET", "/api/users/7/sessions", headers=bearer)[0], 429)

    def test_requests_of_a_user_are_counted_by_the_user(self):
        bearer = {"Authorization": "Bearer " + token("9", userId=9)}
        for _ in range(2):
            self.assertEqual(answer_of(self.node.port, "GET", "/api/chat/rooms", headers=bearer)[0], 200)
        status, answered, _ = answer_of(self.node.port, "GET", "/api/chat/rooms", headers=bearer)
        self.assertEqual(status, 429)
        self.assertTrue(answered["RateLimit"].startswith('"user";r=0;t='), answered["RateLimit"])


class Logins(NodeTest):
    """Whoever tries passcodes."""

    @classmethod
    def setUpClass(cls):
        cls.CONFIG = WITH_STOMP + f"""
[auth]
mode = "required"

[[auth.accounts]]
login = "alice"
passcode_hash = "{passcode_hash('right')}"
user_id = 1

[http]
trusted_proxies = ["127.0.0.1"]

[limits.rate.address]
failed_login = "1/d"
failed_login_burst = 3
"""
        super().setUpClass()

    def login(self, passcode, **options):
        client = self.client(connect=False, **options)
        client.send("CONNECT", {"accept-version": "1.2", "login": "alice", "passcode": passcode})
        frame = client.receive()
        client.close()
        return frame.headers.get("code", frame.command)

    def test_after_too_many_wrong_passcodes_nothing_is_tried_any_more(self):
        from_there = {"headers": {"X-Forwarded-For": "198.51.100.1"}}
        for _ in range(3):
            self.assertEqual(self.login("wrong", **from_there), "bad_credentials")
        self.assertEqual(self.login("right", **from_there), "rate_limited")
        right = {"Authorization": basic(b"right"), "X-Forwarded-For": "198.51.100.1"}
        self.assertEqual(answer_of(self.node.port, "GET", "/api/chat/rooms", headers=right)[0], 429)
        self.assertEqual(self.login("right", headers={"X-Forwarded-For": "198.51.100.2"}), "CONNECTED")

    def test_wrong_ones_over_rest_count_as_well_and_right_ones_do_not(self):
        def status(passcode):
            return answer_of(self.node.port, "GET", "/api/chat/rooms", headers={
                "Authorization": basic(passcode), "X-Forwarded-For": "198.51.100.3"})[0]
        for _ in range(6):
            self.assertEqual(status(b"right"), 200)
        for _ in range(3):
            self.assertEqual(status(b"wrong"), 401)
        self.assertEqual(status(b"right"), 429)
        self.assertEqual(self.login("right", headers={"X-Forwarded-For": "198.51.100.3"}), "rate_limited")


class Tcp(NodeTest):
    CONFIG = WITH_STOMP + """
[limits.connections]
sessions_per_address = 2
per_address = 4
"""

    def tcp(self):
        client = Client(self.node.stomp_ports[0], tcp=True)
        self.addCleanup(client.close)
        return client

    def test_a_client_over_the_limit_hears_why(self):
        clients = [self.tcp() for _ in range(2)]
        for client in clients:
            client.connect()
        third = self.tcp()
        self.assertEqual(third.receive().headers["code"], "too_many_sessions")
        third.closed()


if __name__ == "__main__":
    unittest.main()
