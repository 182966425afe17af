// A message of the operator to everybody, one user or one room.

import {h} from '../../view/dom';
import {announcement, kinds, message_of, text_of} from '../messages';
import type {route} from '../routes';
import type {wire_broadcast} from '../wire';
import {confirm} from './confirm';
import type {context, view} from './context';
import {button, field, page_head, segmented, text_input} from './parts';

type target = wire_broadcast['to'];

const whom: Record<target, string> = {all: 'everybody', user: 'one user', room: 'one room'};
const about: Record<target, string> = {
    all: 'It goes to /user/queue/notifications of every session on every node.',
    user: 'It goes to /user/queue/notifications of every session of theirs.',
    room: 'It goes to everybody who listens to the room now, beside its messages; it is not kept.',
};

export class broadcast_view implements view {
    private to: target = 'all';
    private as_json = false;
    private readonly choice = segmented('Send to', [['all', 'Everybody'], ['user', 'A user'], ['room', 'A room']] as const, this.to, (to) => this.choose(to));
    private readonly id = text_input({inputmode: 'numeric', 'data-testid': 'broadcast-id'});
    private readonly id_field = field('User', this.id);
    private readonly about = h('p', {class: 'soft'});
    private readonly form_choice = segmented('Write', [['text', 'Text'], ['json', 'JSON']] as const, 'text', (value) => this.write_as(value === 'json'));
    private readonly kind = h('select', {attrs: {'data-testid': 'broadcast-kind'}});
    private readonly kind_field = field('Kind', this.kind);
    private readonly message = h('textarea', {attrs: {rows: 5, required: true, 'data-testid': 'broadcast-message', dir: 'auto'}, on: {input: () => this.complain('')}});
    private readonly error = h('p', {class: 'error', attrs: {role: 'alert'}});
    readonly element: HTMLElement;

    constructor(private readonly on: context) {
        const form = h(
            'form',
            {
                class: 'broadcast card',
                on: {
                    submit: (event) => {
                        event.preventDefault();
                        void this.send();
                    },
                },
            },
            this.choice,
            this.id_field,
            this.about,
            this.form_choice,
            this.kind_field,
            field('Message', this.message),
            this.error,
            h('div', {class: 'actions'}, button('Send…', {symbol: 'broadcast', kind: 'primary', name: 'broadcast-submit'})),
        );
        this.element = h('section', {class: 'page'}, page_head('Broadcast', 'Whoever is connected hears it at once; nothing is stored.'), form);
        this.choose('all');
        this.complain('');
    }

    open({query}: route): void {
        const to = (['all', 'user', 'room'] as const).find((one) => one === query.get('to'));
        if (!to) return;
        this.choice.choose(to);
        this.choose(to);
        this.id.value = query.get('id') ?? '';
        this.message.focus();
    }

    close(): void {}
    render(): void {}

    private choose(to: target): void {
        this.to = to;
        this.id_field.hidden = to === 'all';
        this.id.required = to !== 'all';
        this.id_field.firstElementChild!.textContent = to === 'user' ? 'User' : 'Number of the room';
        this.about.textContent = about[to];
        this.kind.replaceChildren(...kinds[to].map(([value, name]) => h('option', {text: `${name} (${value})`, attrs: {value}})));
    }

    private write_as(json: boolean): void {
        this.as_json = json;
        this.kind_field.hidden = json;
        this.message.classList.toggle('code', json);
        const text = this.message.value;
        // What is no announcement stays as it is, and what has stayed is JSON again.
        if (!json) this.message.value = text_of(text) ?? text;
        else if (typeof message_of(text) === 'string') this.message.value = JSON.stringify(announcement(this.kind.value, text), null, 2);
        this.complain('');
    }

    private complain(text: string): void {
        this.error.textContent = text;
    }

    private async send(): Promise<void> {
        const id = this.id.value.trim();
        const text = this.message.value.trim();
        if (text === '') return this.complain('There is nothing to send.');
        const message = this.as_json ? message_of(text) : announcement(this.kind.value, text);
        if (typeof message === 'string') return this.complain(message);
        const named = this.to === 'all' ? 'Everybody, on all nodes' : this.to === 'user' ? `User ${id}` : `Room ${id}`;
        const done = await confirm({
            title: `Send to ${whom[this.to]}?`,
            text: 'It cannot be taken back.',
            facts: [
                ['To', named],
                ['Message', text],
            ],
            action: 'Send',
            done: async () => {
                await this.on.api.broadcast({to: this.to, ...(this.to !== 'all' && {id}), message});
                this.on.note('The message is on its way.');
            },
        });
        if (done && !this.as_json) this.message.value = '';
    }
}
