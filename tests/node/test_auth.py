"""Who may do what on a node that asks for credentials: accounts, tokens, expiry, TLS."""
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

from support import BINARY, Client, Closed, NodeTest, Unexpected, chat_body

SECRET = "a secret of at least thirty-two bytes!"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(name, seconds=600, secret=SECRET, algorithm="HS256", **claims):
    head = b64(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    body = b64(json.dumps({"sub": name, "exp": time.time() + seconds, "aud": "stampede", **claims}).encode())
    signature = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{b64(signature)}"


class Auth(NodeTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-auth-"))
        cls.certificate = cls.folder / "certificate.pem"
        cls.make_certificate()
        hashed = subprocess.run([BINARY, "--hash-passcode"], input="correct horse\n", check=True,
                                capture_output=True, text=True).stdout.strip()
        tls = f'tls_certificate = "{cls.certificate}"\ntls_key = "{cls.folder}/key.pem"'
        cls.CONFIG = f"""
[[listeners]]
address = "127.0.0.1:0"
{tls}
[[listeners]]
address = "127.0.0.1:0"
protocol = "stomp"
{tls}
[auth]
mode = "required"
[[auth.accounts]]
login = "alice"
passcode_hash = "{hashed}"
user_id = 1
roles = ["admin"]
[auth.jwt]
algorithms = ["HS256"]
secret = "{SECRET}"
audience = ["stampede"]
leeway = "0 s"
[[broker.access]]
destination = "/topic/staff"
send = ["role:admin"]
subscribe = ["authenticated"]
[[broker.access]]
destination = "/topic/open"
send = ["authenticated"]
subscribe = ["authenticated"]
"""
        super().setUpClass()
        cls.context = ssl.create_default_context(cafile=cls.certificate)

    @classmethod
    def make_certificate(cls):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", cls.folder / "key.pem", "-out", cls.certificate, "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.folder)

    def client(self, connect=True, **options):
        headers = options.pop("connect_headers", {})
        client = Client(options.pop("port", self.node.port), tls=self.context, **options)
        self.addCleanup(client.close)
        if connect:
            client.connect(**headers)
        return client

    def connected(self, bearer):
        return self.client(connect_headers={"Authorization": f"Bearer {bearer}"})

    def refused(self, **headers):
        client = self.client(connect=False)
        client.send("CONNECT", {"accept-version": "1.2", **headers})
        error = client.receive()
        self.assertEqual(error.command, "ERROR")
        self.assertEqual(client.closed().code, 4010)
        return error

    def rest(self, method, path, body=None, bearer=None):
        connection = http.client.HTTPSConnection("localhost", self.node.port, context=self.context, timeout=60)
        headers = {"Content-Type": "application/json"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def test_a_renewed_certificate_is_used_without_a_restart(self):
        before = self.connected(token("42"))
        self.make_certificate()
        self.node.process.send_signal(signal.SIGHUP)
        self.node.wait_for_log("certificates_reloaded")
        type(self).context = ssl.create_default_context(cafile=self.certificate)
        self.connected(token("42"))
        before.receipt_of("SUBSCRIBE", {"id": "1", "destination": "/topic/open"})

    def test_an_account_logs_in_over_wss_and_over_stomp_with_tls(self):
        for options in ({}, {"port": self.node.stomp_ports[0], "tcp": True}):
            client = self.client(connect=False, **options)
            connected = client.connect(login="alice", passcode="correct horse")
            self.assertEqual(connected.headers["user-name"], "alice")
            client.receipt_of("DISCONNECT")

    def test_an_administrator_reads_what_a_back_end_did(self):
        service = token("billing", roles=["service"])
        status, room = self.rest("POST", "/api/chat/rooms", {"name": "audited"}, service)
        self.assertEqual(status, 201, room)
        log = f"/api/chat/audit?chatRoomId={room['chatRoomId']}"
        for other in (service, token("7")):
            self.assertEqual(self.rest("GET", log, bearer=other)[0], 403)
        status, page = self.rest("GET", log, bearer=token("boss", roles=["admin"]))
        self.assertEqual(status, 200, page)
        [entry] = page["entries"]
        self.assertEqual(entry["action"], "room.create")
        self.assertEqual(entry["actor"], {"userId": None, "name": "billing", "proof": "token"})
        self.assertEqual(entry["details"], {"name": "audited", "type": "PUBLIC"})
        self.assertTrue(entry["nodeId"])

    def test_a_wrong_passcode_and_an_unknown_login_are_refused_alike(self):
        wrong = self.refused(login="alice", passcode="battery staple")
        unknown = self.refused(login="mallory", passcode="correct horse")
        self.assertEqual((wrong.headers["message"], wrong.body), (unknown.headers["message"], unknown.body))
        self.assertNotIn(b"battery", wrong.body)

    def test_without_credentials_nobody_gets_in(self):
        self.refused()
        status, problem = self.rest("GET", "/api/chat/rooms")
        self.assertEqual((status, problem["status"]), (401, 401))

    def test_a_token_is_taken_from_each_place_where_clients_can_put_it(self):
        good = token("42")
        self.connected(good)
        self.client(connect_headers={"login": "whatever", "passcode": good})
        self.client(headers={"Authorization": f"Bearer {good}"})
        self.client(path=f"/ws?access_token={good}")
        self.client(path=f"/ws-chat/websocket?access_token={good}")
        self.assertEqual(self.rest("GET", "/api/chat/rooms", bearer=good)[0], 200)

    def test_a_bad_token_is_refused_at_the_handshake_and_at_connect(self):
        none = b64(b'{"alg":"none"}') + "." + token("42").split(".")[1] + "."
        for bad in (token("42", seconds=-5), token("42", secret="another secret of thirty-two bytes"),
                    token("42", aud="elsewhere"), token("42", nbf=time.time() + 500), none, "a.b.c"):
            self.refused(Authorization=f"Bearer {bad}")
            with self.assertRaises(Closed) as refusal:
                self.client(connect=False, headers={"Authorization": f"Bearer {bad}"})
            self.assertEqual(refusal.exception.code, 401)
            self.assertEqual(self.rest("GET", "/api/chat/rooms", bearer=bad)[0], 401)

    def test_the_sender_must_be_the_caller(self):
        mine = token("7", userId=7)
        status, room = self.rest("POST", "/api/chat/rooms", {"name": "r", "nickname": "seven"}, mine)
        self.assertEqual(status, 201, room)
        client = self.connected(mine)
        client.subscribe("/user/queue/errors", "e")
        client.receipt_of("SEND", {"destination": "/app/chat.sendMessage"}, chat_body(room["chatRoomId"], 7))
        client.send("SEND", {"destination": "/app/chat.sendMessage"}, chat_body(room["chatRoomId"], 8))
        self.assertEqual(client.expect("MESSAGE").json()["code"], "sender_mismatch")

    def test_rules_decide_about_generic_topics(self):
        admin = self.client(connect_headers={"login": "alice", "passcode": "correct horse"})
        reader = self.connected(token("9"))
        reader.subscribe("/topic/staff")
        admin.receipt_of("SEND", {"destination": "/topic/staff"}, "to all")
        self.assertEqual(reader.expect("MESSAGE").body, b"to all")
        for command, headers in (("SEND", {"destination": "/topic/staff"}),
                                 ("SEND", {"destination": "/topic/unruled"}),
                                 ("SUBSCRIBE", {"destination": "/topic/unruled", "id": "1"}),
                                 ("SUBSCRIBE", {"destination": "/topic/*", "id": "1"}),
                                 ("SUBSCRIBE", {"destination": "/user/alice/queue/messages", "id": "1"})):
            intruder = self.connected(token("9"))
            intruder.send(command, {**headers, "receipt": "r"})
            error = intruder.receive()
            self.assertEqual((error.command, error.headers.get("receipt-id")), ("ERROR", "r"), headers)
            intruder.closed()

    def test_a_token_that_ends_ends_the_session_unless_a_fresh_one_came(self):
        for seconds in (2, 10, 50):
            began = time.time()
            try:
                renewed, forgetful = (self.connected(token("5", seconds=seconds + more)) for more in (0, 1))
                for client in (renewed, forgetful):
                    client.subscribe("/topic/open")
                renewed.receipt_of("SEND", {"destination": "/app/auth.refresh", "Authorization": f"Bearer {token('5')}"})
                break
            except (Unexpected, Closed):
                # A busy machine may need longer than the tokens last.
                if time.time() < began + seconds:
                    raise
        else:
            self.fail("the tokens were always over too soon")
        # The forgetful one's token ends after the renewed one's first.
        error = forgetful.expect_error()
        self.assertIn("expired", (error.headers["message"] + error.body.decode()).lower())
        self.assertEqual(forgetful.closed().code, 4011)
        renewed.receipt_of("SEND", {"destination": "/topic/open"}, "still here", receipt="late")

    def test_a_fresh_token_of_somebody_else_is_refused(self):
        client = self.connected(token("5"))
        client.send("SEND", {"destination": "/app/auth.refresh", "Authorization": f"Bearer {token('6')}"})
        client.expect_error()
        client.closed()


class KeysAway(NodeTest):
    """The keys for tokens cannot be had: a token may be good, and its client is to come again."""
    CONFIG = """
[[listeners]]
address = "127.0.0.1:0"
[auth]
mode = "required"
[auth.jwt]
algorithms = ["RS256"]
jwks_url = "http://127.0.0.1:1/keys"
"""
    TOKEN = token("5", algorithm="RS256", kid="one")

    def test_a_handshake_is_told_to_come_again(self):
        with self.assertRaises(Closed) as refusal:
            self.client(connect=False, headers={"Authorization": f"Bearer {self.TOKEN}"})
        self.assertEqual(refusal.exception.code, 503)
        self.assertIn("Retry-After: 5", refusal.exception.reason)

    def test_a_connect_is_told_to_come_again(self):
        client = self.client(connect=False)
        client.send("CONNECT", {"accept-version": "1.2", "passcode": self.TOKEN})
        error = client.expect_error()
        self.assertEqual((error.headers["code"], error.headers["retry-after"]), ("auth_unavailable", "5000"))
        self.assertEqual(client.closed().code, 1011)

    def test_a_call_is_told_to_come_again(self):
        status, problem = self.node.rest("GET", "/api/chat/rooms", headers={"Authorization": f"Bearer {self.TOKEN}"})
        self.assertEqual((status, problem["code"]), (503, "auth_unavailable"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
