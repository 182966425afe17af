// One session: what it is, what it listens to, and what can be done to it.

import {h, set_text} from '../../view/dom';
import {problem} from '../../problem';
import {reason_of} from '../api';
import {bytes, count, milliseconds, moment, nothing} from '../format';
import {poller} from '../poller';
import {link} from '../routes';
import type {wire_session_detail, wire_subscription} from '../wire';
import {ban, called, kick, unsubscribe, whom} from './actions';
import type {context} from './context';
import {button, facts} from './parts';
import {table, text_column} from './table';

const every = 3000; // ms

// Of the chat's users, whom alone a broadcast can name.
const is_number = (user: string) => /^\d+$/.test(user);

const beat = (every: string) => (every === '0' ? 'none' : milliseconds(Number(every)));

export class session_detail {
    readonly element: HTMLElement;
    private readonly title = h('h1', {attrs: {dir: 'auto', 'data-testid': 'session-user'}});
    private readonly warning = h('p', {class: 'warning', attrs: {role: 'status', 'data-testid': 'session-warning'}});
    private facts = new facts();
    private readonly tools = h('div', {class: 'page-tools'});
    private readonly table: table<wire_subscription>;
    private readonly poll = new poller(() => this.load(), every);
    private who: whom = {node: '', session: '', user: ''};

    constructor(private readonly on: context) {
        this.table = new table<wire_subscription>(
            'Subscriptions',
            [
                {
                    title: 'Destination',
                    kind: 'wide',
                    make: (cell) => cell.append(h('a', {class: 'strong', attrs: {dir: 'auto'}})),
                    show: (cell, row) => {
                        const to = cell.firstElementChild as HTMLAnchorElement;
                        set_text(to, row.destination);
                        to.href = link('sessions', [], {destination: row.destination});
                    },
                },
                text_column('Id', (row) => row.id, 'text'),
                text_column('Ack', (row) => row.ack),
                text_column('Pending', (row) => count(row.pending), 'number'),
                {
                    title: 'Actions',
                    kind: 'actions',
                    make: (cell, row) =>
                        cell.append(
                            button('Unsubscribe', {
                                kind: 'small danger',
                                name: 'unsubscribe',
                                click: async () => void ((await unsubscribe(on, this.who, row().id, row().destination)) && this.poll.now()),
                            }),
                        ),
                },
            ],
            (row) => row.id,
        );
        this.element = h(
            'div',
            {attrs: {'data-testid': 'session-detail'}},
            h('header', {class: 'page-head'}, h('div', {}, h('a', {class: 'back-link', text: '‹ All sessions', attrs: {href: link('sessions')}}), this.title), this.tools),
            this.warning,
            h('div', {class: 'card detail-facts'}, this.facts.element),
            h('h2', {class: 'section', text: 'Subscriptions'}),
            this.table.element,
        );
    }

    open(node: string, session: string): void {
        if (this.who.node !== node || this.who.session !== session) {
            this.who = {node, session, user: ''};
            set_text(this.title, session);
            this.tools.replaceChildren();
            this.warning.hidden = true;
            this.facts.element.hidden = true;
            this.table.show([], 'Asking…');
        }
        this.poll.stop();
        this.poll.start();
    }

    close(): void {
        this.poll.stop();
    }

    private async load(): Promise<void> {
        const {node, session} = this.who;
        const still = () => this.who.node === node && this.who.session === session;
        try {
            const said = await this.on.api.session(node, session);
            if (still()) this.show(said);
        } catch (error) {
            if (!still()) return;
            const over = error instanceof problem && error.status === 404;
            set_text(this.warning, over ? 'This session is over.' : `${node}: ${reason_of(error)}`);
            this.warning.hidden = false;
            if (!over) return;
            this.poll.stop();
            this.table.show([], 'None any more.');
            for (const one of this.tools.querySelectorAll('[data-testid=kick]')) one.remove();
        }
    }

    private show(said: wire_session_detail): void {
        this.warning.hidden = true;
        this.facts.element.hidden = false;
        set_text(this.title, called(said.user));
        this.title.classList.toggle('nameless', said.user === '');
        if (this.tools.childElementCount === 0) this.show_tools(said.user);
        this.who.user = said.user;
        const [gets, sends] = said.heartBeat.split(',');
        this.facts.set('Session', said.session);
        this.facts.set('Node', this.who.node);
        this.facts.set('Transport', said.transport);
        this.facts.set('STOMP', said.version);
        this.facts.set('Address', said.address || nothing);
        this.facts.set('Since', moment(said.since));
        this.facts.set('Heart-beat', gets === undefined || sends === undefined ? said.heartBeat : `in ${beat(gets)}, out ${beat(sends)}`);
        this.facts.set('Queued', bytes(said.queuedBytes));
        this.table.show(said.subscriptions, 'It listens to nothing.');
    }

    private show_tools(user: string): void {
        const again = () => void this.poll.now();
        const link_to = (text: string, href: string) => h('a', {class: 'small', text, attrs: {href}});
        this.tools.replaceChildren(
            ...(user === '' ? [] : [link_to('Their other sessions', link('sessions', [], {user})), link_to('Trace', link('trace', [], {user})), ...(is_number(user) ? [link_to('Send', link('broadcast', [], {to: 'user', id: user}))] : [])]),
            button('Kick', {kind: 'small danger', name: 'kick', click: async () => void ((await kick(this.on, this.who)) && again())}),
            ...(user === '' ? [] : [button('Ban', {kind: 'small danger', name: 'ban', click: async () => void ((await ban(this.on, user)) && again())})]),
        );
    }
}
