"""A process with a share of the processors, by cgroups of either version; needs root."""
import contextlib
import os
import pathlib

PERIOD = 10_000  # µs
V1, V2 = pathlib.Path("/sys/fs/cgroup/cpu"), pathlib.Path("/sys/fs/cgroup")


@contextlib.contextmanager
def cpu_share(pid, cores):
    """The process may use that many cores' worth of time, all its threads together; on any of them."""
    first = (V1 / "cpu.cfs_period_us").exists()
    home = V1 if first else V2
    group = home / f"stampede-bench-{pid}"
    group.mkdir()
    try:
        quota = int(PERIOD * cores)
        if first:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {PERIOD}")
        # Quotas are for threads of the ordinary kind.
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setscheduler(int(thread), os.SCHED_OTHER, os.sched_param(0))
        (group / "cgroup.procs").write_text(str(pid))
        yield
        (home / "cgroup.procs").write_text(str(pid))
    finally:
        group.rmdir()
