"""What the tests of security share, beside the node and the clients of tests/node."""
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "node"))

from support import (  # noqa: E402, F401
    BINARY, PATIENCE, WITH_STOMP, Client, Closed, Node, NodeTest, chat_body)

SECRET = "a secret of at least thirty-two bytes!"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(name, seconds=600, secret=SECRET, head=None, **claims):
    first = b64(json.dumps(head or {"alg": "HS256", "typ": "JWT"}).encode())
    second = b64(json.dumps({"sub": name, "exp": int(time.time()) + seconds, **claims}).encode())
    signature = hmac.new(secret.encode(), f"{first}.{second}".encode(), hashlib.sha256).digest()
    return f"{first}.{second}.{b64(signature)}"


def passcode_hash(passcode):
    done = subprocess.run([BINARY, "--hash-passcode"], input=passcode + "\n", text=True, check=True,
                          capture_output=True, timeout=PATIENCE)
    return done.stdout.strip()


def answer_of(port, method, path, body=None, headers=None):
    """(status, headers, text)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def until(what, message):
    """Waits until what() is true, as long as anything may take."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = what()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(message)
        time.sleep(0.01)
