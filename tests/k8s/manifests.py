"""What the tests of the manifests share: the folders rendered by kubectl, and ways to find things in them."""
import base64
import copy
import functools
import pathlib
import re
import subprocess

import yaml

import install

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent

# What people apply, and what the tests put together.
WHOLE = {"k3s": ROOT / "k8s/overlays/k3s",
         "production": ROOT / "k8s/overlays/production",
         "everything": HERE / "everything"}
ALL = {**WHOLE, "base": ROOT / "k8s/base", "traefik": ROOT / "k8s/traefik"}

# What kustomize adds to the names that it generates: hexadecimal, in letters that make no words.
HASH = "-[bcdfghkmt2456789]{10}"


@functools.cache
def text_of(name):
    done = subprocess.run([install.kubectl(), "kustomize", str(ALL[name])], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"kubectl kustomize {ALL[name]}: {done.stderr}")
    return done.stdout


@functools.cache
def parsed(name):
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return list(yaml.load_all(text_of(name), loader))


def rendered(name):
    """The caller's own: a test may change them."""
    return Objects(copy.deepcopy(parsed(name)))


class Objects(list):
    def kind(self, *kinds):
        return Objects(each for each in self if each["kind"] in kinds)

    def named(self, kind, name):
        found = [each for each in self if each["kind"] == kind and each["metadata"]["name"] == name]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} of {kind} {name}")
        return found[0]

    def workloads(self):
        return self.kind("Deployment", "StatefulSet")

    def generated(self, kind, name):
        """By its name without the hash that kustomize adds."""
        pattern = re.compile(re.escape(name) + HASH)
        found = [each for each in self.kind(kind) if pattern.fullmatch(each["metadata"]["name"])]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} of {kind} {name}-HASH")
        return found[0]


def title(each):
    return f"{each['kind']} {each['metadata']['name']}"


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def containers_of(workload):
    pod = pod_of(workload)
    return pod.get("initContainers", []) + pod["containers"]


def labels_of(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def matches(selector, labels):
    """A label selector of matchLabels alone; an empty one means everything."""
    unknown = set(selector) - {"matchLabels"}
    if unknown:
        raise AssertionError(f"these tests do not read {unknown} of a selector")
    return all(labels.get(name) == value for name, value in selector.get("matchLabels", {}).items())


def secret_values(secret):
    """Its values in the clear. kustomize folds long ones."""
    return {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}


def seconds(text):
    """A duration of the configuration: "100 s", "2 min"."""
    number, _, unit = text.partition(" ")
    return float(number) * {"ms": 0.001, "s": 1, "min": 60, "h": 3600}[unit]
