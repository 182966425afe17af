// From a node's overview, and the one before it, to the values that are shown and drawn.

import type {point} from './history';
import {rate, sample, total} from './rates';
import type {wire_overview} from './wire';

export const sample_of = (overview: wire_overview, at: number): sample => ({at, started: overview.startedAt, counters: overview.counters});

export function measure(overview: wire_overview, before: sample | null, now: sample): point {
    const {gauges} = overview;
    const per_second = (name: string) => (before && rate(before, now, (all) => total(all[name]))) ?? undefined;
    const {delivery, commit} = gauges.latencies ?? {};
    // Where nothing was measured there is no latency, which is not a latency of 0.
    const of = (one: typeof delivery, which: 'p50Ms' | 'p99Ms') => (one && one.count > 0 ? one[which] : undefined);
    return {
        deliveries: per_second('deliveries'),
        frames: per_second('frames'),
        cpu: per_second('cpuSeconds'),
        connections: total(gauges.connections),
        memory: gauges.residentBytes,
        outbox: gauges.outboxRows,
        queued: gauges.queuedBytes,
        delivery_p50: of(delivery, 'p50Ms'),
        delivery_p99: of(delivery, 'p99Ms'),
        commit_p50: of(commit, 'p50Ms'),
        commit_p99: of(commit, 'p99Ms'),
    };
}
