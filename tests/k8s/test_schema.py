"""Every object of every folder is what its schema says, and has no field that the schema does not know."""
import copy
import json
import subprocess
import unittest

import manifests


def problems_of(objects):
    objects = copy.deepcopy(objects)
    for each in objects:
        # Kubernetes takes base64 with the line breaks of kustomize; the schema does not.
        if each["kind"] == "Secret":
            each["data"] = {name: "".join(value.split()) for name, value in each["data"].items()}
    done = subprocess.run(["node", str(manifests.HERE / "check_objects.mjs")], input=json.dumps(objects),
                          stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


class Schema(unittest.TestCase):
    def test_every_object_is_as_its_schema_says(self):
        for name in manifests.ALL:
            with self.subTest(name):
                objects = manifests.rendered(name)
                self.assertGreater(len(objects), 0)
                self.assertEqual(problems_of(objects), [])

    def test_a_misspelt_field_a_wrong_type_and_an_unknown_kind_are_found(self):
        deployment = manifests.rendered("base").named("Deployment", "stampede")
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        container["readynessProbe"] = container.pop("readinessProbe")
        container["ports"][0]["containerPort"] = "8080"
        other = {"apiVersion": "v1", "kind": "Sevrice", "metadata": {"name": "x"}}
        path = "Deployment stampede/spec/template/spec/containers/0"
        found = problems_of([deployment, other])
        self.assertIn(f"{path}/readynessProbe: no such field", found)
        self.assertTrue(any(each.startswith(f"{path}/ports/0/containerPort: type") for each in found), found)
        self.assertTrue(any(each.startswith("Sevrice x: ") for each in found), found)

    def test_nothing_is_there_twice(self):
        for name in manifests.ALL:
            with self.subTest(name):
                names = [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
                         for each in manifests.rendered(name)]
                self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
