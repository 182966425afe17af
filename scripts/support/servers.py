"""Private servers of Debian's packages on loopback: PostgreSQL, Redis, RabbitMQ, nginx.

Each has a folder of its own and a free port that it keeps over restarts; start() returns when it answers. With `detached`
it outlives the program that started it (its process id is in the folder); otherwise it is gone with it.
"""
import ctypes
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from ports import free_port

PATIENCE = 120  # seconds; reached only when something is broken

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start_time(pid):
    """Of a running process, in the system's ticks; None when there is none. With it a number is not taken for its next owner."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def wait_until(true, what, log=None):
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            text = log.read_text(errors="replace")[-4000:] if log and log.exists() else ""
            raise RuntimeError(f"{what}\n{text}")
        time.sleep(0.05)


def answers(port, greeting=b"", expected=b""):
    """Whether something on the port takes connections and answers the greeting."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            if not greeting:
                return True
            probe.sendall(greeting)
            return probe.recv(64).startswith(expected)
    except OSError:
        return False


class Server:
    """A process with a folder, which can be started again after it was stopped or killed."""

    def __init__(self, folder, name, detached=False):
        self.name = name
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "log"
        self.pid_file = self.folder / "pid"
        self.detached = detached
        self.process = None
        self.ports = self.kept_ports()

    def kept_ports(self):
        """The ports of an earlier start, so that everybody finds the server where it was."""
        path = self.folder / "ports.json"
        ports = json.loads(path.read_text()) if path.exists() else {}
        missing = [name for name in self.port_names() if name not in ports]
        if not missing:
            return ports
        ports |= {name: free_port() for name in missing}
        path.write_text(json.dumps(ports))
        return ports

    def port_names(self):
        return ["main"]

    @property
    def port(self):
        return self.ports["main"]

    def spawn(self, command, environment=None, stdout=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=log, env=environment,
                start_new_session=self.detached, preexec_fn=None if self.detached else die_with_parent)
        self.pid_file.write_text(f"{self.process.pid} {start_time(self.process.pid)}")

    @property
    def pid(self):
        return int(self.pid_file.read_text().split()[0]) if self.pid_file.exists() else None

    def running(self):
        if self.process is not None:
            return self.process.poll() is None
        if not self.pid_file.exists():
            return False
        pid, started = self.pid_file.read_text().split()
        return str(start_time(pid)) == started

    def signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def wait_for_end(self):
        if self.process is not None:
            self.process.wait(PATIENCE)
        else:
            wait_until(lambda: not self.running(), f"{self.name} does not end", self.log)
        self.pid_file.unlink(missing_ok=True)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait_for_end()

    def stop(self):
        self.signal(signal.SIGTERM)
        self.wait_for_end()

    def wait_ready(self, ready):
        def step():
            if not self.running():
                raise RuntimeError(f"{self.name} ended at its start\n{self.log.read_text(errors='replace')[-4000:]}")
            return ready()
        wait_until(step, f"{self.name} did not start", self.log)


