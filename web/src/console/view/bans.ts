// Who may not connect.

import {h, set_text} from '../../view/dom';
import {reason_of} from '../api';
import {moment} from '../format';
import {poller} from '../poller';
import type {wire_ban} from '../wire';
import {ban, lift_ban} from './actions';
import type {context, view} from './context';
import {button, field, page_head, text_input} from './parts';
import {table, text_column} from './table';

const every = 10_000; // ms

export class bans_view implements view {
    private readonly user = text_input({name: 'user', required: true, placeholder: 'Number or login', 'data-testid': 'ban-user'});
    private readonly warning = h('p', {class: 'warning', attrs: {role: 'status'}});
    private readonly table: table<wire_ban>;
    private readonly poll = new poller(() => this.load(), every);
    readonly element: HTMLElement;

    constructor(private readonly on: context) {
        this.warning.hidden = true;
        this.table = new table<wire_ban>(
            'Bans',
            [
                {title: 'User', kind: 'wide', make: (cell) => cell.append(h('span', {class: 'strong', attrs: {dir: 'auto'}})), show: (cell, row) => set_text(cell.firstElementChild!, row.user)},
                text_column('Reason', (row) => row.reason, 'text'),
                text_column('By', (row) => row.by, 'text'),
                text_column('Since', (row) => moment(row.since)),
                {
                    title: 'Actions',
                    kind: 'actions',
                    make: (cell, row) => cell.append(button('Lift', {name: 'lift', click: async () => void ((await lift_ban(on, row().user)) && this.poll.now())})),
                },
            ],
            (row) => row.user,
        );
        const form = h(
            'form',
            {
                class: 'finder card',
                on: {
                    submit: async (event) => {
                        event.preventDefault();
                        const user = this.user.value.trim();
                        if (user === '' || !(await ban(on, user))) return;
                        this.user.value = '';
                        void this.poll.now();
                    },
                },
            },
            field('User', this.user),
            button('Ban…', {kind: 'primary danger', name: 'ban-submit'}),
        );
        this.element = h('section', {class: 'page'}, page_head('Bans', 'Banned users are disconnected, and refused on every node.'), form, this.warning, this.table.element);
    }

    open(): void {
        this.poll.start();
    }

    close(): void {
        this.poll.stop();
    }

    render(): void {}

    private async load(): Promise<void> {
        try {
            const all = await this.on.api.bans();
            this.warning.hidden = true;
            this.table.show(all.sort((a, b) => b.since.localeCompare(a.since)), 'Nobody is banned.');
        } catch (error) {
            set_text(this.warning, reason_of(error));
            this.warning.hidden = false;
        }
    }
}
