"""What monitoring/ and docs/metrics.md hold, and what a /metrics page says."""
import json
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALERTS = ROOT / "monitoring/alerts.yaml"
ALERTS_TEST = ROOT / "monitoring/alerts_test.yaml"
DASHBOARD = ROOT / "monitoring/dashboard.json"
PAGE = ROOT / "docs/metrics.md"
RUNBOOK = ROOT / "docs/operations.md"


def documented_metrics(families=False, homes=("Every node", "A node of a cluster", "A node with a registry",
                                               "A node that registers with Eureka")):
    """The names of docs/metrics.md; histograms with the names of their series, unless `families`."""
    names = set()
    text = PAGE.read_text(encoding="utf-8").partition("<!-- generated")[2]
    for section in text.split("\n### ")[1:]:
        if not section.startswith(homes):
            continue
        for name, kind in re.findall(r"^\| `(\w+)` \| (\w+) \|", section, re.MULTILINE):
            if kind == "histogram" and not families:
                names |= {f"{name}_{part}" for part in ("bucket", "sum", "count")}
            else:
                names.add(name)
    return names


def rules():
    """Each alert: its name, expression, labels and annotations."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions():
    """(where, PromQL) of every rule, panel, variable and annotation."""
    found = []
    rules = ALERTS.read_text(encoding="utf-8")
    pattern = r"- alert: (\w+)\n +expr: (\|\n(?: {10,}.*\n)+|.*\n)"
    for name, text in re.findall(pattern, rules):
        found.append((f"alert {name}", text))
    if len(found) != rules.count("- alert: "):
        raise AssertionError("a rule without an expression")
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            found.append((f"dashboard, {panel['title']}", target["expr"]))
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found.append((f"dashboard, variable {variable['name']}", variable["query"]["query"]))
    for annotation in board["annotations"]["list"]:
        found.append((f"dashboard, annotation {annotation['name']}", annotation["expr"]))
    return found


def names_in(expression):
    """The metrics that a PromQL expression asks for."""
    without_labels = re.sub(r'"[^"]*"', "", expression)
    return set(re.findall(r"\b(?:stampede|process)_\w+", without_labels))


def parse_page(text):
    """{(name, ((label, value), ...)): number} of a page in the text format."""
    samples = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if match is None:
            raise AssertionError(f"not a sample: {line}")
        labels = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match.group(2) or "")
        samples[match.group(1), tuple(sorted(labels))] = float(match.group(3))
    return samples
