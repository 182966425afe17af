#!/usr/bin/env python3
"""Two nodes with PostgreSQL, Redis and RabbitMQ, for tests in a browser.

usage: two_nodes.py MORE_SETTINGS    prints `ready URL URL`; a line `kill N` kills node N; the end of the input ends everything
"""
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts/support"))
sys.dont_write_bytecode = True

from cluster import Cluster  # noqa: E402

# Longer than a busy machine stands still: a Redis that is only slow is not away.
os.environ["STAMPEDE_REDIS__TIMEOUT"] = "10 s"

folder = pathlib.Path(tempfile.mkdtemp(prefix="stampede-console-"))
try:
    cluster = Cluster(folder, 2, balanced=False, more=sys.argv[1])
    try:
        cluster.start()
        print("ready", *(node.url for node in cluster.nodes), flush=True)
        for line in sys.stdin:
            words = line.split()
            if words[:1] == ["kill"]:
                cluster.nodes[int(words[1]) - 1].kill()
                print("killed", flush=True)
    finally:
        cluster.stop()
finally:
    shutil.rmtree(folder, ignore_errors=True)
