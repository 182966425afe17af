"""The node's pod as Kubernetes would start it, brought down to this machine: the same arguments, environment and files,
with the paths of the volumes in a folder of ours."""
import os
import re
import tomllib

import manifests

FIELDS = {"metadata.name": "stampede-6f7d9c5b8-x2v4q", "status.podIP": "10.42.0.7"}
SECRETS = ("postgresql", "rabbitmq-password", "redis-password", "cluster-secret")


class Pod:
    def __init__(self, objects, folder, secrets):
        self.folder = folder
        container = manifests.pod_of(objects.named("Deployment", "stampede"))["containers"][0]
        self.container = container
        config = objects.generated("ConfigMap", "stampede")["data"]["stampede.toml"]
        self.config = tomllib.loads(config)
        self.paths = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        for name in self.paths:
            (folder / name).mkdir()
        for name, value in secrets.items():
            (folder / "secrets" / name).write_text(value)
        (folder / "config" / "stampede.toml").write_text(self.here(config))
        self.arguments = [self.here(each) for each in container["args"]]
        self.variables = self.environment(objects)

    def here(self, text):
        for name, path in self.paths.items():
            text = text.replace(path, str(self.folder / name))
        return text

    def environment(self, objects):
        """As the kubelet makes it: envFrom first, then env, in which $(NAME) is a variable before it."""
        variables = {}
        for source in self.container["envFrom"]:
            variables.update(next(each["data"] for each in objects.kind("ConfigMap")
                                  if each["metadata"]["name"] == source["configMapRef"]["name"]))
        for each in self.container["env"]:
            value = each.get("value")
            if value is None:
                value = FIELDS[each["valueFrom"]["fieldRef"]["fieldPath"]]
            variables[each["name"]] = re.sub(r"\$\((\w+)\)", lambda found: variables[found[1]], value)
        return variables

    def whole_environment(self, **more):
        """Nothing of the machine's own but what programs need."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "ASAN_OPTIONS") if name in os.environ}
        return {**kept, **self.variables, **more}
