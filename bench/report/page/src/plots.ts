// The plots of one run, or of several over each other.

import {type histogram, type numbers, type run, value_at} from './data';
import {short_text, value_text} from './format';
import {type line, plot_card} from './plot';

const target_colours = ['--blue', '--orange', '--green', '--violet', '--yellow', '--pink'];
const names: Record<string, string> = {
    delivery: 'Delivery',
    receipt: 'Receipt',
    round_trip: 'Round trip',
    connect: 'Connect',
    subscribe: 'Subscribe',
    history: 'History page',
    resume: 'Resume',
};

interface course {
    column: string;
    label: string;
    colour: string; // of a single run; of several, the target's
    dashed?: boolean;
    faint?: boolean;
}

const colour_of_target = (at: number) => target_colours[at % target_colours.length]!;
const measured = (values: numbers | undefined) => values?.some((one) => one !== null && one !== 0) ?? false;

function lines_of(runs: run[], courses: course[], length: number, factor = 1): line[] {
    return runs.flatMap((one, at) =>
        courses.filter(({column}) => measured(one.seconds[column])).map((wanted) => {
            const values = one.seconds[wanted.column]!.map((value) => (value === null ? null : value * factor));
            while (values.length < length) values.push(null);
            return {
                label: runs.length > 1 ? `${one.target} ${wanted.label}` : wanted.label,
                values,
                colour: runs.length > 1 ? colour_of_target(at) : wanted.colour,
                dashed: runs.length > 1 && !!wanted.dashed,
                faint: !!wanted.faint,
            };
        }));
}

// A range that linear plots would press to the ground.
function wide(lines: line[]): boolean {
    const values = lines.flatMap((one) => one.values).filter((one): one is number => one !== null && one > 0);
    return values.length > 0 && Math.max(...values) / Math.min(...values) > 50;
}

function longest(runs: run[]): number[] {
    return runs.map((one) => one.seconds['at'] as number[]).reduce((a, b) => (b.length > a.length ? b : a), []);
}

function warm_up(runs: run[]): [number, number] | null {
    const flags = runs[0]!.seconds['warm_up'] ?? [];
    const times = runs[0]!.seconds['at'] as number[];
    const last = flags.lastIndexOf(1);
    return last < 0 ? null : [times[flags.indexOf(1)]!, times[last]! + (runs[0]!.seconds['lasted']?.[last] ?? 1)];
}

// Shares on a scale on which each further nine is as wide as the one before: 1 / (1 - share).
const shares = Array.from({length: 251}, (_, i) => 10 ** (i / 50));

function percentiles_of(one: run, kind: string): numbers {
    return shares.map((each) => value_at(one.latencies[kind] as histogram, 1 - 1 / each)).map((ns) => (ns === null ? null : ns / 1e6));
}

function percentile_plot(name: string, title: string, lines: line[]): HTMLElement {
    return plot_card({
        name,
        title,
        note: 'How long it took at most for this share of all; each step to the right is one more nine.',
        x: shares,
        lines,
        logarithmic: wide(lines),
        value: (value) => value_text(value, 'ms'),
        axis: (value) => value_text(value, 'ms'),
        x_scale: {time: false, distr: 3, log: 10, range: () => [1, 1e5]},
        x_axis: {
            splits: () => [1, 10, 100, 1000, 1e4, 1e5],
            filter: (_, ticks) => ticks,
            values: (plot) => ['0', '90', '99', '99.9', '99.99', '99.999'].map((one) => (plot.width < 420 ? one : `${one} %`)),
        },
        x_label: 'share',
        x_text: (value) => `${Number((100 - 100 / value).toFixed(value < 10 ? 0 : value < 1000 ? 2 : 4))} %`,
    });
}

