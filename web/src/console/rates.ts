// From counters that only grow to what happened in a second. A node that was started again counts from 0 again:
// what it then shows has come since, which is never negative and never too much.

import type {counter} from './wire';

export interface sample {
    at: number; // ms, of this machine
    started: string; // when the node was; another time means another process
    counters: {[name: string]: counter};
}

export function total(value: counter | undefined): number {
    if (value === undefined) return 0;
    return typeof value === 'number' ? value : Object.values(value).reduce<number>((sum, one) => sum + total(one), 0);
}

export function increase(before: sample, now: sample, pick: (counters: sample['counters']) => number): number {
    const was = pick(before.counters);
    const is = pick(now.counters);
    return before.started === now.started && is >= was ? is - was : is;
}

// Null where no time has passed.
export function rate(before: sample, now: sample, pick: (counters: sample['counters']) => number): number | null {
    const seconds = (now.at - before.at) / 1000;
    return seconds > 0 ? increase(before, now, pick) / seconds : null;
}

// Over all of them, oldest first.
export function increase_over(samples: readonly sample[], pick: (counters: sample['counters']) => number): number {
    let sum = 0;
    for (let at = 1; at < samples.length; ++at) sum += increase(samples[at - 1], samples[at], pick);
    return sum;
}

// The numbers by name, whatever lies between: {in: {SEND: 2}, out: {SEND: 1}} has 3 SEND.
export function by_name(value: counter | undefined, into = new Map<string, number>()): Map<string, number> {
    for (const [name, one] of Object.entries(typeof value === 'object' ? value : {})) {
        if (typeof one === 'number') into.set(name, (into.get(name) ?? 0) + one);
        else by_name(one, into);
    }
    return into;
}
