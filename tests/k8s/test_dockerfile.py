"""The Dockerfile: what it copies is there, what it installs is what the program is linked with, and the pods agree with it.

k8s/README.md says how the image itself is built and tried; that takes minutes.
"""
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import unittest

import manifests

BINARY = os.environ.get("STAMPEDE_BINARY", str(manifests.ROOT / "build/release/bin/stampede"))
NOT_LINKED = {"ca-certificates"}


def instructions():
    """(word, the rest) of each, lines that go on joined, comments left out."""
    lines = [line for line in (manifests.ROOT / "Dockerfile").read_text().splitlines()
             if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines()
    return [tuple(line.split(None, 1)) for line in joined]


def stages():
    """[{"from": image, "name": name or None, "steps": [(word, rest)]}]"""
    found = []
    for word, rest in instructions():
        if word == "FROM":
            image, *more = rest.split()
            found.append({"from": image, "name": more[1] if more else None, "steps": []})
        else:
            found[-1]["steps"].append((word, rest))
    return found


def ignored(path):
    """Whether .dockerignore keeps it out; the patterns that we use: names, and **/ before one."""
    for pattern in (manifests.ROOT / ".dockerignore").read_text().split():
        if pattern.startswith("**/"):
            if any(fnmatch.fnmatch(part, pattern[3:]) for part in pathlib.PurePath(path).parts):
                return True
        elif fnmatch.fnmatch(pathlib.PurePath(path).parts[0], pattern):
            return True
    return False


def steps_of(stage, word):
    return [rest for each, rest in stage["steps"] if each == word]


class Dockerfile(unittest.TestCase):
    def setUp(self):
        self.stages = stages()
        self.last = self.stages[-1]

    def test_it_has_known_instructions_only(self):
        words = {word for word, _ in instructions()}
        self.assertLessEqual(words, {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "ENTRYPOINT"})

    def test_every_stage_is_debian_12_by_its_short_name(self):
        self.assertEqual({stage["from"] for stage in self.stages}, {"debian:bookworm-slim"})

    def test_what_is_copied_is_there(self):
        names = {stage["name"] for stage in self.stages}
        for stage in self.stages:
            for rest in steps_of(stage, "COPY"):
                words = rest.split()
                source = re.fullmatch(r"--from=(\w+)", words[0])
                if source:
                    self.assertIn(source[1], names)
                    self.assertTrue(any(f"-o {words[1]} " in run for each in self.stages if each["name"] == source[1]
                                        for run in steps_of(each, "RUN")), words[1])
                    continue
                for path in words[:-1]:
                    self.assertTrue((manifests.ROOT / path).exists(), path)
                    self.assertTrue(path == "." or not ignored(path), path)

    def test_the_build_is_given_every_file_that_it_needs(self):
        """Tracked files that stay outside are of the kinds that no build reads."""
        tracked = subprocess.run(["git", "ls-files"], cwd=manifests.ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if tracked.returncode != 0:
            self.skipTest("not a work tree of git")
        outside = [path for path in tracked.stdout.splitlines() if ignored(path)]
        self.assertEqual([path for path in outside if not path.startswith(("k8s/", "Dockerfile", ".dockerignore"))], [])

    def test_the_scripts_that_it_runs_are_there(self):
        for stage in self.stages:
            for rest in steps_of(stage, "RUN"):
                for script in re.findall(r"scripts/[\w-]+", rest):
                    self.assertTrue(os.access(manifests.ROOT / script, os.X_OK), script)

    def test_it_installs_what_the_program_is_linked_with(self):
        run = next(rest for rest in steps_of(self.last, "RUN") if "apt-get install" in rest)
        words = run.split("apt-get install", 1)[1].split("&&", 1)[0].split()
        installed = {word for word in words if not word.startswith("-")}
        self.assertEqual(installed - NOT_LINKED, self.packages_of_the_program())

    @staticmethod
    def packages_of_the_program():
        """The packages of the libraries that the program itself names; they bring those that they need."""
        dynamic = subprocess.run(["objdump", "-p", BINARY], stdout=subprocess.PIPE, text=True, check=True).stdout
        needed = set(re.findall(r"NEEDED\s+(\S+)", dynamic))
        paths = dict(re.findall(r"(\S+) => (/\S+)", subprocess.run(["ldd", BINARY], stdout=subprocess.PIPE, text=True,
                                                                    check=True).stdout))
        packages = set()
        for library in needed:
            # /lib is a link to /usr/lib, and packages know their files by either name.
            names = {f"{folder}/{pathlib.Path(paths[library]).name}"
                     for folder in ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", str(pathlib.Path(paths[library]).parent))}
            owners = subprocess.run(["dpkg-query", "-S", *names], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                    text=True, check=False).stdout
            packages |= {line.partition(":")[0] for line in owners.splitlines() if not line.startswith("diversion")}
        return packages

    def test_the_pods_run_as_its_user(self):
        user = steps_of(self.last, "USER")[-1]
        self.assertRegex(user, r"^[1-9]\d*:[1-9]\d*$")
        for name in manifests.WHOLE:
            context = manifests.pod_of(manifests.rendered(name).named("Deployment", "stampede"))["securityContext"]
            self.assertEqual(f"{context['runAsUser']}:{context['runAsGroup']}", user)

    def test_it_exposes_the_pods_ports(self):
        container = manifests.pod_of(manifests.rendered("base").named("Deployment", "stampede"))["containers"][0]
        exposed = steps_of(self.last, "EXPOSE")[0].split()
        self.assertEqual(exposed, [str(port["containerPort"]) for port in container["ports"]])

    def test_its_environment_is_the_nodes(self):
        variables = dict(rest.split("=", 1) for rest in steps_of(self.last, "ENV"))
        done = subprocess.run([BINARY, "--check-config"], env={"PATH": os.environ["PATH"], **variables},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "configuration is good\n"))

    def test_it_starts_the_program_it_copied(self):
        entry = json.loads(steps_of(self.last, "ENTRYPOINT")[0])
        self.assertEqual(entry, [steps_of(self.last, "COPY")[-1].split()[-1]])


if __name__ == "__main__":
    unittest.main()
