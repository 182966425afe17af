// The arithmetic of a plot: round numbers for its axes, and lines from values.

import type {value} from './history';

export interface scale_kind {
    bytes?: boolean; // round in KiB and MiB
    whole?: boolean; // there is no half of it
}

// 0 and round steps up to at least `highest`.
export function value_ticks(highest: number, wanted: number, {bytes, whole}: scale_kind = {}): number[] {
    if (!(highest > 0)) return [0, 1];
    let unit = 1;
    if (bytes) while (highest / unit >= 1024) unit *= 1024;
    const least = whole || bytes ? 1 / unit : 0;
    const rough = Math.max(highest / unit / wanted, least);
    const power = 10 ** Math.floor(Math.log10(rough) + 1e-9);
    const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999 && (!whole || unit > 1 || Number.isInteger(one)))!;
    const steps = Math.max(1, Math.ceil((highest / unit / step) * 0.999));
    return Array.from({length: steps + 1}, (_, at) => Number((at * step).toPrecision(12)) * unit);
}

const time_steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000);

// Round moments within [from, to], in ms.
export function time_ticks(from: number, to: number, wanted: number): number[] {
    const step = time_steps.find((one) => (to - from) / one <= wanted) ?? time_steps.at(-1)!;
    const ticks: number[] = [];
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
    return ticks;
}

// The `d` of an SVG path through the values. A missing value, or a longer time without any than `gap`, interrupts the line.
export function line(times: readonly number[], values: readonly value[], x: (at: number) => number, y: (value: number) => number, gap: number): string {
    let path = '';
    let before: number | null = null;
    for (const [at, one] of values.entries()) {
        if (one === null) {
            before = null;
            continue;
        }
        const joins = before !== null && times[at] - before <= gap;
        path += `${joins ? 'L' : 'M'}${x(times[at]).toFixed(1)} ${y(one).toFixed(1)}`;
        // A value alone is a dot, by a line of no length with round ends.
        if (!joins && (values[at + 1] ?? null) === null) path += 'h0';
        before = times[at];
    }
    return path;
}

// The index of the moment nearest to `at`; -1 of none.
export function nearest(times: readonly number[], at: number): number {
    let low = 0;
    let high = times.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (times[middle] < at) low = middle + 1;
        else high = middle;
    }
    if (low === times.length) return times.length - 1;
    return low > 0 && at - times[low - 1] < times[low] - at ? low - 1 : low;
}
