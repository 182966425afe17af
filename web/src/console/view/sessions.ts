// Who is connected: found by user, session or room, on all nodes or one.

import {h, set_text} from '../../view/dom';
import {plural} from '../../text';
import {reason_of, session_search} from '../api';
import {bytes, count, duration, moment, nothing} from '../format';
import {ask_all} from '../merge';
import {poller} from '../poller';
import {link, route} from '../routes';
import type {wire_session} from '../wire';
import {called, kick} from './actions';
import type {context, view} from './context';
import {button, failures, field, page_head, text_input} from './parts';
import {session_detail} from './session';
import {table, text_column} from './table';

const limit = 100; // sessions asked of every node
const every = 5000; // ms

type listed = wire_session & {node: string};

export class sessions_view implements view {
    private readonly user = text_input({type: 'search', name: 'user', placeholder: 'Number or login', 'data-testid': 'find-user'});
    private readonly session = text_input({type: 'search', name: 'session', placeholder: 'Session id', 'data-testid': 'find-session'});
    private readonly destination = text_input({type: 'search', name: 'destination', placeholder: '/topic/chatroom/1', 'data-testid': 'find-destination'});
    private readonly slow = h('input', {attrs: {type: 'checkbox', name: 'slow', 'data-testid': 'find-slow'}, on: {change: () => this.search()}});
    private readonly node = h('select', {attrs: {name: 'node', 'aria-label': 'Node', 'data-testid': 'find-node'}, on: {change: () => this.search()}});
    private readonly failed = new failures();
    private readonly found = h('p', {class: 'soft found', attrs: {role: 'status', 'data-testid': 'found'}});
    private readonly table: table<listed>;
    private readonly list: HTMLElement;
    private readonly detail: session_detail;
    private readonly poll = new poller(() => this.load(), every);
    private wanted: session_search & {node: string} = {user: '', session: '', destination: '', slow: false, node: ''}; // not what is being typed
    private searched = 0; // an answer to an older question is not shown
    readonly element: HTMLElement;

    constructor(private readonly on: context) {
        this.table = new table<listed>('Sessions', this.columns(), (row) => `${row.node} ${row.session}`);
        const form = h(
            'form',
            {
                class: 'finder card',
                attrs: {role: 'search'},
                on: {
                    submit: (event) => {
                        event.preventDefault();
                        this.search();
                    },
                },
            },
            field('User', this.user),
            field('Session', this.session),
            field('Room', this.destination),
            field('Node', this.node),
            h('label', {class: 'check'}, this.slow, h('span', {text: 'Slow consumers only'})),
            button('Find', {kind: 'primary', name: 'find'}),
        );
        this.list = h('div', {}, page_head('Sessions', 'Found on all nodes; a user may have several.'), form, this.failed.element, this.found, this.table.element);
        this.detail = new session_detail(on);
        this.element = h('section', {class: 'page'}, this.list, this.detail.element);
    }

    open({path, query}: route): void {
        const [node, session] = path;
        const one = node !== undefined && session !== undefined;
        this.list.hidden = one;
        this.detail.element.hidden = !one;
        if (one) {
            this.poll.stop();
            this.detail.open(node, session);
            return;
        }
        this.detail.close();
        const asked = (name: string) => query.get(name) ?? '';
        this.wanted = {user: asked('user'), session: asked('session'), destination: asked('destination'), slow: asked('slow') === 'true', node: asked('node')};
        this.show_nodes(this.wanted.node);
        this.user.value = this.wanted.user;
        this.session.value = this.wanted.session;
        this.destination.value = this.wanted.destination;
        this.slow.checked = this.wanted.slow;
        ++this.searched;
        this.poll.stop();
        this.poll.start();
    }

    close(): void {
        this.poll.stop();
        this.detail.close();
    }

    render(): void {
        this.show_nodes(this.node.value);
    }

    private search(): void {
        const address = link('sessions', [], {
            user: this.user.value.trim(),
            session: this.session.value.trim(),
            destination: this.destination.value.trim(),
            node: this.node.value,
            slow: this.slow.checked ? 'true' : '',
        });
        if (location.hash === address) void this.poll.now();
        else location.hash = address;
    }

    private show_nodes(chosen: string): void {
        const all = [...new Set([...this.on.cluster.present, chosen])].filter((one) => one !== '');
        const shown = all.join('\n');
        if (this.node.dataset.shown !== shown) {
            this.node.dataset.shown = shown;
            this.node.replaceChildren(h('option', {text: 'All', attrs: {value: ''}}), ...all.map((one) => h('option', {text: one, attrs: {value: one}})));
        }
        if (this.node.value !== chosen) this.node.value = chosen;
    }

    private async load(): Promise<void> {
        const asked = this.searched;
        const what = this.wanted;
        const nodes = what.node === '' ? this.on.cluster.present : [what.node];
        const said = await ask_all(nodes, (node) => this.on.api.sessions(node, what, limit), reason_of);
        if (asked !== this.searched) return; // the question has changed meanwhile, and is asked next
        this.failed.show(said.failed);
        const rows = said.good.flatMap(({node, value}) => value.sessions.map((one) => ({...one, node})));
        rows.sort((a, b) => (what.slow ? b.queuedBytes - a.queuedBytes : 0) || Number(a.user === '') - Number(b.user === '') || a.user.localeCompare(b.user, undefined, {numeric: true}) || a.since.localeCompare(b.since));
        const more = said.good.some(({value}) => value.more);
        set_text(this.found, rows.length === 0 ? '' : more ? `${count(rows.length)} sessions, and more: narrow the search to see them.` : plural(rows.length, 'session'));
        this.table.show(rows, what.slow ? 'No slow consumers.' : 'No such session.');
    }

    private columns() {
        return [
            {
                title: 'User',
                kind: 'wide' as const,
                make: (cell: HTMLElement) => cell.append(h('a', {class: 'strong', attrs: {dir: 'auto'}}), h('code', {class: 'soft'})),
                show: (cell: HTMLElement, row: listed) => {
                    const [to, id] = cell.children as unknown as [HTMLAnchorElement, HTMLElement];
                    set_text(to, called(row.user));
                    to.classList.toggle('nameless', row.user === '');
                    to.href = link('sessions', [row.node, row.session]);
                    set_text(id, row.session);
                },
            },
            text_column<listed>('Node', (row) => row.node),
            text_column<listed>('Transport', (row) => `${row.transport} · ${row.version}`),
            text_column<listed>('Address', (row) => row.address || nothing, 'text'),
            {
                title: 'Since',
                show: (cell: HTMLElement, row: listed) => {
                    const at = Date.parse(row.since);
                    set_text(cell, Number.isNaN(at) ? row.since : duration((this.on.cluster.time_at(row.node) - at) / 1000));
                    cell.title = moment(row.since);
                },
            },
            text_column<listed>('Subscriptions', (row) => count(row.subscriptions), 'number'),
            text_column<listed>('Queued', (row) => bytes(row.queuedBytes), 'number'),
            {
                title: 'Actions',
                kind: 'actions' as const,
                make: (cell: HTMLElement, row: () => listed) =>
                    cell.append(button('Kick', {kind: 'small danger', click: async () => void ((await kick(this.on, row())) && this.poll.now()), name: 'kick'})),
            },
        ];
    }
}