def as_user(user):
    """What runs a command as the user that a server insists on, where we are root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--pdeathsig=KILL"]


class Postgres(Server):
    def __init__(self, folder, name="postgresql", detached=False):
        super().__init__(folder, name, detached)
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.more = []  # further arguments

    @property
    def connection(self):
        return self.connection_at(self.port)

    @staticmethod
    def connection_at(port):
        return f"postgresql://stampede@127.0.0.1:{port}/stampede"

    def run(self, program, *arguments):
        prefix = [word for word in as_user("postgres") if not word.startswith("--pdeathsig")]
        done = subprocess.run(prefix + [f"{self.programs}/{program}", *map(str, arguments)], cwd="/",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}")
        return done.stdout

    def start(self):
        data = self.folder / "data"
        new = not data.exists()
        if new:
            if os.getuid() == 0:
                shutil.chown(self.folder, "postgres")
            self.run("initdb", "-D", data, "-A", "trust", "-U", "stampede", "--no-sync", "-E", "UTF8")
        # Left by a killed one; nobody else uses this folder.
        (data / "postmaster.pid").unlink(missing_ok=True)
        prefix = as_user("postgres")
        if self.detached:
            prefix = [word for word in prefix if not word.startswith("--pdeathsig")]
        self.spawn(prefix + [f"{self.programs}/postgres", "-D", str(data), "-p", str(self.port),
                             "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                             "-c", "max_connections=200", *self.more])
        self.wait_ready(self.accepts)
        if new:
            self.run("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "stampede", "stampede")

    def accepts(self):
        return subprocess.run([f"{self.programs}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
                              check=False).returncode == 0

    def server_pids(self):
        """The postmaster and its children."""
        found = [self.pid]
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                fields = pathlib.Path(path).read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.pid:
                found.append(int(path.split("/")[2]))
        return found

    def stop(self):
        self.signal(signal.SIGINT)  # "fast": without waiting for clients to leave
        self.wait_for_end()

    def kill(self):
        """As when the machine loses its power: the backends go, too."""
        self.signal(signal.SIGQUIT)
        self.wait_for_end()

    def query(self, sql):
        return self.run("psql", "-X", "-A", "-t", "-q", "-h", "127.0.0.1", "-p", self.port, "-U", "stampede",
                        "-d", "stampede", "-c", sql)


class Redis(Server):
    def __init__(self, folder, name="redis", detached=False):
        super().__init__(folder, name, detached)
        self.more = []  # further arguments

    def port_names(self):
        return ["main", "tls"]

    @property
    def url(self):
        return self.url_at(self.port)

    @staticmethod
    def url_at(port):
        return f"redis://127.0.0.1:{port}"

    def start(self):
        """Empty: it keeps nothing on disk."""
        self.spawn(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                    "--save", "", "--appendonly", "no", *self.more])
        self.wait_ready(lambda: answers(self.port, b"PING\r\n", b"+PONG"))

    def command(self, *words):
        done = subprocess.run(["redis-cli", "-p", str(self.port), *words], stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip()


class RabbitMq(Server):
    PROGRAMS = "/usr/lib/rabbitmq/bin"

    def __init__(self, folder, name="rabbitmq", detached=False, web_stomp=False):
        super().__init__(folder, name, detached)
        config = f"listeners.tcp.1 = 127.0.0.1:{self.port}\nloopback_users = none\nlog.file.level = warning\n"
        self.web_stomp = web_stomp
        if web_stomp:
            config += (f"web_stomp.tcp.ip = 127.0.0.1\nweb_stomp.tcp.port = {self.ports['web_stomp']}\n"
                       f"stomp.listeners.tcp.1 = 127.0.0.1:{self.ports['stomp']}\n")
        (self.folder / "rabbitmq.conf").write_text(config)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_web_stomp].\n" if web_stomp else "[].\n")
        self.environment = {
            "HOME": str(self.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"stampede{self.port}@localhost",
            "RABBITMQ_MNESIA_BASE": str(self.folder), "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_DIST_PORT": str(self.ports["distribution"]), "ERL_EPMD_PORT": str(self.ports["mapper"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
            "RABBITMQ_PID_FILE": str(self.folder / "rabbitmq.pid")}
        if not detached:
            self.tie_machine_to_script()
        self.mapper = None

    def tie_machine_to_script(self):
        """The Erlang machine is a child of the script that we start, and would outlive it."""
        programs = self.folder / "programs"
        programs.mkdir(exist_ok=True)
        erl = programs / "erl"
        erl.write_text(f'#!/bin/sh\nexec setpriv --pdeathsig=KILL {shutil.which("erl")} "$@"\n')
        erl.chmod(0o755)
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"

    def port_names(self):
        return ["main", "tls", "distribution", "mapper", "web_stomp", "stomp"]

    @property
    def web_stomp_url(self):
        return f"ws://127.0.0.1:{self.ports['web_stomp']}/ws"

    @property
    def url(self):
        return self.url_at(self.port)

    @staticmethod
    def url_at(port):
        return f"amqp://guest:guest@127.0.0.1:{port}"

    def start(self):
        if os.getuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, "rabbitmq", "rabbitmq")
        # One of its own, so that none stays behind.
        if not answers(self.ports["mapper"]):
            self.mapper = subprocess.Popen(
                ["epmd", "-port", str(self.ports["mapper"]), "-address", "127.0.0.1"], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=self.detached, preexec_fn=None if self.detached else die_with_parent)
            (self.folder / "mapper.pid").write_text(str(self.mapper.pid))
            wait_until(lambda: answers(self.ports["mapper"]), "epmd did not start")
        prefix = as_user("rabbitmq")
        if self.detached:
            prefix = [word for word in prefix if not word.startswith("--pdeathsig")]
        self.spawn(prefix + [f"{self.PROGRAMS}/rabbitmq-server"], self.environment)
        self.wait_ready(lambda: answers(self.port, b"AMQP\0\0\x09\1", b"\1")
                        and (not self.web_stomp or answers(self.ports["web_stomp"])))

    def control(self, *words):
        prefix = [word for word in as_user("rabbitmq") if not word.startswith("--pdeathsig")]
        deadline = time.monotonic() + PATIENCE
        while True:
            done = subprocess.run(prefix + [f"{self.PROGRAMS}/rabbitmqctl", "-q", *words], env=self.environment, cwd="/",
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode == 0:
                return done.stdout
            # One that has just been started listens before it counts as running.
            if "requires the 'rabbit' app to be running" not in done.stdout or time.monotonic() > deadline:
                raise RuntimeError(f"rabbitmqctl: {done.stdout}")

    def raise_memory_alarm(self):
        """It takes no publishes any more."""
        self.control("set_vm_memory_high_watermark", "0.0000001")

    def end_memory_alarm(self):
        self.control("set_vm_memory_high_watermark", "0.4")

    def server_pids(self):
        """The Erlang machine that the script has started: it has the port of our own epmd among its arguments, not its name."""
        wanted = f"\0-epmd_port\0{self.ports['mapper']}\0".encode()
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                if wanted in pathlib.Path(path).read_bytes():
                    found.append(int(path.split("/")[2]))
            except OSError:
                continue
        return found

    def kill(self):
        for pid in self.server_pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        super().kill()
        wait_until(lambda: not self.server_pids(), "RabbitMQ does not end")

    def stop(self):
        self.kill()
        self.stop_mapper()

    def stop_mapper(self):
        path = self.folder / "mapper.pid"
        if not path.exists():
            return
        try:
            os.kill(int(path.read_text()), signal.SIGKILL)
        except ProcessLookupError:
            pass
        if self.mapper is not None:
            self.mapper.wait()
            self.mapper = None
        path.unlink()


class ActiveMq(Server):
    """STOMP over TCP, in memory."""

    def __init__(self, folder, name="activemq", detached=False):
        super().__init__(folder, name, detached)

    @property
    def url(self):
        return f"stomp://127.0.0.1:{self.port}"

    def start(self):
        self.spawn(["java", "-Xmx1g", "-Dactivemq.home=/usr/share/activemq", f"-Dactivemq.base={self.folder}",
                    "-jar", "/usr/share/activemq/bin/activemq.jar", "start",
                    f"broker:(stomp://127.0.0.1:{self.port})?persistent=false&useJmx=false"])
        self.wait_ready(lambda: answers(self.port))


class Nginx(Server):
    """Round-robin over the nodes, request by request, with no stickiness."""

    def __init__(self, folder, node_ports, name="balancer", detached=False):
        super().__init__(folder, name, detached)
        self.node_ports = node_ports

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        # With max_fails a node that was away once gets one connection per fail_timeout until a request of its own has ended: with
        # WebSockets, which do not end, that is for good.
        servers = "\n".join(f"    server 127.0.0.1:{port} max_fails=0;" for port in self.node_ports)
        temporary = "\n".join(f"  {kind}_temp_path {self.folder}/{kind};"
                              for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(f"""
daemon off;
master_process off;
error_log {self.folder}/error.log warn;
pid {self.folder}/nginx.pid;
events {{ worker_connections 8192; }}
http {{
  access_log off;
{temporary}
  upstream nodes {{
{servers}
  }}
  map $http_upgrade $connection_header {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{self.port};
    client_max_body_size 16m;
    location / {{
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_header;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_connect_timeout 1s;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
      proxy_next_upstream error timeout;
    }}
  }}
}}
""")
        self.spawn(["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")])
        self.wait_ready(lambda: answers(self.port))
