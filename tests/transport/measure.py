#!/usr/bin/env python3
"""CPU per delivery and memory per idle connection of the transport alone.

usage: measure.py PROGRAM      (PROGRAM: build/release/tests/transport_fan_out)
The server runs on one core, the client on another.
"""
import os
import subprocess
import sys
import tempfile
import time


def main(program):
    def start(core, *words):
        return subprocess.Popen(["taskset", "-c", str(core), program, *map(str, words)],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(server, command):
        server.stdin.write(command + "\n")
        server.stdin.flush()
        return server.stdout.readline().strip()

    other = 1 if (os.cpu_count() or 1) > 1 else 0
    for rooms, subscribers, window in ((1, 1000, 32), (100, 10, 32), (1000, 2, 8), (1, 1000, 1)):
        server = start(0, "serve")
        port = server.stdout.readline().strip()
        client = start(other, "drive", port, rooms, subscribers, 6, window)
        # Connecting takes its time first: wait for the last connection.
        while not ask(server, "memory").startswith(str(rooms * (subscribers + 1)) + " "):
            pass
        time.sleep(1)
        ask(server, "mark")
        time.sleep(3)
        print(f"{rooms} x {subscribers}, window {window}: {ask(server, 'report')}", flush=True)
        client.wait()
        server.stdin.close()
        server.wait()

    with tempfile.TemporaryDirectory() as directory:
        certificate, key = f"{directory}/certificate.pem", f"{directory}/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        for name, files, mode in (("ws", (), ()), ("wss", (certificate, key), ("tls",))):
            server = start(0, "serve", *files)
            port = server.stdout.readline().strip()
            before = int(ask(server, "memory").split()[3])
            client = start(other, "idle", port, 5000, *mode)
            client.stdout.readline()
            after = int(ask(server, "memory").split()[3])
            print(f"5000 idle {name} connections: {(after - before) / 5000:.3f} KiB PSS each")
            client.stdin.close()
            client.wait()
            server.stdin.close()
            server.wait()


if __name__ == "__main__":
    main(sys.argv[1])
