"""GET /metrics of a whole node: known traffic is counted exactly, and Prometheus can read the page."""
import http.client
import pathlib
import subprocess
import sys
import time
import unittest

from support import PATIENCE, Client, Closed, NodeTest, chat_body

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "metrics"))

from monitoring import documented_metrics, parse_page  # noqa: E402

OPERATIONS = '[operations]\nlisten = "127.0.0.1:0"\n'


class MetricsTest(NodeTest):
    CONFIG = OPERATIONS

    def ask(self, path="/metrics", method="GET"):
        """(status, headers, body) from the operations listener"""
        host = self.node.operations.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=PATIENCE)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def page(self):
        status, _, body = self.ask()
        self.assertEqual(status, 200)
        return parse_page(body)

    def value(self, name, page=None, **labels):
        return (page or self.page())[name, tuple(sorted(labels.items()))]

    def wait_for(self, name, expected, **labels):
        """Until the metric has the value: for what the node does when nobody waits for an answer."""
        deadline = time.monotonic() + PATIENCE
        while (seen := self.value(name, **labels)) != expected:
            if time.monotonic() > deadline:
                self.fail(f"{name} {labels} is {seen}, expected {expected}")

    def check(self, page, name, expected, **labels):
        self.assertEqual(self.value(name, page, **labels), expected, f"{name} {labels}")


class TestPage(MetricsTest):
    def test_prometheus_can_read_the_page_and_finds_nothing_to_complain_of(self):
        status, headers, body = self.ask()
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        done = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True,
                              text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_page_has_every_metric_that_is_documented_for_every_node_and_no_other(self):
        names = {name for name, _ in self.page()}
        self.assertEqual(names, documented_metrics(homes=("Every node",)))

    def test_only_get_and_head_are_answered(self):
        self.assertEqual(self.ask(method="POST")[0], 405)
        self.assertEqual(self.ask(method="HEAD")[2], "")

    def test_the_public_listener_has_no_metrics(self):
        self.assertEqual(self.node.rest("GET", "/metrics")[0], 404)

    def test_health_is_on_the_operations_listener_too_and_pages_are_not(self):
        self.assertEqual(self.ask("/health/live")[0], 200)
        self.assertEqual(self.ask("/")[0], 404)
        self.assertEqual(self.ask("/ws")[0], 404)


