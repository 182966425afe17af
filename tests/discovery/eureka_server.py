"""A small server that speaks Eureka's REST API, and takes nothing that the real one would not.

Standard library only. Its time stands still until a test moves it; whoever waits here waits for an event.
"""
import base64
import http.server
import json
import re
import sys
import pathlib
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "node"))

from support import PATIENCE, free_port  # noqa: E402

STATUSES = {"UP", "DOWN", "STARTING", "OUT_OF_SERVICE", "UNKNOWN"}
DATA_CENTERS = {"Netflix", "Amazon", "MyOwn"}


class Refused(Exception):
    """What the server answers instead."""

    def __init__(self, status, why=""):
        super().__init__(why)
        self.status = status


class Registered:
    def __init__(self, instance, now):
        self.instance = instance
        self.dirty = int(instance["lastDirtyTimestamp"])
        self.lease = instance["leaseInfo"]["durationInSecs"]
        self.ends = now + self.lease


def check_instance(app, instance):
    for name in ("instanceId", "hostName", "ipAddr", "app", "vipAddress"):
        if not isinstance(instance.get(name), str) or not instance[name]:
            raise Refused(400, f"Missing {name}")
    if instance["app"] != app:
        raise Refused(400, f"Mismatched appName, expecting {app} but was {instance['app']}")
    if instance.get("status") not in STATUSES:
        raise Refused(400, "Bad status")
    center = instance.get("dataCenterInfo")
    if not isinstance(center, dict) or not center.get("@class") or center.get("name") not in DATA_CENTERS:
        raise Refused(400, "Bad dataCenterInfo")
    for name in ("port", "securePort"):
        port = instance.get(name)
        if not isinstance(port, dict) or set(port) != {"$", "@enabled"} or not isinstance(port["$"], int):
            raise Refused(400, f"Bad {name}")
        if port["@enabled"] not in ("true", "false"):
            raise Refused(400, f"Bad {name}")
    lease = instance.get("leaseInfo", {})
    if not all(isinstance(lease.get(name), int) for name in ("renewalIntervalInSecs", "durationInSecs")):
        raise Refused(400, "Bad leaseInfo")
    if not all(isinstance(value, str) for value in instance.get("metadata", {}).values()):
        raise Refused(400, "Bad metadata")
    int(instance["lastDirtyTimestamp"])


class Eureka:
    """With `credentials`, "user:password", it asks for them. `broken` is the status of every answer, if it is set."""

    def __init__(self, port=None, credentials=None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/eureka"
        self.authorization = credentials and "Basic " + base64.b64encode(credentials.encode()).decode()
        self.changed = threading.Condition()
        self.registry = {}  # (app, id) -> Registered
        self.now = 0
        self.broken = None
        self.answered = []  # (method, path without query, status)
        self.refusals = []
        self.hanging = threading.Event()
        self.hanging.set()
        self.server = None

    def start(self):
        handler = type("Handler", (Handler,), {"of": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.server.daemon_threads = False
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def stop(self):
        if self.server is None:
            return
        self.hanging.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.server = None

    def hang(self):
        """Requests are read, and not answered until stop()."""
        self.hanging.clear()

    def pass_time(self, seconds):
        """Leases end that were not renewed."""
        with self.changed:
            self.now += seconds
            for key in [key for key, each in self.registry.items() if each.ends <= self.now]:
                del self.registry[key]

    def wait(self, what, condition):
        """Until `condition`, which is asked again after each request."""
        with self.changed:
            if not self.changed.wait_for(condition, PATIENCE):
                raise AssertionError(f"never {what}: {self.answered}, {self.refusals}")

    def wait_for_status(self, status):
        """Until there is one instance, and it has that status; the instance."""
        def there():
            return [each.instance["status"] for each in self.registry.values()] == [status]
        self.wait(status, there)
        with self.changed:
            return next(iter(self.registry.values())).instance

    def count(self, method, status=None):
        return sum(1 for each in self.answered if each[0] == method and status in (None, each[2]))

    def answer(self, request, body):
        """The status, after what the request asks for was done."""
        parts = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        if self.authorization and request.headers["Authorization"] != self.authorization:
            raise Refused(401)
        if self.broken:
            raise Refused(self.broken)
        if "application/json" not in (request.headers["Accept"] or ""):
            raise Refused(406)
        match = re.fullmatch(r"/eureka/apps/([^/]+)(?:/([^/]+))?", urllib.parse.unquote(parts.path))
        if match is None:
            raise Refused(404)
        app, name = match[1].upper(), match[2]
        if name is None:
            if request.command != "POST":
                raise Refused(405)
            return self.register(app, request, body)
        if request.headers["Content-Type"] is not None or body:
            raise Refused(415, "a body where none belongs")
        if request.command == "PUT":
            return self.renew((app, name), query)
        if request.command == "DELETE":
            return 200 if self.registry.pop((app, name), None) else 404
        raise Refused(405)

    def register(self, app, request, body):
        if request.headers["Content-Type"] != "application/json":
            raise Refused(415)
        try:
            instance = json.loads(body)["instance"]
        except (ValueError, KeyError) as error:
            raise Refused(400, str(error)) from error
        check_instance(app, instance)
        key = (app, instance["instanceId"])
        fresh = Registered(instance, self.now)
        before = self.registry.get(key)
        # What is older than what is known changes nothing but the lease.
        if before is not None and before.dirty > fresh.dirty:
            fresh.instance, fresh.dirty = before.instance, before.dirty
        self.registry[key] = fresh
        return 204

    def renew(self, key, query):
        known = self.registry.get(key)
        if known is None:
            return 404
        if query.get("status") not in STATUSES:
            raise Refused(400, "Bad status")
        known.ends = self.now + known.lease
        # The instance has changed something that is not known here.
        return 404 if int(query["lastDirtyTimestamp"]) > known.dirty else 200


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        of = self.of
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.close_connection = True
        with of.changed:
            # Before it is answered or not: that it came.
            if not of.hanging.is_set():
                of.answered.append((self.command, self.path.partition("?")[0], None))
                of.changed.notify_all()
        of.hanging.wait()
        with of.changed:
            try:
                status = of.answer(self, body)
            except Refused as refused:
                status = refused.status
                of.refusals.append((self.command, self.path, status, str(refused)))
            of.answered.append((self.command, self.path.partition("?")[0], status))
            of.changed.notify_all()
        try:
            self.send_response(status)
            self.send_header("Connection", "close")
            if status != 204:
                self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            pass  # a client that no longer waits

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        pass
