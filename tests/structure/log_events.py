#!/usr/bin/env python3
"""docs/logging.md names every event of the log, with the fields and the level that the code gives it, and no other."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEVELS = {"trace": "trace", "debug": "debug", "info": "info", "warn": "warning", "error": "error"}
EVENT = r'"([a-z]+(?:_[a-z]+)*)"'


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.cpp")):
            yield path, re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))


def calls(text, pattern):
    """The name and the arguments of each call of a function that fits."""
    for found in re.finditer(rf"\b({pattern})\(", text):
        depth, quoted, at = 1, False, found.end()
        while depth:
            char = text[at]
            if quoted:
                at += char == "\\"
                quoted = char != '"'
            elif char == '"':
                quoted = True
            else:
                depth += (char in "({") - (char in ")}")
            at += 1
        yield found.group(1), text[found.end():at - 1]


def own_events():
    """Of the node's own calls: name -> (level, fields)."""
    events = {}
    for path, text in sources("node"):
        if path.name == "event_log.cpp":
            continue
        for function, arguments in calls(text, "log_info|log_warning|log_event"):
            head, _, rest = arguments.partition("{")
            fields = tuple(re.findall(r'\{\s*"([a-z_]+)"\s*,', "{" + rest))
            names = re.findall(EVENT, head)
            if function == "log_event":
                levels = [LEVELS[word] for word in re.findall(r"\b(trace|debug|info|warn|error)\b", re.sub(r'"[^"]*"', "", head))]
            else:
                levels = ["info" if function == "log_info" else "warning"] * len(names)
            if not names or len(names) != len(levels):
                raise SystemExit(f"{path.relative_to(ROOT)}: cannot read {function}({arguments[:80]})")
            for name, level in zip(names, levels, strict=True):
                events.setdefault(name, set()).add((level, fields))
    return events


def relayed_events():
    """Of the parts that name events which the node logs."""
    text = (ROOT / "node/event_log.cpp").read_text(encoding="utf-8")
    table = re.search(r"relayed_warnings\{(.*?)\};", text, re.S).group(1)
    warnings = set(re.findall(EVENT, table))
    events = {}
    for _, text in sources("persistence", "rabbitmq", "broker", "chat"):
        for _, arguments in calls(text, "tell|report|on_event_?"):
            for name in re.findall(EVENT, arguments.partition(",")[0]):
                events[name] = {("warning" if name in warnings else "info", ("detail",))}
    unknown = warnings - set(events)
    if unknown:
        raise SystemExit(f"node/event_log.cpp: nobody says {', '.join(sorted(unknown))}")
    return events


def documented():
    events = {}
    for line in (ROOT / "docs/logging.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 4:
            name = cells[0].strip("`")
            if name in events:
                raise SystemExit(f"docs/logging.md: {name} stands there twice")
            events[name] = {(cells[1], tuple(re.findall(r"`([a-z_]+)`", cells[2])))}
    return events


def main():
    code, docs = {**relayed_events(), **own_events()}, documented()
    wrong = []
    for name in sorted({*code, *docs}):
        if code.get(name) != docs.get(name):
            wrong.append(f"{name}: the code says {code.get(name)}, docs/logging.md says {docs.get(name)}")
    print("\n".join(wrong) or f"{len(code)} events, every one documented")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
