"""What no schema can say: that everything named is there, and that what must fit together does."""
import functools
import re
import tomllib
import unittest

import yaml

import manifests
from manifests import containers_of, labels_of, matches, pod_of, seconds, title

# What whoever installs makes, as k8s/README.md says; never in a file of ours.
MADE_BY_HAND = {"production": {"stampede", "stampede-tls"}, "everything": {"stampede", "stampede-tls"}, "k3s": set()}

FOR_THE_CLUSTER = {"Namespace"}


def in_each_overlay(test):
    """Calls the test for each overlay, with its name and its objects."""
    @functools.wraps(test)
    def run(self):
        for name in manifests.WHOLE:
            with self.subTest(name):
                test(self, name, manifests.rendered(name))
    return run


def config_of(objects):
    return tomllib.loads(objects.generated("ConfigMap", "stampede")["data"]["stampede.toml"])


class Names(unittest.TestCase):
    @in_each_overlay
    def test_everything_is_in_the_overlays_namespace(self, _, objects):
        namespace = objects.kind("Namespace")[0]["metadata"]["name"]
        for each in objects:
            if each["kind"] not in FOR_THE_CLUSTER:
                self.assertEqual(each["metadata"].get("namespace"), namespace, title(each))

    @in_each_overlay
    def test_selectors_select(self, _, objects):
        pods = [labels_of(each) for each in objects.workloads()]
        for each in objects.workloads():
            self.assertTrue(matches(each["spec"]["selector"], labels_of(each)), title(each))
            spreads = pod_of(each).get("topologySpreadConstraints", [])
            for spread in spreads:
                self.assertTrue(matches(spread["labelSelector"], labels_of(each)), title(each))
            # A patch merges them by key and strictness: one that changes the latter adds one beside it.
            self.assertEqual(len({spread["topologyKey"] for spread in spreads}), len(spreads), title(each))
        for each in objects.kind("Service"):
            selector = {"matchLabels": each["spec"]["selector"]}
            self.assertEqual(sum(matches(selector, labels) for labels in pods), 1, title(each))
        for each in objects.kind("PodDisruptionBudget"):
            self.assertEqual(sum(matches(each["spec"]["selector"], labels) for labels in pods), 1, title(each))
        for each in objects.kind("NetworkPolicy"):
            self.assertTrue(any(matches(each["spec"]["podSelector"], labels) for labels in pods), title(each))
        for each in objects.kind("HorizontalPodAutoscaler"):
            target = each["spec"]["scaleTargetRef"]
            objects.named(target["kind"], target["name"])
        for each in objects.kind("ServiceMonitor"):
            selected = [service for service in objects.kind("Service")
                        if matches(each["spec"]["selector"], service["metadata"]["labels"])]
            self.assertEqual(len(selected), 1)
            ports = {port["name"] for port in selected[0]["spec"]["ports"]}
            self.assertLessEqual({endpoint["port"] for endpoint in each["spec"]["endpoints"]}, ports)
            # The operator names the job so; the rules ask for it.
            job = selected[0]["metadata"]["labels"][each["spec"]["jobLabel"]]
            asked = re.findall(r'\bup\{job="([\w-]+)"\}', (manifests.ROOT / "monitoring/alerts.yaml").read_text())
            self.assertEqual(set(asked), {job})

    @in_each_overlay
    def test_config_maps_and_secrets_that_are_named_are_there_with_their_keys(self, name, objects):
        keys = {(each["kind"], each["metadata"]["name"]): set(each["data"])
                for each in objects.kind("ConfigMap", "Secret")}
        by_hand = MADE_BY_HAND[name]

        def check(kind, called, wanted=()):
            if kind == "Secret" and called in by_hand:
                return
            self.assertIn((kind, called), keys)
            self.assertLessEqual(set(wanted), keys[kind, called])

        for each in objects.workloads():
            volumes = {volume["name"]: volume for volume in pod_of(each).get("volumes", [])}
            for volume in volumes.values():
                items = [item["key"] for item in (volume.get("secret") or {}).get("items", [])]
                if "configMap" in volume:
                    check("ConfigMap", volume["configMap"]["name"])
                if "secret" in volume:
                    check("Secret", volume["secret"]["secretName"], items)
            for container in containers_of(each):
                for source in container.get("envFrom", []):
                    check("ConfigMap", source["configMapRef"]["name"])
                for variable in container.get("env", []):
                    reference = variable.get("valueFrom", {}).get("secretKeyRef")
                    if reference:
                        check("Secret", reference["name"], [reference["key"]])
                for mount in container.get("volumeMounts", []):
                    if "subPath" in mount:
                        check("ConfigMap", volumes[mount["name"]]["configMap"]["name"], [mount["subPath"]])
        for each in objects.kind("Ingress"):
            for tls in each["spec"].get("tls", []):
                check("Secret", tls["secretName"])

    @in_each_overlay
    def test_secrets_and_config_maps_are_all_used(self, name, objects):
        text = manifests.text_of(name)
        for each in objects.kind("ConfigMap", "Secret"):
            if "grafana_dashboard" in each["metadata"].get("labels", {}):
                continue  # which Grafana finds by the label
            self.assertGreater(text.count(each["metadata"]["name"]), 1, title(each))

    @in_each_overlay
    def test_ports_that_are_named_are_there(self, _, objects):
        for each in objects.workloads():
            for container in containers_of(each):
                ports = {port["name"] for port in container.get("ports", [])}
                for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
                    probe = container.get(kind, {})
                    for way in ("httpGet", "tcpSocket"):
                        if way in probe:
                            self.assertIn(probe[way]["port"], ports, f"{title(each)} {kind}")
        for each in objects.kind("Service"):
            ports = self.ports_of(objects, {"matchLabels": each["spec"]["selector"]})
            for port in each["spec"]["ports"]:
                self.assertIn(port["targetPort"], ports, title(each))
        for each in objects.kind("NetworkPolicy"):
            for rule in each["spec"].get("ingress", []):
                ports = self.ports_of(objects, each["spec"]["podSelector"])
                for port in rule["ports"]:
                    self.assertIn(port["port"], ports, title(each))

    @staticmethod
    def ports_of(objects, selector):
        return {port["name"] for each in objects.workloads() if matches(selector, labels_of(each))
                for container in containers_of(each) for port in container.get("ports", [])}

    @in_each_overlay
    def test_volumes_are_mounted_and_mounts_are_volumes(self, _, objects):
        for each in objects.workloads():
            volumes = {volume["name"] for volume in pod_of(each).get("volumes", [])}
            volumes |= {claim["metadata"]["name"] for claim in each["spec"].get("volumeClaimTemplates", [])}
            mounted = {mount["name"] for container in containers_of(each)
                       for mount in container.get("volumeMounts", [])}
            self.assertEqual(volumes, mounted, title(each))

    @in_each_overlay
    def test_services_accounts_and_transports_that_are_named_are_there(self, _, objects):
        for each in objects.kind("StatefulSet"):
            objects.named("Service", each["spec"]["serviceName"])
        for each in objects.workloads():
            account = pod_of(each).get("serviceAccountName")
            if account:
                objects.named("ServiceAccount", account)
        for each in objects.kind("Ingress"):
            self.assertTrue(each["spec"]["ingressClassName"])
            for rule in each["spec"]["rules"]:
                for path in rule["http"]["paths"]:
                    backend = path["backend"]["service"]
                    ports = objects.named("Service", backend["name"])["spec"]["ports"]
                    self.assertIn(backend["port"]["name"], [port["name"] for port in ports])
        for each in objects.kind("ServersTransport"):
            wanted = f"{each['metadata']['namespace']}-{each['metadata']['name']}@kubernetescrd"
            service = objects.named("Service", "stampede")
            self.assertIn(wanted, service["metadata"]["annotations"].values())


