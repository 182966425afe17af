"""What Prometheus and Grafana of a cluster get is what monitoring/ holds, and what they look for.

The Prometheus operator wants the rules in an object of its own, which kustomize cannot make of a file of rules. So there is
a copy: with STAMPEDE_WRITE_DOCS=1 in the environment this test writes it anew.
"""
import json
import os
import unittest

import yaml

import manifests

ALERTS = manifests.ROOT / "monitoring/alerts.yaml"
RULE = manifests.ROOT / "k8s/components/monitoring/prometheus-rule.yaml"

HEAD = """\
# Made from monitoring/alerts.yaml by tests/k8s/test_monitoring.py; STAMPEDE_WRITE_DOCS=1 writes it anew.
# Some Prometheuses take only what has a label of theirs (often "release"): add it by a patch.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: stampede
  labels:
    app.kubernetes.io/name: stampede
spec:
"""


def rule_of(alerts):
    """The object's text: the rules without their own comment, two columns further in."""
    lines = alerts.splitlines(keepends=True)
    lines = lines[lines.index("groups:\n"):]
    return HEAD + "".join("  " + line if line.strip() else line for line in lines)


def setUpModule():
    if os.environ.get("STAMPEDE_WRITE_DOCS"):
        RULE.write_text(rule_of(ALERTS.read_text(encoding="utf-8")), encoding="utf-8")


class Rules(unittest.TestCase):
    def test_the_copy_is_that_of_the_rules(self):
        expected = rule_of(ALERTS.read_text(encoding="utf-8"))
        self.assertEqual(RULE.read_text(encoding="utf-8"), expected, "STAMPEDE_WRITE_DOCS=1 writes it anew")

    def test_what_is_rendered_has_the_rules(self):
        rule = manifests.rendered("everything").named("PrometheusRule", "stampede")
        self.assertEqual(rule["spec"], yaml.safe_load(ALERTS.read_text(encoding="utf-8")))


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.config_map = manifests.rendered("everything").named("ConfigMap", "stampede-dashboard")

    def test_it_is_the_dashboard(self):
        dashboard = (manifests.ROOT / "monitoring/dashboard.json").read_text(encoding="utf-8")
        self.assertEqual(self.config_map["data"], {"dashboard.json": dashboard})

    def test_the_sidecar_finds_it(self):
        self.assertEqual(self.config_map["metadata"]["labels"]["grafana_dashboard"], "1")

    def test_it_fits_into_the_annotation_that_apply_writes(self):
        """kubectl apply keeps the object in an annotation, and all annotations have 256 KiB."""
        self.assertLess(len(json.dumps(self.config_map).encode()), 250_000)


if __name__ == "__main__":
    unittest.main()
