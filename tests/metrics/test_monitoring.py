"""monitoring/: the rules do what they should, and rules and dashboard speak only of metrics that there are."""
import json
import pathlib
import re
import subprocess
import unittest

from monitoring import ALERTS, ALERTS_TEST, DASHBOARD, documented_metrics, expressions, names_in


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout + done.stderr


class Rules(unittest.TestCase):
    def test_promtool_can_read_the_rules(self):
        code, said = promtool("check", "rules", str(ALERTS))
        self.assertEqual(code, 0, said)

    def test_the_rules_speak_when_they_should_and_are_silent_otherwise(self):
        code, said = promtool("test", "rules", str(ALERTS_TEST))
        self.assertEqual(code, 0, said)

    def test_every_rule_is_seen_to_fire_and_is_explained(self):
        names = set(re.findall(r"- alert: (\w+)", ALERTS.read_text(encoding="utf-8")))
        fired = set(re.findall(r'alertname="(\w+)"', ALERTS_TEST.read_text(encoding="utf-8")))
        page = pathlib.Path(ALERTS.parent.parent / "docs/metrics.md").read_text(encoding="utf-8")
        explained = set(re.findall(r"`(Stampede\w+)`", page))
        self.assertEqual(names, fired)
        self.assertEqual(names, explained)


class Names(unittest.TestCase):
    def test_rules_and_dashboard_name_only_metrics_that_are_documented(self):
        known = documented_metrics()
        self.assertGreater(len(known), 50)
        for where, text in expressions():
            with self.subTest(where=where, expression=text):
                self.assertEqual(names_in(text) - known, set())
                self.assertTrue(names_in(text), "an expression without any metric")

    def test_the_dashboard_shows_every_metric(self):
        shown = set()
        for where, text in expressions():
            if where.startswith("dashboard"):
                shown |= names_in(text)
        families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown} | shown
        missing = {name for name in documented_metrics(families=True) if name not in families}
        self.assertEqual(missing, set())

    def test_the_panels_of_the_dashboard_do_not_overlap(self):
        taken = set()
        for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            self.assertFalse(taken & cells, panel["title"])
            taken |= cells


if __name__ == "__main__":
    unittest.main()
