// The line on top: how the cluster is, in a few numbers.

import {h, set_attribute, set_text} from '../../view/dom';
import {plural} from '../../text';
import {cluster, condition_of} from '../cluster';
import {brief, milliseconds, nothing, per_second} from '../format';
import type {metric} from '../history';

class figure {
    readonly element: HTMLElement;
    private readonly value = h('b');

    constructor(name: string, test_id: string) {
        this.element = h('div', {class: 'figure', attrs: {'data-testid': test_id}}, h('span', {text: name}), this.value);
    }

    show(text: string): void {
        set_text(this.value, text);
    }
}

export class glance {
    private readonly state = h('a', {class: 'cluster-state', attrs: {href: '#/nodes', 'data-testid': 'cluster-state'}}, h('i', {attrs: {'aria-hidden': 'true'}}), h('span'));
    private readonly connections = new figure('Connections', 'glance-connections');
    private readonly deliveries = new figure('Deliveries', 'glance-deliveries');
    private readonly frames = new figure('Frames', 'glance-frames');
    private readonly latency = new figure('Delivery p99', 'glance-latency');
    readonly element = h(
        'div',
        {class: 'glance', attrs: {'aria-label': 'The cluster at a glance', role: 'group'}},
        this.state,
        this.connections.element,
        this.deliveries.element,
        this.frames.element,
        this.latency.element,
    );

    render(of: cluster): void {
        const nodes = of.nodes;
        const listed = nodes.filter((one) => one.listed);
        const ready = listed.filter((one) => condition_of(one) === 'ready').length;
        const links = listed.filter((one) => one.problem === null).flatMap((one) => one.overview?.links ?? []);
        const down = links.filter((one) => !one.up).length;
        const silent = listed.filter((one) => one.problem !== null).length;
        const asking = listed.some((one) => condition_of(one) === 'unknown');
        const level = of.problem !== null || silent > 0 || (!asking && ready === 0) ? 'bad' : asking ? 'unknown' : ready < listed.length || down > 0 ? 'wait' : 'good';
        const says = [
            `${ready} of ${plural(listed.length, 'node')} ready`,
            silent > 0 && `${silent} silent`,
            down > 0 && `${plural(down, 'link')} down`,
        ].filter(Boolean);
        set_attribute(this.state, 'data-level', level);
        set_text(this.state.lastElementChild!, of.problem !== null ? `No list of nodes: ${of.problem}` : says.join(' · '));

        const known = nodes.filter((one) => one.listed && one.problem === null).map((one) => one.now);
        const shown = (what: metric, join: (...all: number[]) => number, format: (value: number) => string) => {
            const values = known.flatMap((one) => one[what] ?? []);
            return values.length > 0 ? format(join(...values)) : nothing;
        };
        const sum = (...all: number[]) => all.reduce((a, b) => a + b, 0);
        this.connections.show(shown('connections', sum, brief));
        this.deliveries.show(shown('deliveries', sum, per_second));
        this.frames.show(shown('frames', sum, per_second));
        this.latency.show(shown('delivery_p99', Math.max, milliseconds));
    }
}
