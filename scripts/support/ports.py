"""TCP ports for servers of tests and of a local cluster."""
import random
import socket

# Below those that the system gives to outgoing connections; as in tests/support/free_port.cpp.
PORTS = range(20_000, 32_000)
ATTEMPTS = 1_000


def free_port():
    """Nobody else's while this program runs, in any program that asks here or in tests/support/free_port.cpp, even while
    its server is down."""
    for _ in range(ATTEMPTS):
        port = random.choice(PORTS)
        # An abstract name, which the system gives to one process at a time and takes back when that process ends.
        mark = socket.socket(socket.AF_UNIX)
        try:
            mark.bind(f"\0stampede-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("", port))  # RabbitMQ's distribution takes it on all addresses
        except OSError:
            mark.close()
            continue
        mark.detach()  # stays open until this program ends
        return port
    raise RuntimeError(f"no free port from {PORTS.start} to {PORTS.stop - 1}")
