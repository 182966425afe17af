"""A program outside the cluster that follows chat.channel.*.message on a durable queue of its own."""
import json
import threading
import time

import pika
import pika.exceptions

QUEUE = "outside"


class Outside:
    def __init__(self, port):
        self.parameters = pika.ConnectionParameters(
            "127.0.0.1", port, credentials=pika.PlainCredentials("guest", "guest"), heartbeat=0,
            socket_timeout=5, blocked_connection_timeout=5)
        self.messages = set()  # ids of the stored messages whose events came
        self.events = 0
        self.changed = threading.Condition()
        self.ending = threading.Event()
        self.listening = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        if not self.listening.wait(60):
            raise RuntimeError("the outside consumer cannot listen")

    def wait_for(self, messages, seconds):
        deadline = time.monotonic() + seconds
        with self.changed:
            return self.changed.wait_for(lambda: messages <= self.messages, deadline - time.monotonic())

    def end(self):
        self.ending.set()
        self.thread.join(10)

    def _run(self):
        while not self.ending.is_set():
            try:
                self._listen()
            except (pika.exceptions.AMQPError, OSError):
                self.ending.wait(0.3)  # RabbitMQ is away

    def _listen(self):
        connection = pika.BlockingConnection(self.parameters)
        channel = connection.channel()
        channel.exchange_declare("chat.exchange", passive=True)
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_bind(QUEUE, "chat.exchange", "chat.channel.*.message")
        self.listening.set()
        for method, properties, body in channel.consume(QUEUE, inactivity_timeout=0.5):
            if self.ending.is_set():
                break
            if method is None:
                continue
            event = json.loads(body)
            with self.changed:
                self.events += 1
                self.messages.add(event["data"]["messageId"])
                self.changed.notify_all()
            channel.basic_ack(method.delivery_tag)
        connection.close()
