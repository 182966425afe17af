// How long things took lately, from histograms that count since the node started.

// Bounds in ms with how many took at most that long, rising; null is a bound without end.
export type histogram = readonly (readonly [bound: number | null, count: number])[];

// What `now` counted beyond `before`, a histogram of the same bounds and the same process.
export function between(before: histogram, now: histogram): histogram {
    return now.map(([bound, count], at) => [bound, Math.max(0, count - (before[at]?.[1] ?? 0))] as const);
}

// Below which `share` of all lies; within two bounds they are taken to lie evenly. Undefined where nothing was counted.
export function quantile(of: histogram, share: number): number | undefined {
    const wanted = (of.at(-1)?.[1] ?? 0) * share;
    if (wanted === 0) return undefined;
    let low = 0;
    let fewer = 0;
    for (const [bound, count] of of) {
        if (bound === null) return low; // beyond the last bound nothing more is known
        if (count >= wanted) return low + ((bound - low) * (wanted - fewer)) / (count - fewer);
        low = bound;
        fewer = count;
    }
    return low;
}
