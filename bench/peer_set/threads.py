"""What the threads of a node use of the processors."""
import contextlib
import pathlib


def cpu_of_threads(pid):
    """Seconds since they were started, by their ids and names: proc(5), schedstat."""
    found = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            nanoseconds = int((task / "schedstat").read_text().split()[0])
            found[task.name, (task / "comm").read_text().strip()] = nanoseconds / 1e9
    return found


def share_of_shards(before, after):
    """Of what a node's threads used meanwhile."""
    used = {thread: seconds - before.get(thread, 0) for thread, seconds in after.items()}
    return sum(seconds for (_, name), seconds in used.items() if name.startswith("shard-")) / sum(used.values())
