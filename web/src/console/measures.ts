// From a node's overview, and those before it, to the values that are shown and drawn.

import type {point} from './history';
import {between, quantile} from './quantiles';
import {rate, sample, total} from './rates';
import type {wire_gauges, wire_overview} from './wire';

const lately = 10_000; // ms over which latencies are looked at; in less there are too few

export interface look extends sample {
    latencies: NonNullable<wire_gauges['latencies']>;
}

export const look_at = (overview: wire_overview, at: number): look => ({
    at,
    started: overview.startedAt,
    counters: overview.counters,
    latencies: overview.gauges.latencies ?? {},
});

type timed = keyof look['latencies'];

// p50 and p99 of what was measured lately; undefined where nothing was.
function latency(before: readonly look[], now: look, what: timed): [p50: number | undefined, p99: number | undefined] {
    const is = now.latencies[what];
    if (!is || is.count === 0) return [undefined, undefined];
    if (!is.buckets) return [is.p50Ms, is.p99Ms];
    const first = before.find((one) => one.started === now.started && now.at - one.at <= lately);
    const was = first?.latencies[what]?.buckets;
    if (!was) return [undefined, undefined];
    const counted = between(was, is.buckets);
    return [quantile(counted, 0.5), quantile(counted, 0.99)];
}

// `before`: earlier looks at the same node, oldest first; `last`: the one to count rates from.
export function measure(overview: wire_overview, before: readonly look[], last: look | null, now: look): point {
    const {gauges} = overview;
    const per_second = (name: string) => (last && rate(last, now, (all) => total(all[name]))) ?? undefined;
    const [delivery_p50, delivery_p99] = latency(before, now, 'delivery');
    const [commit_p50, commit_p99] = latency(before, now, 'commit');
    return {
        deliveries: per_second('deliveries'),
        frames: per_second('frames'),
        cpu: per_second('cpuSeconds'),
        connections: total(gauges.connections),
        memory: gauges.residentBytes,
        outbox: gauges.outboxRows,
        queued: gauges.queuedBytes,
        delivery_p50,
        delivery_p99,
        commit_p50,
        commit_p99,
        registry_p99: latency(before, now, 'registry')[1],
    };
}