class Security(unittest.TestCase):
    @in_each_overlay
    def test_no_pod_may_more_than_the_restricted_standard_allows(self, _, objects):
        namespace = objects.kind("Namespace")[0]
        self.assertEqual(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted")
        for each in objects.workloads():
            pod = pod_of(each)
            self.assertIs(pod["automountServiceAccountToken"], False, title(each))
            self.assertIs(pod["securityContext"]["runAsNonRoot"], True, title(each))
            self.assertGreater(pod["securityContext"]["runAsUser"], 0, title(each))
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"}, title(each))
            for container in containers_of(each):
                context = container["securityContext"]
                self.assertIs(context["allowPrivilegeEscalation"], False, title(each))
                self.assertIs(context["readOnlyRootFilesystem"], True, title(each))
                self.assertEqual(context["capabilities"], {"drop": ["ALL"]}, title(each))
                self.assertEqual(set(container["resources"]["requests"]), {"cpu", "memory"}, title(each))
                self.assertEqual(set(container["resources"]["limits"]), {"memory"}, title(each))

    @in_each_overlay
    def test_images_have_short_names_and_a_tag(self, _, objects):
        for each in objects.workloads():
            for container in containers_of(each):
                self.assertRegex(container["image"], r"^[a-z]+:[0-9][0-9.]*$", title(each))

    def test_production_has_no_secret_in_it(self):
        for name in ("production", "everything"):
            self.assertEqual(manifests.rendered(name).kind("Secret"), [])
            self.assertNotRegex(manifests.text_of(name), r"://[^/\s:@]*:[^/\s@]+@")

    def test_the_first_try_says_one_password_in_both_places(self):
        values = manifests.secret_values(manifests.rendered("k3s").generated("Secret", "stampede"))
        self.assertIn(f":{values['postgresql-password']}@", values["postgresql"])
        self.assertGreaterEqual(len(values["cluster-secret"]), 16)


class Reach(unittest.TestCase):
    """Who may talk to whom, as the NetworkPolicies say it."""

    NODE = {"app.kubernetes.io/name": "stampede", "app.kubernetes.io/component": "node"}

    @staticmethod
    def allowed(objects, way, pod, peer, port):
        """Whether a policy of `pod` lets it talk (`way`: "egress" to, "ingress" from) to `peer`, both given by labels."""
        selected = [each["spec"] for each in objects.kind("NetworkPolicy")
                    if matches(each["spec"]["podSelector"], pod) and way.capitalize() in each["spec"]["policyTypes"]]
        if not selected:
            return True
        peers = "to" if way == "egress" else "from"
        return any(port in [each["port"] for each in rule["ports"]]
                   and any("namespaceSelector" not in each and "podSelector" in each
                           and matches(each["podSelector"], peer) for each in rule[peers])
                   for spec in selected for rule in spec.get(way, []))

    def may(self, objects, pod, peer, port):
        return self.allowed(objects, "egress", pod, peer, port) and self.allowed(objects, "ingress", peer, pod, port)

    @in_each_overlay
    def test_nodes_reach_each_other_and_their_servers(self, name, objects):
        self.assertTrue(self.may(objects, self.NODE, self.NODE, "internal"))
        if name == "k3s":
            for server, port in (("postgresql", "postgresql"), ("rabbitmq", "amqp"), ("redis", "redis")):
                self.assertTrue(self.may(objects, self.NODE, {"app.kubernetes.io/name": server}, port), server)

    @in_each_overlay
    def test_nobody_else_reaches_anybody(self, _, objects):
        stranger = {"app.kubernetes.io/name": "stranger"}
        for each in objects.workloads():
            for container in containers_of(each):
                for port in container.get("ports", []):
                    self.assertFalse(self.may(objects, stranger, labels_of(each), port["name"]), title(each))
                    self.assertFalse(self.may(objects, labels_of(each), stranger, port["name"]), title(each))
        self.assertFalse(self.may(objects, self.NODE, self.NODE, "operations"))

    @in_each_overlay
    def test_only_the_ingress_controller_comes_in_by_http_and_only_prometheus_by_operations(self, name, objects):
        callers = {}
        for each in objects.kind("NetworkPolicy"):
            for rule in each["spec"].get("ingress", []):
                for peer in rule["from"]:
                    space = peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
                    for port in rule["ports"]:
                        callers.setdefault(port["port"], set()).add(space)
        self.assertEqual(callers["http"], {"kube-system"} | ({"ingress-nginx"} if name == "everything" else set()))
        self.assertEqual(callers.get("operations"), {"monitoring"} if name == "everything" else None)


class Fit(unittest.TestCase):
    """Figures that must agree."""

    @staticmethod
    def pre_stop(deployment):
        container = pod_of(deployment)["containers"][0]
        command = container["lifecycle"]["preStop"]["exec"]["command"]
        return float(command[command.index("sleep") + 1])

    @in_each_overlay
    def test_a_pod_is_given_longer_than_its_drain_takes(self, _, objects):
        config = config_of(objects)
        deployment = objects.named("Deployment", "stampede")
        drain = self.pre_stop(deployment) + seconds(config["node"]["drain_deadline"])
        grace = pod_of(deployment)["terminationGracePeriodSeconds"]
        # storage.wait_timeout, which the configuration leaves at its default.
        self.assertGreaterEqual(grace, drain + 10 + 2)
        # One that is stuck does not drain.
        self.assertLess(deployment["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]["terminationGracePeriodSeconds"], grace)

    @in_each_overlay
    def test_a_rolling_restart_takes_no_pod_away_and_lets_one_drain_at_a_time(self, name, objects):
        config = config_of(objects)
        deployment = objects.named("Deployment", "stampede")
        self.assertEqual(deployment["spec"]["strategy"]["rollingUpdate"], {"maxUnavailable": 0, "maxSurge": 1})
        self.assertNotIn("replicas", deployment["spec"])
        drain = self.pre_stop(deployment) + seconds(config["node"]["drain_deadline"])
        if name != "k3s":
            self.assertGreater(deployment["spec"]["minReadySeconds"], drain)
        self.assertGreater(deployment["spec"]["progressDeadlineSeconds"], 2 * deployment["spec"]["minReadySeconds"])

    def test_the_database_has_connections_for_all_nodes(self):
        objects = manifests.rendered("k3s")
        arguments = pod_of(objects.named("StatefulSet", "postgresql"))["containers"][0]["args"]
        most = int(next(each for each in arguments if each.startswith("max_connections=")).partition("=")[2])
        nodes = objects.named("HorizontalPodAutoscaler", "stampede")["spec"]["maxReplicas"]
        # The database's threads, the writer and the relay; a pod more in a rolling restart; 10 for people.
        self.assertGreaterEqual(most, (nodes + 1) * (config_of(objects)["storage"]["threads"] + 2) + 10)

    @in_each_overlay
    def test_the_node_listens_where_the_pod_says(self, _, objects):
        config = config_of(objects)
        container = pod_of(objects.named("Deployment", "stampede"))["containers"][0]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        self.assertEqual(config["listeners"][0]["address"], f"0.0.0.0:{ports['http']}")
        self.assertEqual(config["cluster"]["internal_listener"], f"0.0.0.0:{ports['internal']}")
        self.assertEqual(config["operations"]["listen"], f"0.0.0.0:{ports['operations']}")
        environment = objects.generated("ConfigMap", "stampede-environment")["data"]
        stomp = environment.get("STAMPEDE_LISTENERS__1__ADDRESS")
        self.assertEqual(stomp, f"0.0.0.0:{ports['stomp']}" if "stomp" in ports else None)
        told = next(each for each in container["env"] if each["name"] == "STAMPEDE_CLUSTER__INTERNAL_ADDRESS")
        self.assertEqual(told["value"], f"$(POD_IP):{ports['internal']}")

    @in_each_overlay
    def test_proxies_close_idle_connections_before_the_node_does(self, _, objects):
        config = config_of(objects)
        for each in objects.kind("ServersTransport"):
            idle = each["spec"]["forwardingTimeouts"]["idleConnTimeout"]
            self.assertGreater(seconds(config["limits"]["http"]["idle_timeout"]), float(idle.removesuffix("s")))

    @in_each_overlay
    def test_scaling_down_waits_for_a_drain(self, _, objects):
        deployment = objects.named("Deployment", "stampede")
        for policy in objects.named("HorizontalPodAutoscaler", "stampede")["spec"]["behavior"]["scaleDown"]["policies"]:
            self.assertEqual((policy["type"], policy["value"]), ("Pods", 1))
            self.assertGreater(policy["periodSeconds"], pod_of(deployment)["terminationGracePeriodSeconds"])

    @in_each_overlay
    def test_the_budget_leaves_pods(self, _, objects):
        least = objects.named("HorizontalPodAutoscaler", "stampede")["spec"]["minReplicas"]
        self.assertGreater(least, objects.named("PodDisruptionBudget", "stampede")["spec"]["maxUnavailable"])

    def test_the_connections_metric_is_the_adapters(self):
        rule = yaml.safe_load((manifests.ROOT / "k8s/components/connections-metric/adapter-rule.yaml").read_text())
        metrics = manifests.rendered("everything").named("HorizontalPodAutoscaler", "stampede")["spec"]["metrics"]
        names = [each["pods"]["metric"]["name"] for each in metrics if each["type"] == "Pods"]
        self.assertEqual(names, [rule["rules"][0]["name"]["as"]])

    def test_traefiks_values_are_yaml(self):
        chart = manifests.rendered("traefik").named("HelmChartConfig", "traefik")
        values = yaml.safe_load(chart["spec"]["valuesContent"])
        for entry in ("web", "websecure"):
            self.assertEqual(values["ports"][entry]["transport"]["respondingTimeouts"]["writeTimeout"], "0s")


if __name__ == "__main__":
    unittest.main()
