#!/usr/bin/python3
"""stomp.py against a node's TCP listener, as its users write it.

usage: stomp_py.py SCENARIO HOST PORT [--tls CERTIFICATE]

Ends with 0 when everything that must happen has happened; every wait ends after a deadline.
Needs the access rule /topic/open/** for everybody.
"""

import argparse
import json
import queue
import select
import ssl
import sys
import threading

import stomp

DEADLINE = 15  # seconds
TEXT = "안녕하세요! 👋 Grüße"


class Listener(stomp.ConnectionListener):
    def __init__(self):
        self.connected = queue.Queue()
        self.messages = queue.Queue()
        self.receipts = queue.Queue()
        self.errors = queue.Queue()
        self.beats = queue.Queue()
        self.ended = queue.Queue()

    def on_connected(self, frame):
        self.connected.put(frame)

    def on_message(self, frame):
        self.messages.put(frame)

    def on_receipt(self, frame):
        self.receipts.put(frame.headers["receipt-id"])

    def on_error(self, frame):
        self.errors.put(frame)

    def on_heartbeat(self):
        self.beats.put(True)

    def on_disconnected(self):
        self.ended.put(True)


CLASSES = {"1.0": stomp.Connection10, "1.1": stomp.Connection11, "1.2": stomp.Connection12}


def take_turns(transport):
    """
    stomp.py reads in one thread and writes in another, and Python 3.11 lets both into OpenSSL at once, which allows only
    one: a TLS 1.3 ticket that arrives during the first write can lose the CONNECT. Here only one at a time touches the
    TLS session, and the reader waits for bytes outside of it.
    """
    turn = threading.Lock()
    send = transport.send

    def send_in_turn(encoded_frame):
        with turn:
            send(encoded_frame)

    def receive_in_turn():
        while connection := transport.socket:
            if not connection.pending():
                select.select([connection], [], [])
            with turn:
                connection.setblocking(False)
                try:
                    return connection.recv(4096)
                except ssl.SSLWantReadError:
                    continue
                finally:
                    connection.setblocking(True)
        return b""

    transport.send = send_in_turn
    transport.receive = receive_in_turn


class Client:
    """A connection whose waits have a deadline."""

    def __init__(self, arguments, version="1.2", login=None, **options):
        self.connection = CLASSES[version]([(arguments.host, arguments.port)], **options)
        if arguments.tls:
            self.connection.set_ssl([(arguments.host, arguments.port)], ca_certs=arguments.tls, ssl_version=ssl.PROTOCOL_TLS_CLIENT)
            take_turns(self.connection.transport)
        self.listener = Listener()
        self.connection.set_listener("", self.listener)
        self.connection.connect(username=login, passcode=None, wait=True)
        self.headers = self.listener.connected.get(timeout=DEADLINE).headers

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def message(self):
        return self.listener.messages.get(timeout=DEADLINE)

    def receipt(self, expected):
        got = self.listener.receipts.get(timeout=DEADLINE)
        assert got == expected, f"RECEIPT {got} instead of {expected}"

    def subscribe_and_wait(self, destination, id, ack="auto", **headers):
        self.connection.subscribe(destination=destination, id=id, ack=ack, headers={"receipt": f"live-{id}", **headers})
        self.receipt(f"live-{id}")

    def leave(self):
        self.connection.disconnect(receipt="bye")
        self.receipt("bye")
        self.listener.ended.get(timeout=DEADLINE)
        assert self.listener.errors.empty(), self.listener.errors.get().headers


def talk(arguments):
    for version in ("1.0", "1.1", "1.2"):
        client = Client(arguments, version)
        if version != "1.0":
            assert client.headers["version"] == version, client.headers
        client.subscribe_and_wait("/topic/open/tcp", "s1")
        client.send("/topic/open/tcp", TEXT.encode(), content_type="text/plain", headers={"flavour": "lemon"})
        frame = client.message()
        assert frame.body == TEXT, frame.body
        assert frame.headers["flavour"] == "lemon", frame.headers
        assert frame.headers["content-type"] == "text/plain", frame.headers
        assert frame.headers["destination"] == "/topic/open/tcp", frame.headers
        client.unsubscribe(id="s1") if version != "1.0" else client.unsubscribe(destination="/topic/open/tcp", id="s1")
        client.send("/topic/open/tcp", b"nobody listens", headers={"receipt": "sent"})
        client.receipt("sent")
        client.leave()
        assert client.listener.messages.empty()


