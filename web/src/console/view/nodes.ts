// A card for each node: its state, its links, its figures.

import {h, set_attribute, set_text} from '../../view/dom';
import {total} from '../rates';
import {condition_of, node} from '../cluster';
import {brief, bytes, clock, cores, count, duration, milliseconds, moment, nothing, per_second} from '../format';
import {link} from '../routes';
import type {wire_link} from '../wire';
import type {context, view} from './context';
import {keyed} from './keyed';
import {facts, page_head, says} from './parts';

class link_line {
    readonly element = h('li');
    private readonly name = h('b');
    private readonly why = h('span', {class: 'why'});

    constructor() {
        this.element.append(h('i', {attrs: {'aria-hidden': 'true'}}), this.name, this.why);
    }

    show(one: wire_link): void {
        set_attribute(this.element, 'data-level', one.up ? 'good' : 'bad');
        set_attribute(this.element, 'data-link', one.name);
        set_text(this.name, one.name);
        set_text(this.why, one.up ? one.why || 'up' : one.why || 'down');
    }
}

const levels = {ready: 'good', draining: 'wait', not_ready: 'wait', silent: 'bad', gone: 'off', unknown: 'unknown'} as const;

class node_card {
    readonly element: HTMLElement;
    private readonly state = h('span', {class: 'pill'}, h('i', {attrs: {'aria-hidden': 'true'}}), h('span'));
    private readonly here = h('span', {class: 'chip', text: 'serves this page'});
    private readonly address = h('span', {class: 'soft'});
    private readonly warning = h('p', {class: 'warning', attrs: {role: 'status'}});
    private readonly facts = new facts();
    private readonly list = h('ul', {class: 'links', attrs: {'aria-label': 'Links'}});
    private readonly links = new keyed(this.list, () => new link_line());

    constructor(id: string) {
        this.element = h(
            'article',
            {class: 'node card', attrs: {'data-testid': 'node', 'data-node': id}},
            h('header', {}, h('h2', {text: id}), this.here, this.state),
            this.address,
            this.warning,
            this.facts.element,
            this.list,
            h('footer', {}, h('a', {text: 'Its sessions', attrs: {href: link('sessions', [], {node: id})}})),
        );
    }

    show(one: node): void {
        const condition = condition_of(one);
        set_attribute(this.element, 'data-condition', condition);
        set_attribute(this.state, 'data-level', levels[condition]);
        set_text(this.state.lastElementChild!, says[condition]);
        this.here.hidden = !one.self;
        const {overview} = one;
        set_text(this.address, [one.address, overview && `version ${overview.version}`].filter(Boolean).join(' · '));
        const stale = overview ? ` What is below was true at ${clock(one.heard)}.` : '';
        set_text(this.warning, condition === 'gone' ? `It left the cluster.${stale}` : condition === 'silent' ? `${one.problem}${stale}` : '');
        this.warning.hidden = this.warning.textContent === '';
        this.show_facts(one);
        const shown = overview?.links ?? [];
        const lines = this.links.show(shown.map((each) => each.name));
        for (const [at, line] of lines.entries()) line.show(shown[at]);
    }

    private show_facts({overview, now}: node): void {
        const known = (value: number | undefined, format: (value: number) => string) => (value === undefined ? nothing : format(value));
        const {gauges, counters} = overview ?? {gauges: null, counters: null};
        this.facts.set('Up for', known(overview?.uptimeSeconds, duration));
        this.facts.set('Connections', known(now.connections, brief));
        this.facts.set('Sessions', known(gauges?.sessions, brief));
        this.facts.set('Subscriptions', known(gauges?.subscriptions, brief));
        this.facts.set('Deliveries', known(now.deliveries, per_second));
        this.facts.set('Frames', known(now.frames, per_second));
        this.facts.set('Delivery p99', known(now.delivery_p99, milliseconds));
        this.facts.set('Commit p99', known(now.commit_p99, milliseconds));
        this.facts.set('Registry p99', known(now.registry_p99, milliseconds));
        this.facts.set('Memory', known(now.memory, bytes));
        this.facts.set('CPU', known(now.cpu, cores));
        this.facts.set('Queued', known(now.queued, bytes));
        this.facts.set('Outbox', known(now.outbox, (rows) => `${brief(rows)} rows`));
        this.facts.set('Slow consumers', counters ? count(total(counters.slowConsumers)) : nothing);
        this.facts.element.title = overview ? `Started ${moment(overview.startedAt)}` : '';
    }
}

export class nodes_view implements view {
    private readonly cards = h('div', {class: 'cards'});
    private readonly made = new keyed(this.cards, (id) => new node_card(id));
    readonly element = h('section', {class: 'page'}, page_head('Nodes', 'Each of them is asked on its own.'), this.cards);

    constructor(private readonly on: context) {}

    open(): void {}
    close(): void {}

    render(): void {
        const {nodes} = this.on.cluster;
        const cards = this.made.show(nodes.map((one) => one.id));
        for (const [at, one] of cards.entries()) one.show(nodes[at]);
    }
}
