// The destinations with the most subscribers, over all nodes.

import {h, set_text} from '../../view/dom';
import {reason_of} from '../api';
import {count} from '../format';
import {ask_all, merge_rooms, room} from '../merge';
import {poller} from '../poller';
import {link} from '../routes';
import type {context, view} from './context';
import {failures, page_head} from './parts';
import {table, text_column} from './table';

const each = 50; // destinations asked of every node
const every = 5000; // ms

export const room_number = (destination: string) => /^\/topic\/chatroom\/(\d+)$/.exec(destination)?.[1] ?? null;

export class rooms_view implements view {
    private readonly failed = new failures();
    private readonly table = new table<room>(
        'Rooms and other destinations',
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
            text_column('Subscribers', (row) => count(row.subscribers), 'number'),
            text_column('On', (row) => row.nodes.map((one) => `${one.node} ${count(one.subscribers)}`).join(' · '), 'text'),
            {
                title: 'Actions',
                kind: 'actions',
                make: (cell) => cell.append(h('a', {class: 'small', text: 'Trace'}), h('a', {class: 'small', text: 'Broadcast'})),
                show: (cell, row) => {
                    const [trace, broadcast] = cell.children as unknown as HTMLAnchorElement[];
                    const number = room_number(row.destination);
                    trace.href = link('trace', [], {destination: row.destination});
                    broadcast.href = link('broadcast', [], {to: 'room', id: number ?? ''});
                    broadcast.hidden = number === null;
                },
            },
        ],
        (row) => row.destination,
    );
    readonly element = h('section', {class: 'page'}, page_head('Rooms', 'What is subscribed most, summed over the nodes.'), this.failed.element, this.table.element);
    private readonly poll = new poller(() => this.load(), every);

    constructor(private readonly on: context) {}

    open(): void {
        this.poll.start();
    }

    close(): void {
        this.poll.stop();
    }

    render(): void {}

    private async load(): Promise<void> {
        const said = await ask_all(this.on.cluster.present, (node) => this.on.api.rooms(node, each), reason_of);
        this.failed.show(said.failed);
        this.table.show(merge_rooms(said.good.map(({node, value}) => ({node, rooms: value}))), 'Nobody subscribes to anything.');
    }
}