def chat(arguments):
    """A room's messages over TCP: the same JSON as a browser sees."""
    client = Client(arguments, login="3101")
    envelope = {"chatRoomId": 1, "senderId": 3101, "senderNickname": "홍길동", "content": "", "messageType": "JOIN"}
    client.send("/app/chat.join", json.dumps(envelope).encode(), headers={"receipt": "joined"})
    client.receipt("joined")
    client.subscribe_and_wait("/topic/chatroom/1", "room")
    client.send("/app/chat.sendMessage", json.dumps({**envelope, "content": TEXT, "messageType": "CHAT"}).encode())
    frame = client.message()
    body = json.loads(frame.body)
    assert body["content"] == TEXT and body["senderId"] == 3101, body
    assert frame.headers["seq"] == str(body["seq"]), frame.headers
    client.leave()


def acks(arguments):
    client = Client(arguments)

    # client: an ACK settles everything before it, so that a NACK of the second brings only that one again.
    client.subscribe_and_wait("/topic/open/acks", "cumulative", ack="client")
    for body in (b"a", b"b", b"c"):
        client.send("/topic/open/acks", body)
    first, second, third = client.message(), client.message(), client.message()
    assert [first.body, second.body, third.body] == ["a", "b", "c"]
    client.ack(second.headers["ack"], receipt="acked")
    client.receipt("acked")
    client.nack(third.headers["ack"])
    again = client.message()
    assert again.body == "c" and again.headers.get("redelivered") == "true", again.headers
    client.ack(again.headers["ack"], receipt="done")
    client.receipt("done")
    client.unsubscribe(id="cumulative")

    # client-individual: each stands for itself.
    client.subscribe_and_wait("/topic/open/acks", "individual", ack="client-individual")
    for body in (b"d", b"e"):
        client.send("/topic/open/acks", body)
    first, second = client.message(), client.message()
    client.ack(second.headers["ack"], receipt="second")
    client.receipt("second")
    client.nack(first.headers["ack"])
    again = client.message()
    assert again.body == "d", again.body
    client.ack(again.headers["ack"], receipt="first")
    client.receipt("first")
    client.leave()

    # 1.1 names the message and its subscription instead.
    client = Client(arguments, "1.1")
    client.subscribe_and_wait("/topic/open/acks", "s1", ack="client-individual")
    client.send("/topic/open/acks", b"f")
    frame = client.message()
    client.nack(frame.headers["message-id"], "s1")
    again = client.message()
    client.ack(again.headers["message-id"], "s1", receipt="acked")
    client.receipt("acked")
    client.leave()


def transactions(arguments):
    client = Client(arguments)
    client.subscribe_and_wait("/topic/open/transactions", "s1")
    client.begin("t1")
    client.send("/topic/open/transactions", b"first", headers={"transaction": "t1"})
    client.send("/topic/open/transactions", b"second", headers={"transaction": "t1"})
    client.begin("t2")
    client.send("/topic/open/transactions", b"never", headers={"transaction": "t2"})
    client.send("/topic/open/transactions", b"outside")
    assert client.message().body == "outside"
    client.abort("t2")
    client.commit("t1")
    assert [client.message().body, client.message().body] == ["first", "second"]
    client.send("/topic/open/transactions", b"the end")
    assert client.message().body == "the end"
    client.leave()


def heart_beats(arguments):
    # A busy machine may stand still for longer than one and a half beats.
    client = Client(arguments, heartbeats=(1000, 1000), heart_beat_receive_scale=60)
    assert client.headers["heart-beat"] != "0,0", client.headers
    for _ in range(2):
        client.listener.beats.get(timeout=DEADLINE)
    client.leave()


def mistakes(arguments):
    """An ERROR says what is wrong, then the connection ends."""
    client = Client(arguments)
    client.send_frame("SUBSCRIBE", {"destination": "/topic/open/x", "receipt": "no-id"})
    error = client.listener.errors.get(timeout=DEADLINE)
    assert error.headers["message"], error.headers
    assert error.headers["receipt-id"] == "no-id", error.headers
    client.listener.ended.get(timeout=DEADLINE)


SCENARIOS = {one.__name__: one for one in (talk, chat, acks, transactions, heart_beats, mistakes)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--tls", metavar="CERTIFICATE", help="speak TLS and trust this certificate")
    arguments = parser.parse_args()
    SCENARIOS[arguments.scenario](arguments)


if __name__ == "__main__":
    sys.exit(main())
