// What a report shows: the JSON that the bench writes, "format": 1.

export type numbers = (number | null)[];

export interface figure {
    value: number;
    unit: string;
    group?: string;
    title?: string;
}

export interface expectation {
    text: string;
    figure: string;
    value: number | null;
    unit: string;
    passed: boolean;
}

export interface histogram {
    count: number;
    up_to_ns: number[];
    values: number[];
}

export interface run {
    kind: 'run';
    target: string;
    scenario: string;
    started: string;
    command: string;
    machine: string;
    measured_seconds: number;
    failed: boolean;
    passed: boolean;
    warnings: string[];
    expectations: expectation[];
    figures: Record<string, figure>;
    errors: Record<string, number>;
    latencies: Record<string, histogram>;
    seconds: Record<string, numbers>;
}

export interface ratio {
    median: number;
    min: number;
    max: number;
    rounds: number;
}

export interface compared_figure {
    unit: string;
    better: 'lower' | 'higher' | 'neither';
    medians: numbers;
    ratios: (ratio | null)[];
}

export interface comparison {
    kind: 'comparison';
    scenario: string;
    started: string;
    command: string;
    machine: string;
    rounds_wanted?: number;
    cut_short?: string | null;
    targets: string[];
    figures: Record<string, compared_figure>;
    rounds: run[][];
}

export function read_data(): run | comparison {
    return JSON.parse(document.getElementById('data')!.textContent!);
}

// The value in nanoseconds that a share `quantile` of all are at most; null when there are too few
// to tell.
export function value_at(of: histogram, quantile: number): number | null {
    if (of.count * (1 - quantile) < 1 - 1e-9) return null;
    const wanted = Math.max(1, Math.ceil(quantile * of.count - 1e-9));
    let seen = 0;
    for (let i = 0; i < of.values.length; i++) {
        seen += of.values[i]!;
        if (seen >= wanted) return of.up_to_ns[i]!;
    }
    return of.up_to_ns.at(-1) ?? null;
}
