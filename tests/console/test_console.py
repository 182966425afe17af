"""The console's REST side of one node: every address, every refusal, and what its acts do to clients."""
import datetime
import sqlite3
import unittest

from console_support import AUTH, Trace, admin, ask, bearer, quoted, token, until
from support import Client, Closed, NodeTest, PATIENCE, chat_body


class ConsoleTest(NodeTest):
    CONFIG = AUTH
    user = 1000

    def ask(self, method, path, body=None, headers=None):
        return ask(self.node.port, method, path, body, headers)

    def get(self, path, headers=None):
        answer = self.ask("GET", path, headers=headers)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        return answer.json()

    def refused(self, status, code, method, path, body=None, headers=None):
        answer = self.ask(method, path, body, headers)
        self.assertEqual((answer.status, answer.json()["code"]), (status, code), answer)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        return answer

    def new_user(self):
        ConsoleTest.user += 1
        return str(ConsoleTest.user)

    def member(self, user=None, **options):
        """A connected client with .user and .session."""
        user = user or self.new_user()
        client = Client(self.node.port, **options)
        self.addCleanup(client.close)
        client.connected = client.connect(passcode=token(user))
        client.user, client.session = user, client.connected.headers["session"]
        return client

    def trace(self, **parameters):
        trace = Trace.opened(self.node.port, self.node_id, **parameters)
        self.addCleanup(trace.close)
        return trace

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node_id = ask(cls.node.port, "GET", "/nodes").json()["self"]

    def of_node(self, path):
        return f"/nodes/{quoted(self.node_id)}{path}"

    def audit(self, action):
        status, page = self.node.rest("GET", f"/api/chat/audit?action={action}&limit=1", headers=admin())
        self.assertEqual(status, 200)
        return page["entries"][0]


class Who(ConsoleTest):
    def paths(self):
        node = self.of_node("")
        return [("GET", "/nodes"), ("GET", node + "/overview"), ("GET", node + "/rooms"), ("GET", node + "/sessions"),
                ("GET", node + "/sessions/x"), ("DELETE", node + "/sessions/x"),
                ("DELETE", node + "/sessions/x/subscriptions/y"), ("GET", node + "/trace?user=x"), ("GET", "/bans"),
                ("PUT", "/bans/x"), ("DELETE", "/bans/x"), ("POST", "/broadcast")]

    def test_nobody_comes_in_without_credentials(self):
        for method, path in self.paths():
            with self.subTest(method=method, path=path):
                self.refused(401, "credentials_missing", method, path, headers={})
                answer = self.refused(401, "token_invalid", method, path, headers={"Authorization": "Bearer a.b.c"})
                self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer")

    def test_nobody_comes_in_without_the_role_of_an_administrator(self):
        for method, path in self.paths():
            for roles in ([], ["service"], ["Admin"]):
                with self.subTest(method=method, path=path, roles=roles):
                    self.refused(403, "forbidden", method, path, headers=bearer("55", roles=roles))

    def test_pages_of_other_sites_may_not_ask(self):
        self.refused(403, "forbidden", "GET", "/nodes", headers={**admin(), "Origin": "https://evil.example"})
        self.get("/nodes", headers={**admin(), "Origin": f"http://127.0.0.1:{self.node.port}"})

    def test_what_is_not_there_and_what_takes_other_methods(self):
        self.refused(404, "no_such_destination", "GET", "/nothing")
        self.refused(404, "no_such_destination", "GET", "/nodes/")
        self.refused(404, "no_such_destination", "GET", self.of_node(""))
        answer = self.refused(405, "method_not_allowed", "POST", "/nodes", {})
        self.assertEqual(answer.headers["Allow"], "GET, HEAD")
        answer = self.refused(405, "method_not_allowed", "GET", "/bans/x")
        self.assertEqual(answer.headers["Allow"], "PUT, DELETE")

    def test_a_node_that_is_not_there(self):
        for path in ("/overview", "/rooms", "/sessions", "/sessions/x", "/trace?user=x"):
            self.refused(404, "unknown_node", "GET", "/nodes/elsewhere" + path)

    def test_what_no_database_could_hold_is_refused(self):
        for name in ("%00", "%ff"):
            self.refused(400, "bad_field", "PUT", "/bans/" + name, {})
            self.refused(400, "bad_field", "GET", self.of_node("/sessions?user=" + name))
            self.refused(400, "bad_field", "GET", self.of_node("/trace?user=" + name))