class TestCounts(MetricsTest):
    """One node for each test: the counts are of its whole life."""

    CONFIG = OPERATIONS + '[sockjs]\ndisconnect_delay = "5 min"\n[node]\ndrain_deadline = "500 ms"\n'

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        NodeTest.setUpClass.__func__(type(self))
        self.addCleanup(NodeTest.tearDownClass.__func__, type(self))

    def test_a_topic_with_two_subscribers(self):
        subscribers = [self.client() for _ in range(2)]
        for subscriber in subscribers:
            subscriber.subscribe("/topic/public/a")
        sender = self.client()
        for number in range(10):
            sender.send("SEND", {"destination": "/topic/public/a"}, f"{number}")
        for subscriber in subscribers:
            for number in range(10):
                self.assertEqual(subscriber.expect("MESSAGE").body, f"{number}".encode())

        self.wait_for("stampede_outbound_queue_bytes", 0)
        page = self.page()
        self.check(page, "stampede_connections", 3, transport="websocket")
        self.check(page, "stampede_connections", 0, transport="tcp")
        self.check(page, "stampede_connections_opened_total", 3, transport="websocket")
        self.check(page, "stampede_sessions", 3)
        self.check(page, "stampede_subscriptions", 2, destination="topic")
        self.check(page, "stampede_frames_received_total", 3, command="CONNECT")
        self.check(page, "stampede_frames_received_total", 2, command="SUBSCRIBE")
        self.check(page, "stampede_frames_received_total", 10, command="SEND")
        self.check(page, "stampede_frames_sent_total", 3, command="CONNECTED")
        self.check(page, "stampede_frames_sent_total", 2, command="RECEIPT")
        self.check(page, "stampede_frames_sent_total", 20, command="MESSAGE")
        self.check(page, "stampede_frames_sent_total", 0, command="ERROR")
        self.check(page, "stampede_deliveries_total", 20, destination="topic")
        self.check(page, "stampede_deliveries_total", 0, destination="room")
        self.check(page, "stampede_events_routed_total", 10)
        self.check(page, "stampede_auth_accepted_total", 3)
        self.check(page, "stampede_http_requests_total", 3, route="websocket", code="1xx")
        self.assertGreaterEqual(self.value("stampede_received_bytes_total", page), 10)
        self.assertGreaterEqual(self.value("stampede_sent_bytes_total", page), 20)

    def test_a_sample_of_the_latency_for_each_turn_that_delivered(self):
        subscriber = self.client()
        subscriber.subscribe("/topic/public/a")
        for _ in range(3):  # each comes before the next is sent, so in a turn of its own
            subscriber.send("SEND", {"destination": "/topic/public/a"}, "x")
            subscriber.expect("MESSAGE")
        self.wait_for("stampede_delivery_latency_seconds_count", 3)
        self.assertGreater(self.value("stampede_delivery_latency_seconds_sum"), 0)

    def test_a_room(self):
        room = self.new_room(creator=1)
        member = self.client(login="1")
        member.subscribe(f"/topic/chatroom/{room}")
        for number in range(5):
            member.send("SEND", {"destination": "/app/chat.sendMessage"},
                        chat_body(room, 1, f"{number}"))
            member.expect("MESSAGE")
        again = self.client(login="1")
        again.subscribe(f"/topic/chatroom/{room}", x_last_seq="0")

        page = self.page()
        last = self.node.rest("GET", f"/api/chat/rooms/{room}/messages",
                              headers={"X-User-Id": "1"})[1]["lastSeq"]
        self.check(page, "stampede_store_messages_total", 5, outcome="stored")
        self.check(page, "stampede_store_messages_total", 0, outcome="refused")
        self.check(page, "stampede_store_batch_messages_sum", 5)
        self.check(page, "stampede_store_batch_messages_count",
                   self.value("stampede_store_commit_seconds_count", page))
        self.check(page, "stampede_store_write_queue_messages", 0)
        self.check(page, "stampede_store_write_queue_bytes", 0)
        self.check(page, "stampede_subscriptions", 2, destination="room")
        self.check(page, "stampede_room_messages_replayed_total", last)
        self.check(page, "stampede_deliveries_total", 5 + last, destination="room")
        self.check(page, "stampede_http_requests_total", 1, route="api", code="2xx")
        self.check(page, "stampede_room_messages_repaired_total", 0, found_by="gap")

    def test_a_message_of_somebody_who_is_no_member_is_refused_not_failed(self):
        room = self.new_room(creator=1)
        stranger = self.client(login="2")
        stranger.send("SEND", {"destination": "/app/chat.sendMessage", "receipt": "r"},
                      chat_body(room, 2))
        stranger.expect_error()
        page = self.page()
        self.check(page, "stampede_store_messages_total", 1, outcome="refused")
        self.check(page, "stampede_store_messages_total", 0, outcome="failed")
        self.check(page, "stampede_frames_sent_total", 1, command="ERROR")

    def test_acknowledged_deliveries_are_counted_once(self):
        subscriber = self.client()
        subscriber.subscribe("/topic/public/a", ack="client-individual")
        subscriber.send("SEND", {"destination": "/topic/public/a"}, "x")
        message = subscriber.expect("MESSAGE")
        subscriber.receipt_of("ACK", {"id": message.headers["ack"]})
        page = self.page()
        self.check(page, "stampede_deliveries_total", 1, destination="topic")
        self.check(page, "stampede_frames_sent_total", 1, command="MESSAGE")
        self.check(page, "stampede_frames_received_total", 1, command="ACK")

    def test_subscriptions_end(self):
        client = self.client()
        client.subscribe("/topic/public/a", "a")
        client.subscribe("/topic/public/b", "b")
        client.subscribe("/user/queue/errors", "c")
        self.check(self.page(), "stampede_subscriptions", 2, destination="topic")
        self.check(self.page(), "stampede_subscriptions", 1, destination="user")
        client.receipt_of("UNSUBSCRIBE", {"id": "a"})
        self.check(self.page(), "stampede_subscriptions", 1, destination="topic")
        client.close()
        self.wait_for("stampede_subscriptions", 0, destination="topic")
        self.wait_for("stampede_subscriptions", 0, destination="user")

    def test_how_connections_end(self):
        polite = self.client()
        polite.receipt_of("DISCONNECT")
        polite.close()
        self.wait_for("stampede_connections_closed_total", 1, reason="client_disconnect")

        self.client().close()
        self.wait_for("stampede_connections_closed_total", 1, reason="peer_gone")

        rude = self.client()
        rude.send("NONSENSE")
        rude.expect_error()
        rude.closed()
        self.wait_for("stampede_connections_closed_total", 1, reason="protocol_error")
        self.wait_for("stampede_frames_malformed_total", 1)

        denied = self.client()
        denied.send("SEND", {"destination": "/topic/secret"}, "x")
        denied.expect_error()
        denied.closed()
        self.wait_for("stampede_connections_closed_total", 1, reason="access_denied")

        self.wait_for("stampede_connection_duration_seconds_count", 4)  # the last that is counted of an end
        page = self.page()
        self.check(page, "stampede_connections", 0, transport="websocket")
        self.check(page, "stampede_sessions", 0)
        self.check(page, "stampede_frames_sent_total", 2, command="ERROR")

    def test_credentials_that_are_refused(self):
        with self.assertRaises(Closed) as refused:
            self.client(headers={"Authorization": "Riddle 42"})
        self.assertEqual(refused.exception.code, 401)
        page = self.page()
        self.check(page, "stampede_auth_refused_total", 1, reason="bad_credentials")
        self.check(page, "stampede_auth_accepted_total", 0)
        self.check(page, "stampede_http_requests_total", 1, route="websocket", code="4xx")

    def test_how_long_answers_took_is_kept_by_route_and_class(self):
        for _ in range(3):
            self.assertEqual(self.node.rest("GET", "/api/chat/rooms?userId=1")[0], 200)
        self.assertEqual(self.node.rest("GET", "/nowhere")[0], 404)
        self.client()
        page = self.page()
        name = "stampede_http_request_seconds"
        self.check(page, f"{name}_count", 3, route="api", code="2xx")
        self.check(page, f"{name}_bucket", 3, route="api", code="2xx", le="+Inf")
        self.check(page, f"{name}_count", 1, route="other", code="4xx")
        self.check(page, f"{name}_count", 1, route="websocket", code="1xx")
        self.assertGreater(self.value(f"{name}_sum", page, route="api", code="2xx"), 0)
        self.check(page, f"{name}_count", 0, route="sockjs", code="2xx")
        self.assertNotIn((f"{name}_count", (("code", "5xx"), ("route", "sockjs"))), page)

    def test_a_direct_message_is_in_the_latency(self):
        receiver = self.client(login="2")
        receiver.subscribe("/user/queue/messages")
        sender = self.client(login="1")
        for number in range(2):
            sender.send("SEND", {"destination": "/app/chat.send"},
                        {"to": 2, "message": f"{number}"})
            receiver.expect("MESSAGE")
        self.wait_for("stampede_delivery_latency_seconds_count", 2)
        self.check(self.page(), "stampede_deliveries_total", 2, destination="user")

    def test_a_sockjs_session_is_one_connection_whatever_its_requests(self):
        self.assertEqual(self.node.rest("POST", "/ws-chat/000/metrics1/xhr")[1], "o\n")
        page = self.page()
        self.check(page, "stampede_connections", 1, transport="sockjs-xhr-polling")
        self.check(page, "stampede_http_requests_total", 1, route="sockjs", code="2xx")
        self.check(page, "stampede_sessions", 0)

    def test_what_waits_for_the_next_poll_is_counted(self):
        def poll(path, *frames):
            body = [f"{frame}\n\n\0" for frame in frames] if frames else None
            return self.node.rest("POST", f"/ws-chat/000/metrics2/{path}", body)

        poll("xhr")
        self.assertEqual(poll("xhr_send", "CONNECT\naccept-version:1.2\nheart-beat:0,0")[0], 204)
        self.assertIn("CONNECTED", poll("xhr")[1])
        poll("xhr_send", "SUBSCRIBE\nid:0\nreceipt:r\ndestination:/topic/public/a")
        self.assertIn("RECEIPT", poll("xhr")[1])
        self.client().send("SEND", {"destination": "/topic/public/a"}, "x" * 1000)
        deadline = time.monotonic() + PATIENCE
        while self.value("stampede_outbound_queue_bytes") < 1000:
            self.assertLess(time.monotonic(), deadline)
        self.assertIn("MESSAGE", poll("xhr")[1])
        self.wait_for("stampede_outbound_queue_bytes", 0)

    def test_what_is_nowhere_is_counted_without_its_name(self):
        for path in ("/no", "/such", "/thing"):
            self.assertEqual(self.node.rest("GET", path)[0], 404)
        self.check(self.page(), "stampede_http_requests_total", 3, route="other", code="4xx")


