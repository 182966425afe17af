"""One run of stampede-bench after the other, and how their figures are written down."""
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "build/release/bin/stampede-bench"
PAGES = ROOT / "build/bench"


def page_name(words):
    """Of a run, by what tells it from others; addresses, processes and how long it took do not."""
    kept, words = [], [str(word) for word in words]
    while words:
        word = words.pop(0)
        if word in ("--target", "--url", "--pid", "--duration", "--rounds", "--source"):
            words.pop(0)
        else:
            kept.append(word.strip("-").replace(" ", "").replace("/", ""))
    return "-".join(kept)


def bench(*words, name=None):
    """What stampede-bench found; its page and JSON stay in build/bench/."""
    PAGES.mkdir(parents=True, exist_ok=True)
    name = name or page_name(words)
    found = PAGES / f"{name}.json"
    command = [BENCH, *map(str, words), "--quiet", "--json", found, "--html", PAGES / f"{name}.html"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}")
    out = json.loads(found.read_text())
    for warning in out.get("warnings", ()):
        print(f"  {name}: {warning}", flush=True)
    return out


def value(found, name):
    return found["figures"][name]["value"]


def medians(compared, name):
    return compared["figures"][name]["medians"]


def ratio(compared, name):
    one = compared["figures"][name]["ratios"][1]
    return f"{one['median']:,.0f} ({one['min']:,.0f} to {one['max']:,.0f})" if one["median"] >= 10 \
        else f"{one['median']:.1f} ({one['min']:.1f} to {one['max']:.1f})"


def spread(ratios, digits=2):
    """Of a few ratios: the median, and from the least to the most."""
    ordered = sorted(ratios)
    middle = ordered[len(ordered) // 2] if len(ordered) % 2 else sum(ordered[len(ordered) // 2 - 1:][:2]) / 2
    return f"{middle:.{digits}f} ({ordered[0]:.{digits}f} to {ordered[-1]:.{digits}f})"


def table(heads, rows):
    return "\n".join(["| " + " | ".join(heads) + " |", "| --- " * len(heads) + "|",
                      *("| " + " | ".join(map(str, row)) + " |" for row in rows)]) + "\n"
