// Reads Kubernetes objects, a JSON array, and answers what their schemas say against them: a JSON array of sentences.
//
// usage: node check_objects.mjs < objects.json
//
// The schemas are compiled functions that pass over fields which they do not know, as Kubernetes does: a misspelt field
// would be ignored. So we watch which fields a schema looks at; those that it never looked at are unknown to it.

import {validate as helmChartConfig} from './helm_chart_config.mjs';
import {readFileSync} from 'node:fs';

// The kind follows.
const schemas = {
    v1: 'kubernetes-models/_schemas/IoK8sApiCoreV1',
    'apps/v1': 'kubernetes-models/_schemas/IoK8sApiAppsV1',
    'autoscaling/v2': 'kubernetes-models/_schemas/IoK8sApiAutoscalingV2',
    'networking.k8s.io/v1': 'kubernetes-models/_schemas/IoK8sApiNetworkingV1',
    'policy/v1': 'kubernetes-models/_schemas/IoK8sApiPolicyV1',
    'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/_schemas/'
        + 'ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1',
    'traefik.io/v1alpha1': '@kubernetes-models/traefik/_schemas/'
        + 'ComGithubTraefikTraefikV3PkgProviderKubernetesCrdTraefikioV1alpha1',
};

async function schemaOf({apiVersion, kind}) {
    if (apiVersion === 'helm.cattle.io/v1' && kind === 'HelmChartConfig') return helmChartConfig;
    if (!schemas[apiVersion]) throw new Error(`no schemas for ${apiVersion}`);
    return (await import(new URL(`node_modules/${schemas[apiVersion]}${kind}.js`, import.meta.url))).validate;
}

// The object again, through which `seen` hears of each field that is looked at: {object: Set of names}.
function watched(value, seen, proxies) {
    if (value === null || typeof value !== 'object') return value;
    if (proxies.has(value)) return proxies.get(value);
    const looked = new Set();
    seen.set(value, looked);
    const proxy = new Proxy(value, {
        get(target, name) {
            looked.add(name);
            return watched(target[name], seen, proxies);
        },
    });
    proxies.set(value, proxy);
    return proxy;
}

function* unknownFields(value, path, seen) {
    if (value === null || typeof value !== 'object') return;
    for (const [name, inner] of Object.entries(value)) {
        // What was never reached lies under a field that is named already.
        if (!seen.has(value)) return;
        if (!Array.isArray(value) && !seen.get(value).has(name)) yield `${path}/${name}`;
        else yield* unknownFields(inner, `${path}/${name}`, seen);
    }
}

async function problemsOf(object) {
    const name = `${object.kind} ${object.metadata?.name}`;
    let validate;
    try {
        validate = await schemaOf(object);
    } catch (error) {
        return [`${name}: ${error.message}`];
    }
    const seen = new Map();
    const good = validate(watched(object, seen, new Map()));
    const wrong = good ? [] : validate.errors.map((error) =>
        `${name}${error.instancePath}: ${error.keyword} ${JSON.stringify(error.params)}`);
    const unknown = [...unknownFields(object, '', seen)].map((path) => `${name}${path}: no such field`);
    return [...wrong, ...unknown];
}

const objects = JSON.parse(readFileSync(0, 'utf8'));
const problems = [];
for (const object of objects) problems.push(...await problemsOf(object));
process.stdout.write(JSON.stringify(problems));