class Overview(ConsoleTest):
    def test_nodes_of_a_node_that_is_alone(self):
        self.assertEqual(self.get("/nodes"), {"self": self.node_id, "nodes": [{"id": self.node_id, "address": ""}]})

    def test_an_overview(self):
        reader, writer = self.member(), self.member()
        reader.subscribe("/topic/open/seen")
        before = self.get(self.of_node("/overview"))
        writer.send("SEND", {"destination": "/topic/open/seen"}, "x")
        reader.expect("MESSAGE")
        after = self.get(self.of_node("/overview"))
        self.assertEqual(after["id"], self.node_id)
        self.assertRegex(after["version"], r"^\d+\.\d+\.\d+")
        self.assertLessEqual(datetime.datetime.fromisoformat(after["startedAt"].replace("Z", "+00:00")),
                             datetime.datetime.now(datetime.timezone.utc))
        self.assertGreaterEqual(after["uptimeSeconds"], before["uptimeSeconds"])
        self.assertIs(after["draining"], False)
        self.assertIn("store.writer", {link["name"] for link in after["links"]})

        def grown(name, label=None):
            old, new = before["counters"][name], after["counters"][name]
            return new - old if label is None else new[label] - old[label]

        self.assertEqual(grown("frames", "SEND"), 1)
        self.assertEqual(grown("frames", "MESSAGE"), 1)
        self.assertEqual(grown("deliveries"), 1)
        self.assertEqual(grown("connectionsOpened", "websocket"), 0)
        self.assertEqual(set(after["counters"]), {
            "connectionsOpened", "frames", "deliveries", "closes", "limited", "authFailures", "slowConsumers", "repairs",
            "cpuSeconds"})
        self.assertIn("kicked", after["counters"]["closes"])
        gauges = after["gauges"]
        self.assertGreaterEqual(gauges["connections"]["websocket"], 2)
        self.assertGreaterEqual(gauges["sessions"], 2)
        self.assertGreaterEqual(gauges["subscriptions"], 1)
        self.assertEqual(gauges["outboxRows"], 0)
        self.assertGreater(gauges["residentBytes"], 1 << 20)
        self.assertGreaterEqual(gauges["queuedBytes"], 0)
        self.assertEqual(set(gauges["latencies"]), {"delivery", "commit", "registry"})
        for each in gauges["latencies"].values():
            self.assertLessEqual(each["p50Ms"], each["p99Ms"])
        self.assertEqual(gauges["latencies"]["registry"]["count"], 0)

    def test_links_come_up_and_the_node_is_ready(self):
        def ready():
            seen = self.get(self.of_node("/overview"))
            return seen if seen["ready"] and all(link["up"] for link in seen["links"]) else None
        seen = until(ready, "the node does not become ready")
        self.assertEqual({link["why"] for link in seen["links"]}, {""})

    def test_refused_credentials_are_counted(self):
        before = self.get(self.of_node("/overview"))["counters"]["authFailures"]
        self.refused(401, "token_invalid", "GET", "/nodes", headers={"Authorization": "Bearer a.b.c"})
        self.assertEqual(self.get(self.of_node("/overview"))["counters"]["authFailures"], before + 1)


