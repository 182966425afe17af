"""bench/RESULTS.md: its chapters stand between marks, and each says how it was measured."""
import os
import platform
import subprocess
import sys
import time

from peer_set.runs import ROOT

RESULTS = ROOT / "bench/RESULTS.md"


def marks(name):
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def with_chapter(text, name, chapter):
    """The file's text with that chapter, in the place where it was or behind all others."""
    begin, end = marks(name)
    block = f"{begin}\n\n{chapter.strip()}\n\n{end}"
    if begin in text:
        before, _, rest = text.partition(begin)
        inside, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f'{RESULTS}: "{begin}" has no "{end}"')
        return before + block + after
    last = text.rfind("<!-- end of ")
    place = text.index("\n", last) + 1 if last >= 0 else len(text)
    return text[:place].rstrip("\n") + f"\n\n{block}\n" + text[place:]


def headed(chapter, command, conditions):
    """With the command and the conditions under its title."""
    title, _, rest = chapter.partition("\n")
    return f"{title}\n\n    {command}\n\n{conditions}\n{rest}"


def command_now(words):
    real_time = "chrt -r 1 " if os.sched_getscheduler(0) == os.SCHED_RR else ""
    return real_time + " ".join(["bench/peers.py", *words])


def stolen_now():
    """Seconds of all processors that this machine's host has taken: proc_stat(5), steal."""
    with open("/proc/stat", encoding="ascii") as stat:
        return int(stat.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def conditions_from_now():
    """A function to call at the end: what a chapter was measured with."""
    program, load, stolen, began = program_now(), os.getloadavg()[0], stolen_now(), time.monotonic()

    def conditions():
        share = (stolen_now() - stolen) / (time.monotonic() - began) / os.cpu_count()
        return (f"{program}{os.cpu_count()} cores, Linux {platform.release().partition('-')[0]}; load average at the start {load:.1f}; "
                f"{100 * share:.1f} % of the processors' time was taken by the machine's host.")
    return conditions


def program_now():
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always"], stdout=subprocess.PIPE, text=True).stdout.strip()
    # That this file changes does not make it another program.
    changed = ["git", "-C", ROOT, "diff", "--quiet", "HEAD", "--", ".", f":!{RESULTS.relative_to(ROOT)}"]
    if commit and subprocess.run(changed).returncode != 0:
        commit += ", changed"
    at = f"the program of {commit}, " if commit else ""
    return f"{time.strftime('%Y-%m-%d')}, {at}"


def write(name, chapter):
    RESULTS.write_text(with_chapter(RESULTS.read_text(), name, chapter))
    print(f"{RESULTS}: {name}", file=sys.stderr, flush=True)
