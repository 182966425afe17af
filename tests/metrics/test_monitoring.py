"""monitoring/: the rules do what they should, and rules and dashboard speak only of metrics that there are."""
import json
import re
import subprocess
import unittest

from monitoring import ALERTS, ALERTS_TEST, DASHBOARD, RUNBOOK, documented_metrics, expressions, names_in, rules


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

    def test_every_rule_is_seen_to_fire(self):
        fired = set(re.findall(r'alertname="(\w+)"', ALERTS_TEST.read_text(encoding="utf-8")))
        self.assertEqual({each["alert"] for each in rules()}, fired)


class Runbook(unittest.TestCase):
    """docs/operations.md, the chapter "Runbook": one section for each alert, which points to it."""
    PARTS = ("Symptom", "For users", "Confirm", "Do", "Over")

    def setUp(self):
        chapter = RUNBOOK.read_text(encoding="utf-8").partition("\n## Runbook\n")[2].partition("\n## ")[0]
        self.sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", chapter, re.MULTILINE | re.DOTALL))

    def test_every_alert_has_its_section_and_every_section_its_alert(self):
        names = [each["alert"] for each in rules()]
        self.assertEqual(sorted(names), sorted(self.sections))
        for each in rules():
            with self.subTest(alert=each["alert"]):
                self.assertEqual(each["annotations"]["runbook_url"], f"docs/operations.md#{each['alert'].lower()}")

    def test_a_section_says_what_is_seen_what_it_means_how_to_confirm_it_what_to_do_and_when_it_is_over(self):
        for name, text in self.sections.items():
            with self.subTest(alert=name):
                found = re.findall(r"^\*\*([\w ]+)\.\*\*", text, re.MULTILINE)
                self.assertEqual(found, list(self.PARTS))
                self.assertIn("\n$ ", text, "a command with what it says")

    def test_the_metrics_of_a_section_are_there(self):
        known = documented_metrics() | documented_metrics(families=True)
        for name, text in self.sections.items():
            for asked in re.findall(r"(?:\$|;) m '?([\w|]+)'?", text):
                for metric in asked.split("|"):
                    with self.subTest(alert=name, metric=metric):
                        self.assertIn(f"stampede_{metric}", known)
            with self.subTest(alert=name):
                self.assertEqual(names_in(text) - known, set())

    def test_links_within_the_runbook_lead_somewhere(self):
        page = RUNBOOK.read_text(encoding="utf-8")
        anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
                   for title in re.findall(r"^#+ (.*)$", page, re.MULTILINE)}
        self.assertEqual(set(re.findall(r"\]\(#([\w-]+)\)", page)) - anchors, set())


class Names(unittest.TestCase):
    def test_rules_and_dashboard_name_only_metrics_that_are_documented(self):
        known = documented_metrics()
        self.assertGreater(len(known), 50)
        for where, text in expressions():
            with self.subTest(where=where, expression=text):
                self.assertEqual(names_in(text) - known, set())
                # `up` is Prometheus' own word on each target.
                self.assertTrue(names_in(text) or "up{job=" in text, "an expression without any metric")

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
