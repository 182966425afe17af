#!/usr/bin/env python3
"""Reads every #include of the tree and fails on one that points the wrong way.

Folders build on each other in one direction (stomp <- broker <- chat), outer folders implement the
interfaces of inner ones, and a foreign library's headers stay in the one folder that wraps it.
"""
import pathlib
import re
import subprocess
import sys

# Folder -> the folders whose headers it may include.
MAY_INCLUDE = {
    "stomp": {"stomp"},
    "broker": {"stomp", "broker"},
    "chat": {"stomp", "broker", "chat"},
    "rabbitmq": {"stomp", "broker", "rabbitmq"},
    "persistence": {"broker", "chat", "persistence"},
    "config": {"config"},
    "web": {"web"},
    "node": {"stomp", "broker", "chat", "rabbitmq", "persistence", "config", "web", "node"},
    "bench": {"stomp", "bench", "broker", "chat", "persistence", "rabbitmq", "tests"},
    "cmake": set(),
}

# The innermost folders see only the ports of what lies further in.
PORTS_ONLY = {
    ("persistence", "broker"): ("broker/ports/", "broker/unique_function.hpp"),
    ("persistence", "chat"): ("chat/",),
    ("rabbitmq", "broker"): ("broker/ports/", "broker/tls/", "broker/message.hpp", "broker/unique_function.hpp"),
}

# A library's headers -> the folders (path prefixes) that may include them.
LIBRARY_HOMES = [
    (re.compile(r"^amqp"), ("rabbitmq/",)),
    (re.compile(r"^(soci|libpq|sqlite3)"), ("persistence/", "tests/", "bench/")),
    (re.compile(r"^hiredis"), ("broker/registry/redis/", "tests/fuzz/")),
    (re.compile(r"^boost/beast"), ("broker/transport/", "cmake/", "tests/")),
    (re.compile(r"^boost/asio"), ("broker/transport/", "cmake/", "tests/", "bench/", "node/")),
    (re.compile(r"^toml"), ("config/", "bench/plan/")),
    (re.compile(r"^CLI"), ("config/", "bench/", "tests/")),
    (re.compile(r"^argon2"), ("broker/auth/", "tests/")),
    (re.compile(r"^prometheus/"), ("node/metrics/",)),
    (re.compile(r"^curl/"), ("broker/auth/", "bench/", "node/discovery/")),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def problems_of(path, text):
    top = path.split("/")[0]
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, header = match.groups()
        where = f"{path}:{number}"
        for pattern, homes in LIBRARY_HOMES:
            if pattern.match(header) and not path.startswith(homes):
                yield f"{where}: <{header}> belongs to {' '.join(homes)} only"
        if quote != '"' or top == "tests":
            continue
        target = header.split("/")[0]
        if target not in MAY_INCLUDE.get(top, set()):
            yield f"{where}: {top}/ must not include \"{header}\""
        allowed = PORTS_ONLY.get((top, target))
        if allowed and not header.startswith(allowed):
            yield f"{where}: {top}/ sees only {' '.join(allowed)} of {target}/, not \"{header}\""


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.hpp", "*.cpp"],
        cwd=root, check=True, capture_output=True, text=True)
    files = listed.stdout.split()
    if not files:
        sys.exit("include_direction: no source files found")
    found = [p for f in files if (root / f).exists()
             for p in problems_of(f, (root / f).read_text(encoding="utf-8"))]
    print("\n".join(found) if found else f"{len(files)} files, every include points the right way")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