class TestLimits(MetricsTest):
    CONFIG = OPERATIONS + ('[limits.connections]\nsessions_per_user = 1\n'
                           '[limits.rate.address]\nfailed_login = "1/d"\nfailed_login_burst = 1\n')

    def refused(self, reason):
        return self.value("stampede_auth_refused_total", reason=reason)

    def test_what_a_limit_refuses_is_refused_for_that_reason(self):
        self.client(login="1")
        second = self.client(connect=False)
        second.send("CONNECT", {"accept-version": "1.2", "login": "1"})
        self.assertEqual(second.expect_error().headers["code"], "too_many_sessions")
        self.assertEqual(self.refused("too_many_sessions"), 1)
        self.assertEqual(self.refused("rate_limited"), 0)
        for code in (401, 429):
            with self.assertRaises(Closed) as refused:
                self.client(headers={"Authorization": "Riddle 42"})
            self.assertEqual(refused.exception.code, code)
        self.assertEqual(self.refused("rate_limited"), 1)
        self.assertEqual(self.refused("bad_credentials"), 1)
        self.assertEqual(self.refused("other"), 0)


class TestSlowReader(MetricsTest):
    # One shard: what it delivers is seen before the next message is sent, so that no state of the queue is missed.
    CONFIG = OPERATIONS + ('[node]\nshards = 1\n[limits.outbound]\nqueue = "512 KiB"\n[limits.frame]\nmax_body = "64 KiB"\n'
                           'max_headers_size = "16 KiB"\n')

    def test_what_waits_for_a_slow_reader_is_seen_and_its_end_too(self):
        slow = self.client(receive_buffer=4096)
        slow.subscribe("/topic/public/a")
        sender = self.client()
        waited = blocked = 0
        deadline = time.monotonic() + PATIENCE
        closed = 0
        while not closed and time.monotonic() < deadline:
            sender.receipt_of("SEND", {"destination": "/topic/public/a"}, b"x" * 60_000)
            page = self.page()
            waited = max(waited, self.value("stampede_outbound_queue_bytes", page))
            blocked = max(blocked, self.value("stampede_connections_blocked", page))
            closed = self.value("stampede_connections_closed_total", page, reason="slow_consumer")
            if not closed and self.value("stampede_connections", page, transport="websocket") == 1:
                break
        slow.close()
        self.assertGreater(waited, 0)
        self.assertEqual(blocked, 1)
        self.wait_for("stampede_connections_closed_total", 1, reason="slow_consumer")
        self.wait_for("stampede_connections_blocked", 0)
        self.wait_for("stampede_outbound_queue_bytes", 0)


class TestWithoutIt(NodeTest):
    def test_by_default_there_is_no_operations_listener(self):
        self.assertIsNone(self.node.operations)
        self.assertEqual(self.node.rest("GET", "/metrics")[0], 404)


class TestTcp(MetricsTest):
    CONFIG = OPERATIONS + ('[[listeners]]\naddress = "127.0.0.1:0"\n'
                           '[[listeners]]\naddress = "127.0.0.1:0"\nprotocol = "stomp"\n')

    def test_a_client_over_tcp(self):
        client = Client(self.node.stomp_ports[0], tcp=True)
        self.addCleanup(client.close)
        client.connect()
        self.check(self.page(), "stampede_connections", 1, transport="tcp")
        self.check(self.page(), "stampede_sessions", 1)
        client.close()
        self.wait_for("stampede_connections", 0, transport="tcp")


if __name__ == "__main__":
    unittest.main()