class Sessions(ConsoleTest):
    def sessions(self, query=""):
        return self.get(self.of_node("/sessions" + query))

    def test_a_session_is_found_by_what_is_known_of_it(self):
        client = self.member()
        client.subscribe("/topic/open/found/" + client.user, "a")
        for query in (f"?user={client.user}", f"?session={client.session}",
                      f"?destination=/topic/open/found/{client.user}",
                      f"?user={client.user}&session={client.session}&slow=false"):
            with self.subTest(query=query):
                found = self.sessions(query)
                self.assertEqual(found["more"], False)
                self.assertEqual(len(found["sessions"]), 1)
                one = found["sessions"][0]
                self.assertRegex(one.pop("since"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
                self.assertEqual(one, {"session": client.session, "user": client.user, "transport": "websocket",
                                       "address": "127.0.0.1", "version": "1.2", "subscriptions": 1, "queuedBytes": 0,
                                       "heartBeat": "0,0"})
        self.assertEqual(self.sessions(f"?user={client.user}&slow=true"), {"sessions": [], "more": False})
        self.assertEqual(self.sessions("?user=nobody"), {"sessions": [], "more": False})
        self.assertEqual(self.sessions("?destination=/topic/open/found")["sessions"], [])

    def test_heart_beats_and_version_are_as_they_were_agreed_on(self):
        client = Client(self.node.port)
        self.addCleanup(client.close)
        user = self.new_user()
        client.send("CONNECT", {"accept-version": "1.1", "heart-beat": "20000,30000", "passcode": token(user)})
        self.assertEqual(client.receive().command, "CONNECTED")
        one = self.sessions("?user=" + user)["sessions"][0]
        self.assertEqual((one["version"], one["heartBeat"]), ("1.1", "20000,30000"))

    def test_a_list_is_as_long_as_was_asked_for(self):
        user = self.new_user()
        for _ in range(3):
            self.member(user)
        self.assertEqual(len(self.sessions(f"?user={user}&limit=3")["sessions"]), 3)
        self.assertIs(self.sessions(f"?user={user}&limit=3")["more"], False)
        found = self.sessions(f"?user={user}&limit=2")
        self.assertEqual((len(found["sessions"]), found["more"]), (2, True))
        for limit in ("0", "1001", "x", "-1", ""):
            self.refused(400, "bad_field", "GET", self.of_node("/sessions?limit=" + limit))
        self.get(self.of_node("/sessions?limit=1000"))
        self.refused(400, "bad_field", "GET", self.of_node("/sessions?slow=perhaps"))

    def test_a_session_with_its_subscriptions(self):
        client = self.member()
        client.subscribe("/topic/open/one", "a")
        client.subscribe("/topic/open/*/two", "b/%", ack="client")
        writer = self.member()
        for _ in range(3):
            writer.send("SEND", {"destination": "/topic/open/x/two"}, "x")
            client.expect("MESSAGE")
        seen = self.get(self.of_node("/sessions/" + client.session))
        self.assertEqual((seen["session"], seen["user"]), (client.session, client.user))
        self.assertEqual(seen["subscriptions"], [
            {"id": "a", "destination": "/topic/open/one", "ack": "auto", "pending": 0},
            {"id": "b/%", "destination": "/topic/open/*/two", "ack": "client", "pending": 3}])
        self.refused(404, "unknown_session", "GET", self.of_node("/sessions/nothing"))
        client.close()
        until(lambda: self.ask("GET", self.of_node("/sessions/" + client.session)).status == 404, "it stays")

    def test_a_slow_reader_is_found(self):
        slow = self.member(receive_buffer=4096)
        slow.subscribe("/topic/open/much")
        writer = self.member()
        for _ in range(64):
            writer.receipt_of("SEND", {"destination": "/topic/open/much"}, "x" * 200_000)
            found = self.sessions("?slow=true")["sessions"]
            if found:
                break
        self.assertEqual([each["session"] for each in found], [slow.session])
        self.assertGreaterEqual(found[0]["queuedBytes"], 16 * 1024)

    def test_rooms_with_the_most_subscribers_come_first(self):
        clients = [self.member() for _ in range(3)]
        for client in clients:
            client.subscribe("/topic/open/crowd", "crowd")
        clients[0].subscribe("/topic/open/pair", "pair")
        clients[1].subscribe("/topic/open/pair", "pair")
        clients[0].subscribe("/topic/open/**", "all")
        found = [each for each in self.get(self.of_node("/rooms?limit=1000"))["destinations"]
                 if each["destination"] in ("/topic/open/crowd", "/topic/open/pair", "/topic/open/**")]
        self.assertEqual(found, [{"destination": "/topic/open/crowd", "subscribers": 3},
                                 {"destination": "/topic/open/pair", "subscribers": 2},
                                 {"destination": "/topic/open/**", "subscribers": 1}])
        self.assertEqual(len(self.get(self.of_node("/rooms?limit=1"))["destinations"]), 1)
        for limit in ("0", "1001"):
            self.refused(400, "bad_field", "GET", self.of_node("/rooms?limit=" + limit))


class Acts(ConsoleTest):
    def test_a_session_is_kicked(self):
        client = self.member()
        answer = self.ask("DELETE", self.of_node("/sessions/" + client.session))
        self.assertEqual((answer.status, answer.text), (204, ""))
        error = client.expect_error()
        self.assertEqual(error.headers["message"], "closed by an operator")
        self.assertEqual(client.closed().code, 4031)
        self.refused(404, "unknown_session", "DELETE", self.of_node("/sessions/" + client.session))
        entry = self.audit("session.kick")
        self.assertEqual((entry["actor"]["name"], entry["userId"]), ("root", int(client.user)))
        self.assertEqual(entry["details"], {"user": client.user, "session": client.session})
        until(lambda: self.get(self.of_node("/overview"))["counters"]["closes"]["kicked"] >= 1, "it is not counted")
        self.member(client.user)  # may come back

    def test_a_subscription_is_ended_and_its_client_is_told(self):
        client = self.member()
        client.subscribe("/user/queue/errors", "errors")
        client.subscribe("/topic/open/ended", "a/b")
        path = self.of_node(f"/sessions/{client.session}/subscriptions/")
        self.assertEqual(self.ask("DELETE", path + quoted("a/b")).status, 204)
        told = client.expect("MESSAGE")
        self.assertEqual(told.headers["subscription"], "errors")
        self.assertEqual((told.json()["code"], told.json()["destination"]), ("access_ended", "/topic/open/ended"))
        seen = self.get(self.of_node("/sessions/" + client.session))
        self.assertEqual([each["id"] for each in seen["subscriptions"]], ["errors"])
        entry = self.audit("subscription.end")
        self.assertEqual(entry["details"], {"user": client.user, "session": client.session, "subscription": "a/b",
                                            "destination": "/topic/open/ended"})
        self.refused(404, "unknown_subscription", "DELETE", path + quoted("a/b"))
        self.refused(404, "unknown_session", "DELETE", self.of_node("/sessions/x/subscriptions/y"))
        client.subscribe("/topic/open/ended", "a/b")  # may subscribe again
        client.send("SEND", {"destination": "/topic/open/ended"}, "x")
        client.expect("MESSAGE")

    def test_a_broadcast_reaches_whom_it_is_for(self):
        one, other = self.member(), self.member()
        for client in (one, other):
            client.subscribe("/user/queue/notifications", "n")
        message = {"eventType": "person.invited", "text": "hello"}
        answer = self.ask("POST", "/broadcast", {"to": "user", "id": one.user, "message": message})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(one.expect("MESSAGE").json()["message"]["text"], "hello")
        self.assertEqual(self.audit("broadcast.user")["userId"], int(one.user))

    def test_a_broadcast_to_all_and_to_a_room(self):
        client = self.member()
        client.subscribe("/user/queue/notifications", "n")
        everybody = {"to": "all", "message": {"eventType": "all.new-feature", "text": "all"}}
        answer = self.ask("POST", "/broadcast", everybody)
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(client.expect("MESSAGE").json()["message"]["text"], "all")
        status, room = self.node.rest("POST", "/api/chat/rooms",
                                      {"name": "r", "creatorId": int(client.user), "nickname": "c"}, bearer(client.user))
        self.assertEqual(status, 201, room)
        topic = f"/topic/chatroom/{room['chatRoomId']}"
        client.subscribe(topic, "room")
        answer = self.ask("POST", "/broadcast",
                          {"to": "room", "id": room["chatRoomId"], "message": {"eventType": "channel.message.new"}})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(client.expect("MESSAGE").headers["destination"], topic)

    def test_broadcasts_that_make_no_sense(self):
        message = {"eventType": "person.invited"}
        for body in ({}, {"to": "all"}, {"to": "some", "message": message}, {"to": "user", "message": message},
                     {"to": "user", "id": "x", "message": message}, {"to": "all", "message": {"eventType": "no.such"}},
                     {"to": "all", "message": "text"}, {"to": "all", "message": {"eventType": "all.new-feature", "text": ""}},
                     {"to": "all", "message": {"eventType": "all.new-feature", "text": " \n\t"}}):
            with self.subTest(body=body):
                self.refused(400, "bad_field", "POST", "/broadcast", body)
        self.refused(400, "bad_json", "POST", "/broadcast", "{")
        self.refused(404, "no_such_room", "POST", "/broadcast", {"to": "room", "id": 999999, "message": {"eventType": "channel.message.new"}})


class Bans(ConsoleTest):
    def ban(self, user, reason="spam"):
        answer = self.ask("PUT", "/bans/" + quoted(user), {"reason": reason})
        self.assertEqual((answer.status, answer.text), (204, ""))

    def unban(self, user):
        self.assertEqual(self.ask("DELETE", "/bans/" + quoted(user)).status, 204)

    def banned(self):
        return {each["user"]: each for each in self.get("/bans")["bans"]}

    def connect_error(self, **offered):
        client = Client(self.node.port)
        self.addCleanup(client.close)
        client.send("CONNECT", {"accept-version": "1.2", "heart-beat": "0,0", **offered})
        return client.expect_error(), client.closed().code

    def test_a_ban_ends_sessions_and_lets_nobody_in(self):
        sessions = [self.member("1") for _ in range(3)]
        other = self.member()
        self.ban("1")
        for client in sessions:
            self.assertEqual(client.expect_error().headers["message"], "banned")
            self.assertEqual(client.closed().code, 4032)
        error, code = self.connect_error(passcode=token("1"))
        self.assertEqual((error.headers["code"], code), ("banned", 4032))
        with self.assertRaises(Closed) as refused:
            Client(self.node.port, headers=bearer("1"))
        self.assertEqual(refused.exception.code, 403)
        status, problem = self.node.rest("GET", "/api/chat/rooms", headers=bearer("1"))
        self.assertEqual((status, problem["code"]), (403, "banned"))
        other.receipt_of("SUBSCRIBE", {"id": "0", "destination": "/topic/open/still"})
        one = self.banned()["1"]
        self.assertEqual((one["by"], one["reason"]), ("root", "spam"))
        self.assertRegex(one["since"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        entry = self.audit("user.ban")
        self.assertEqual((entry["userId"], entry["details"]), (1, {"user": "1", "reason": "spam"}))

        self.unban("1")
        self.assertNotIn("1", self.banned())
        self.assertEqual(self.audit("user.unban")["userId"], 1)
        self.member("1")
        self.assertEqual(self.node.rest("GET", "/api/chat/rooms", headers=bearer("1"))[0], 200)

    def test_a_name_that_is_no_number_is_banned_too(self):
        client = self.member("eve/ü")
        self.ban("eve/ü", "")
        self.assertEqual(client.closed().code, 4032)
        self.assertEqual(self.banned()["eve/ü"]["reason"], "")
        self.unban("eve/ü")

    def test_a_ban_again_is_the_new_one_and_to_lift_one_that_is_not_there_does_no_harm(self):
        self.ban("2", "first")
        self.ban("2", "second")
        self.assertEqual(self.banned()["2"]["reason"], "second")
        self.unban("2")
        self.unban("2")

    def test_a_ban_without_a_body_has_no_reason(self):
        self.assertEqual(self.ask("PUT", "/bans/3").status, 204)
        self.assertEqual(self.banned()["3"]["reason"], "")
        self.unban("3")

    def test_a_ban_of_a_user_whose_name_stays_in_no_address(self):
        for user in (".", ".."):
            self.assertEqual(self.ask("PUT", "/bans?user=" + user, {"reason": "x"}).status, 204)
            self.assertIn(user, self.banned())
            self.assertEqual(self.ask("DELETE", "/bans?user=" + user).status, 204)
            self.assertNotIn(user, self.banned())
        self.refused(400, "bad_field", "PUT", "/bans", {"reason": "x"})
        self.refused(400, "bad_field", "DELETE", "/bans?user=")

    def test_bans_that_make_no_sense(self):
        self.refused(409, "own_user", "PUT", "/bans/root", {"reason": "x"})
        self.refused(400, "bad_field", "PUT", "/bans/4", {"reason": 5})
        self.refused(400, "bad_field", "PUT", "/bans/4", {"reason": "x" * 501})
        self.refused(400, "bad_field", "PUT", "/bans/" + "x" * 256, {})
        self.refused(400, "bad_json", "PUT", "/bans/4", "{")
        self.assertNotIn("4", self.banned())

    def test_a_ban_that_nobody_told_of_is_found_by_and_by(self):
        client = self.member("5")
        with sqlite3.connect(self.node.folder / "data/stampede.db", timeout=PATIENCE) as database:
            database.execute("INSERT INTO bans VALUES ('5', 'somebody', 0, '')")
        database.close()
        self.assertEqual(client.closed().code, 4032)
        self.unban("5")

    def test_bans_outlive_a_restart(self):
        self.ban("6")
        self.node.stop()
        self.node.start()
        error, _ = self.connect_error(passcode=token("6"))
        self.assertEqual(error.headers["code"], "banned")
        type(self).node_id = self.get("/nodes")["self"]
        self.unban("6")


class Traces(ConsoleTest):
    def test_the_frames_of_a_user_without_what_is_secret(self):
        user = self.new_user()
        trace = self.trace(user=user)
        self.assertEqual((trace.status, trace.answer.getheader("Content-Type"), trace.answer.getheader("Cache-Control")),
                         (200, "application/x-ndjson", "no-store"))
        client, other = self.member(user), self.member()
        secret = token(user)
        client.subscribe("/topic/open/traced", "a", Authorization="Bearer " + secret, x_session_token="s3cret-one")
        other.receipt_of("SEND", {"destination": "/topic/open/traced", "passcode": "s3cret-two", "colour": "r\\ced"},
                         "s3cret-body")
        client.expect("MESSAGE")
        client.receipt_of("SEND", {"destination": "/topic/open/traced", "note": secret, "more": "Bearer s3cret-three"},
                          "s3cret-body")
        client.receipt_of("DISCONNECT", receipt="last")
        lines = trace.frames_until(lambda line: line["headers"].get("receipt-id") == "last")
        self.assertEqual([(line["direction"], line["command"]) for line in lines if line["command"] != "MESSAGE"],
                         [("out", "CONNECTED"), ("in", "SUBSCRIBE"), ("out", "RECEIPT"), ("in", "SEND"),
                          ("out", "RECEIPT"), ("in", "DISCONNECT"), ("out", "RECEIPT")])
        messages = [line for line in lines if line["command"] == "MESSAGE"]
        self.assertEqual([line["direction"] for line in messages], ["out", "out"])
        self.assertEqual({line["session"] for line in lines}, {client.session})
        self.assertEqual({line["user"] for line in lines}, {user})
        first = messages[0]["headers"]
        self.assertEqual((first["subscription"], first["destination"], first["colour"]), ("a", "/topic/open/traced", "r:ed"))
        self.assertEqual([line["bodyBytes"] for line in lines if line["command"] in ("SEND", "MESSAGE")], [11, 11, 11])
        sent = next(line for line in lines if line["command"] == "SEND")["headers"]
        self.assertEqual((sent["note"], sent["more"]), ("(hidden)", "(hidden)"))
        self.assertRegex(lines[0]["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertNotIn("s3cret", trace.raw)
        self.assertNotIn(secret, trace.raw)
        self.assertNotIn("eyJ", trace.raw)
        self.assertEqual(self.audit("trace.begin")["details"], {"user": user, "seconds": 60})

    def test_the_connect_of_somebody_who_says_so(self):
        user = self.new_user()
        trace = self.trace(user=user)
        client = Client(self.node.port)
        self.addCleanup(client.close)
        client.connect(login=user, passcode=token(user))
        lines = trace.frames_until(lambda line: line["command"] == "CONNECTED")
        self.assertEqual([line["command"] for line in lines], ["CONNECT", "CONNECTED"])
        self.assertEqual((lines[0]["user"], lines[0]["headers"]["login"]), ("", user))
        self.assertNotIn("passcode", lines[0]["headers"])

    def test_the_frames_of_a_destination(self):
        topic = "/topic/open/" + self.new_user()
        trace = self.trace(destination=topic, seconds="300")
        reader, acker, writer = self.member(), self.member(), self.member()
        reader.subscribe(topic)
        acker.subscribe(topic, ack="client")
        reader.subscribe("/topic/open/other", "1")
        writer.receipt_of("SEND", {"destination": "/topic/open/other"}, "x")
        writer.receipt_of("SEND", {"destination": topic}, "abc")
        for client in (reader, acker):
            while client.expect("MESSAGE").headers["destination"] != topic:
                pass
        # Shards tell of their frames by themselves: in any order.
        lines = [trace.line() for _ in range(5)]
        self.assertNotIn(None, lines)
        self.assertEqual(sorted((line["command"], line["session"]) for line in lines),
                         sorted([("SUBSCRIBE", reader.session), ("SUBSCRIBE", acker.session), ("SEND", writer.session),
                                 ("MESSAGE", reader.session), ("MESSAGE", acker.session)]))
        self.assertEqual({line["headers"]["destination"] for line in lines}, {topic})
        self.assertEqual(self.audit("trace.begin")["details"], {"destination": topic, "seconds": 300})

    def test_the_messages_of_a_room(self):
        client = self.member()
        status, room = self.node.rest("POST", "/api/chat/rooms",
                                      {"name": "r", "creatorId": int(client.user), "nickname": "c"}, bearer(client.user))
        self.assertEqual(status, 201, room)
        topic = f"/topic/chatroom/{room['chatRoomId']}"
        client.subscribe(topic)
        trace = self.trace(destination=topic)
        client.send("SEND", {"destination": "/app/chat.sendMessage"},
                    chat_body(room["chatRoomId"], int(client.user), "s3cret-body"))
        line = trace.frames_until(lambda line: line["command"] == "MESSAGE")[-1]
        self.assertEqual((line["direction"], line["headers"]["destination"]), ("out", topic))
        self.assertNotIn("s3cret", trace.raw)

    def test_a_trace_ends_when_its_time_is_over(self):
        trace = self.trace(user="nobody", seconds="1")
        self.assertIsNone(trace.line())

    def test_a_node_has_so_many_traces_and_no_more(self):
        traces = [self.trace(user="nobody", seconds="300") for _ in range(4)]
        self.assertEqual([trace.status for trace in traces], [200] * 4)
        self.refused(429, "too_many_traces", "GET", self.of_node("/trace?user=nobody"))
        traces[0].close()
        again = self.trace(user="nobody", seconds="1")
        self.assertEqual(again.status, 200)
        self.assertIsNone(again.line())

    def test_traces_that_make_no_sense(self):
        for query in ("", "?user=", "?user=a&destination=/topic/b", "?user=a&seconds=0", "?user=a&seconds=301",
                      "?user=a&seconds=x"):
            self.refused(400, "bad_field", "GET", self.of_node("/trace" + query))

    def test_more_frames_than_a_trace_shows_are_counted(self):
        client = self.member()
        trace = self.trace(user=client.user)
        count = 3000
        for _ in range(count):
            client.send("SEND", {"destination": "/topic/open/nobody"}, "x")
        client.receipt_of("SEND", {"destination": "/topic/open/nobody"}, "last")
        shown = skipped = 0
        while shown + skipped < count + 2:  # the last SEND and its RECEIPT
            line = trace.line()
            self.assertIsNotNone(line)
            shown, skipped = shown + ("command" in line), skipped + line.get("skipped", 0)
        self.assertEqual(shown + skipped, count + 2)


    def test_what_waits_for_a_reader_that_does_not_read_is_bounded_and_counted(self):
        bound, line, count = 256 * 1024, 40_000, 900  # fewer lines than a trace may have in a second
        client = self.member()
        trace = self.trace(user=client.user)
        padding = {f"h{number}": "x" * 1000 for number in range(30)}
        for number in range(count):
            client.send("SEND", {"destination": "/topic/open/nobody", **padding}, "x")
        client.receipt_of("SEND", {"destination": "/topic/open/nobody"}, "last")
        # Far more than a socket takes has been sent; what the node keeps of it is little.
        self.assertLess(self.get(self.of_node("/overview"))["gauges"]["queuedBytes"], bound + line)
        shown = skipped = 0
        while shown + skipped < count + 2:
            told = trace.line()
            self.assertIsNotNone(told)
            self.assertLess(len(str(told)), line)
            shown, skipped = shown + ("command" in told), skipped + told.get("skipped", 0)
        self.assertEqual(shown + skipped, count + 2)
        self.assertGreater(shown, bound // line)
        self.assertGreater(skipped, 0)
        # And it goes on.
        client.receipt_of("SEND", {"destination": "/topic/open/nobody"}, "x", receipt="after")
        trace.frames_until(lambda told: told.get("headers", {}).get("receipt-id") == "after")


class Without(NodeTest):
    CONFIG = AUTH + "[console]\nenabled = false\n"

    def test_a_node_without_a_console(self):
        self.assertEqual(ask(self.node.port, "GET", "/nodes").status, 404)


class Open(NodeTest):
    def test_where_nobody_is_asked_for_credentials_nobody_is_an_administrator(self):
        self.assertEqual(ask(self.node.port, "GET", "/nodes", headers={"X-User-Id": "1"}).status, 403)


if __name__ == "__main__":
    unittest.main()
