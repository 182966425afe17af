// The last minutes of the cluster, drawn, and what happened in them by kind.

import {remember, remembered} from '../../storage';
import {h} from '../../view/dom';
import type {node} from '../cluster';
import {brief, bytes, cores, milliseconds, per_second} from '../format';
import type {history, metric} from '../history';
import {by_name, increase_over} from '../rates';
import {bar, bars} from './bars';
import type {context, view} from './context';
import {page_head, segmented} from './parts';
import {plot, plot_group, plot_kind, series} from './plot';

interface drawn extends plot_kind {
    metrics: readonly (readonly [metric, string])[];
    joined: 'sum' | 'worst';
}

const drawn: readonly drawn[] = [
    {title: 'Deliveries', about: 'messages to subscribers', format: per_second, metrics: [['deliveries', 'Deliveries']], joined: 'sum'},
    {title: 'Frames', about: 'STOMP, from and to clients', format: per_second, metrics: [['frames', 'Frames']], joined: 'sum'},
    {title: 'Connections', about: 'open, all transports', format: brief, whole: true, metrics: [['connections', 'Connections']], joined: 'sum'},
    {title: 'Delivery latency', about: 'publish to delivery, p50 · p99', format: milliseconds, metrics: [['delivery_p50', 'p50'], ['delivery_p99', 'p99']], joined: 'worst'},
    {title: 'Commit latency', about: 'of the store, p50 · p99', format: milliseconds, metrics: [['commit_p50', 'p50'], ['commit_p99', 'p99']], joined: 'worst'},
    {title: 'Outbox', about: 'rows that wait for the bus', format: brief, whole: true, metrics: [['outbox', 'Rows']], joined: 'sum'},
    {title: 'Queued', about: 'bytes that wait for slow receivers', format: bytes, bytes: true, metrics: [['queued', 'Queued']], joined: 'sum'},
    {title: 'Memory', about: 'resident', format: bytes, bytes: true, metrics: [['memory', 'Memory']], joined: 'sum'},
    {title: 'CPU', about: '100 % is one core', format: cores, metrics: [['cpu', 'CPU']], joined: 'sum'},
];

const spans = {'2': '2 min', '10': '10 min', '30': '30 min'} as const;
type span = keyof typeof spans;
const span_key = 'stampede.console.span';

export class overview_view implements view {
    readonly element: HTMLElement;
    private span: span;
    private by_node = false;
    private drawn = ''; // what the plots show: they change with a new sample, or when another look is chosen
    private readonly plots: {kind: drawn; plot: plot}[];
    private readonly legend = h('ul', {class: 'legend', attrs: {'aria-label': 'Nodes by colour'}});
    private readonly closes = new bars('Closes', 'by reason; + within the last minute', 'None so far.', 'closes');
    private readonly limited = new bars('Limits met', 'what was refused or slowed down', 'None so far.', 'limited');
    private readonly frames = new bars('Frames', 'by command', 'None so far.', 'frames');
    private readonly transports = new bars('Connections', 'open now, by transport', 'There are none.', 'transports');
    private readonly troubles = new bars('Worth a look', 'since the nodes started', 'Nothing so far.', 'troubles');

    constructor(private readonly on: context) {
        const kept = remembered('localStorage', span_key);
        this.span = kept !== null && kept in spans ? (kept as span) : '10';
        const group = new plot_group();
        this.plots = drawn.map((kind) => ({kind, plot: new plot(kind, group)}));
        const spread = segmented('Draw', [['sum', 'Cluster'], ['nodes', 'Each node']] as const, 'sum', (value) => {
            this.by_node = value === 'nodes';
            this.render();
        });
        const span = segmented('Time', Object.entries(spans) as [span, string][], this.span, (value) => {
            this.span = value;
            remember('localStorage', span_key, value);
            this.render();
        });
        this.element = h(
            'section',
            {class: 'page'},
            page_head('Overview', 'The last minutes, as this page saw them.', spread, span),
            this.legend,
            h('div', {class: 'plots'}, ...this.plots.map(({plot}) => plot.element)),
            h('div', {class: 'bar-lists'}, this.closes.element, this.limited.element, this.troubles.element, this.frames.element, this.transports.element),
        );
    }

    open(): void {}
    close(): void {}

    render(): void {
        this.draw(this.on.cluster.history);
        const nodes = this.on.cluster.nodes.filter((one) => one.overview && one.listed);
        this.closes.show(counted(nodes, 'closes'));
        this.limited.show(counted(nodes, 'limited'));
        this.frames.show(counted(nodes, 'frames'));
        this.troubles.show(['authFailures', 'slowConsumers', 'repairs'].map((name) => single(nodes, name)));
        const open = new Map<string, number>();
        for (const one of nodes) by_name(one.overview!.gauges.connections, open);
        this.transports.show([...open].map(([name, total]) => ({name, total, recent: 0})));
    }

    private draw(history: history): void {
        const look = `${history.times.at(-1)} ${this.span} ${this.by_node}`;
        if (this.drawn === look) return;
        this.drawn = look;
        const to = history.times.at(-1) ?? Date.now();
        // Until there is so much to show, less is shown, but not less than a minute.
        const from = Math.max(to - Number(this.span) * 60_000, Math.min(history.times[0] ?? to, to - 60_000));
        for (const {kind, plot} of this.plots) plot.show(history.times, this.series_of(kind, history), from, to);
        this.render_legend(history.nodes);
    }

    private series_of(kind: drawn, history: history): series[] {
        if (!this.by_node)
            return kind.metrics.map(([what, name], color) => ({name: kind.joined === 'worst' && history.nodes.length > 1 ? `${name}, worst node` : name, color, values: history[kind.joined](what)}));
        return history.nodes.flatMap((node, color) =>
            kind.metrics.map(([what, name], at) => ({
                name: kind.metrics.length > 1 ? `${node} ${name}` : node,
                color,
                dashed: at + 1 < kind.metrics.length,
                values: history.of(node, what),
            })),
        );
    }

    private render_legend(nodes: readonly string[]): void {
        this.legend.hidden = !this.by_node;
        const shown = nodes.join('\n');
        if (this.legend.dataset.shown === shown) return;
        this.legend.dataset.shown = shown;
        this.legend.replaceChildren(...nodes.map((name, color) => h('li', {class: `series-${color % 8}`}, h('i', {attrs: {'aria-hidden': 'true'}}), h('span', {text: name}))));
    }
}

// A counter with names, summed over the nodes, and what of it came within the last minute.
function counted(nodes: readonly node[], counter: string): bar[] {
    const totals = new Map<string, number>();
    for (const one of nodes) by_name(one.overview!.counters[counter], totals);
    return [...totals].map(([name, total]) => ({
        name,
        total,
        recent: nodes.reduce((sum, one) => sum + increase_over(one.samples, (all) => by_name(all[counter]).get(name) ?? 0), 0),
    }));
}

function single(nodes: readonly node[], name: string): bar {
    const of = (value: unknown) => (typeof value === 'number' ? value : 0);
    return {
        name,
        total: nodes.reduce((sum, one) => sum + of(one.overview!.counters[name]), 0),
        recent: nodes.reduce((sum, one) => sum + increase_over(one.samples, (all) => of(all[name])), 0),
    };
}