// One run's kinds of latency together; of several runs, each kind on its own.
function percentile_plots(runs: run[]): HTMLElement[] {
    const kinds = Object.keys(names).filter((kind) => runs.some((one) => one.latencies[kind]));
    if (kinds.length === 0) return [];
    const colours = [...target_colours, '--faint'];
    if (runs.length === 1) {
        const lines = kinds.map((kind, i) => ({label: names[kind]!.toLowerCase(), values: percentiles_of(runs[0]!, kind), colour: colours[i]!}));
        return [percentile_plot('percentiles', 'Latency by percentile', lines)];
    }
    return kinds.map((kind) => {
        const lines = runs.flatMap((one, at) => (one.latencies[kind]
            ? [{label: one.target, values: percentiles_of(one, kind), colour: colour_of_target(at)}]
            : []));
        return percentile_plot(`percentiles-${kind}`, `${names[kind]} latency by percentile`, lines);
    });
}

export function all_plots(runs: run[]): HTMLElement[] {
    const x = longest(runs);
    const shaded = warm_up(runs);
    const cards: (HTMLElement | null)[] = [];
    const over_time = (
        name: string, title: string, courses: course[],
        how: {value: (value: number) => string, axis: (value: number) => string, factor?: number, may_be_wide?: boolean, note?: string},
    ) => {
        const lines = lines_of(runs, courses, x.length, how.factor);
        if (lines.length === 0) return null;
        const note = [how.note, runs.length > 1 && courses.some((one) => one.dashed) ? 'Dashed: ' + courses.filter((one) => one.dashed).map((one) => one.label).join(', ') + '.' : '']
            .filter(Boolean).join(' ');
        return plot_card({name, title, note, x, lines, shaded, value: how.value, axis: how.axis, logarithmic: !!how.may_be_wide && wide(lines)});
    };
    const rate = {value: (value: number) => value_text(value, '/s'), axis: short_text};
    const time = {value: (value: number) => value_text(value, 'ms'), axis: (value: number) => value_text(value, 'ms'), may_be_wide: true};
    const cores = {value: (value: number) => value_text(value, 'cores'), axis: short_text};

    cards.push(over_time('throughput', 'Throughput', [
        {column: 'delivered_rate', label: 'delivered', colour: '--blue'},
        {column: 'sent_rate', label: 'sent', colour: '--orange', dashed: true},
        {column: 'receipt_rate', label: 'receipts', colour: '--green', faint: true},
    ], {...rate, note: shaded ? 'Per second; shaded: the warm-up.' : 'Per second.'}));
    for (const kind of ['delivery', 'receipt', 'round_trip']) {
        cards.push(over_time(`latency-${kind}`, `${names[kind]} latency`, [
            {column: `${kind}_p50_ms`, label: 'p50', colour: '--green', dashed: true},
            {column: `${kind}_p99_ms`, label: 'p99', colour: '--blue'},
            ...(runs.length > 1 ? [] : [{column: `${kind}_max_ms`, label: 'max', colour: '--orange', faint: true}]),
        ], time));
    }
    cards.push(...percentile_plots(runs));
    cards.push(over_time('connects', 'Connects', [{column: 'connect_rate', label: 'connected', colour: '--green'}], rate));
    cards.push(over_time('cpu', 'CPU', [
        {column: 'server_cores', label: 'server', colour: '--blue'},
        {column: 'bench_cores', label: 'bench', colour: '--orange', dashed: true},
    ], {...cores, note: 'Cores in use: CPU seconds per second.'}));
    cards.push(over_time('memory', 'Server memory', [{column: 'server_bytes', label: 'PSS', colour: '--violet'}],
        {value: (value) => value_text(value, 'MiB'), axis: (value) => `${short_text(value)} MiB`, factor: 1 / 2 ** 20, note: 'PSS of its processes.'}));
    // Sessions that only stay need no plot.
    const moving = runs.some((one) => new Set(one.seconds['sessions']).size > 1);
    if (moving) cards.push(over_time('sessions', 'Sessions', [{column: 'sessions', label: 'connected', colour: '--green'}], {value: short_text, axis: short_text}));
    cards.push(over_time('errors', 'Errors', [{column: 'errors', label: 'errors', colour: '--red'}], rate));
    return cards.filter((one): one is HTMLElement => one !== null);
}
