"""What the tests of the console share: its REST side, traces that are read line by line, admins and others."""
import http.client
import json
import pathlib
import sys
import urllib.parse

_tests = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_tests / "node"), str(_tests / "security")]

from security_support import SECRET, token, until  # noqa: E402
from support import PATIENCE  # noqa: E402

AUTH = f"""
[auth]
mode = "required"
[auth.jwt]
algorithms = ["HS256"]
secret = "{SECRET}"
[[broker.access]]
destination = "/topic/open/**"
send = ["authenticated"]
subscribe = ["authenticated"]
subscribe_wildcard = ["authenticated"]
"""


def bearer(name, **claims):
    return {"Authorization": "Bearer " + token(name, **claims)}


def admin():
    return bearer("root", roles=["admin"])


def quoted(text):
    return urllib.parse.quote(text, safe="")


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"{self.status} {self.text}"


def ask(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        sent = {} if body is None else {"Content-Type": "application/json"}
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, "/console/api" + path, text, {**sent, **(admin() if headers is None else headers)})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    finally:
        connection.close()


class Trace:
    """A trace under way: when it is made, every shard shows its frames."""

    def __init__(self, port, node, headers=None, **parameters):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.connection.request("GET", f"/console/api/nodes/{node}/trace?{urllib.parse.urlencode(parameters)}",
                                headers=headers or admin())
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.raw = ""
        if self.status == 200 and self.answer.readline() != b"\n":
            raise AssertionError("a trace begins with an empty line, before any frame")

    @classmethod
    def opened(cls, *place, **parameters):
        """The same, when one of the node's seats is free: who has just gone may still hold one."""
        def try_once():
            trace = cls(*place, **parameters)
            if trace.status != 429:
                return trace
            trace.close()
            return None
        return until(try_once, "no seat is free")

    def line(self):
        """The next line, or None at the end."""
        text = self.answer.readline().decode()
        self.raw += text
        return json.loads(text) if text else None

    def frames_until(self, last):
        """The lines up to the first frame for which last(line) is true, that one included."""
        found = []
        while not found or not last(found[-1]):
            line = self.line()
            if line is None:
                raise AssertionError(f"the trace ended: {found}")
            found.append(line)
        return found

    def close(self):
        self.answer.close()
        self.connection.close()
