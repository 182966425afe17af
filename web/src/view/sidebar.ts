// The list of rooms, and who one is.

import type {chat, room} from '../chat';
import {brief_time, isolated, plural} from '../text';
import {avatar} from './avatar';
import {h, icon, reconcile, row} from './dom';
import {ask_nickname, ask_room_name} from './dialogs';
import {theme_button} from './theme';

export class sidebar {
    readonly element: HTMLElement;

    private readonly filter = h('input', {
        class: 'filter',
        attrs: {type: 'search', placeholder: 'Find a room', 'aria-label': 'Find a room', autocomplete: 'off'},
        on: {input: () => this.render()},
    });
    private readonly mine = h('ul', {class: 'rooms', attrs: {'data-testid': 'my-rooms'}});
    private readonly others = h('ul', {class: 'rooms', attrs: {'data-testid': 'other-rooms'}});
    private readonly others_title = h('h2', {text: 'More rooms'});
    private readonly nothing = h('p', {class: 'nothing', text: 'No room of that name.'});
    private readonly me = h('button', {
        class: 'me',
        attrs: {type: 'button', title: 'Change your nickname', 'data-testid': 'profile'},
        on: {click: () => void ask_nickname(this.chat)},
    });
    private shown_me = '';

    constructor(private readonly chat: chat) {
        this.element = h(
            'aside',
            {class: 'sidebar', attrs: {'aria-label': 'Rooms'}},
            h(
                'header',
                {class: 'brand'},
                h('img', {attrs: {src: '/favicon.svg', alt: '', width: 34, height: 34}}),
                h('span', {class: 'name', text: 'Stampede'}),
                theme_button(),
            ),
            h(
                'div',
                {class: 'tools'},
                h('label', {class: 'search'}, icon('search'), this.filter),
                h(
                    'button',
                    {
                        class: 'round accent',
                        attrs: {type: 'button', title: 'New room', 'aria-label': 'New room', 'data-testid': 'new-room'},
                        on: {click: () => void ask_room_name(this.chat)},
                    },
                    icon('plus'),
                ),
            ),
            h('nav', {class: 'lists'}, h('h2', {text: 'Your rooms'}), this.mine, this.others_title, this.others, this.nothing),
            h(
                'footer',
                {class: 'self'},
                this.me,
                h(
                    'a',
                    {
                        class: 'round quiet',
                        attrs: {
                            href: '/?guest',
                            target: '_blank',
                            rel: 'noopener',
                            title: 'Open a second tab as another guest',
                            'aria-label': 'Open a second tab as another guest',
                        },
                    },
                    icon('guest'),
                ),
            ),
        );
    }

    render(): void {
        const wanted = this.filter.value.trim().toLowerCase();
        const shown = [...this.chat.rooms.values()].filter((one) => one.name.toLowerCase().includes(wanted));
        const latest = (one: room) => one.timeline?.messages.at(-1)?.createdAt ?? '';
        const mine = shown.filter((one) => one.timeline).sort((a, b) => latest(b).localeCompare(latest(a)) || a.id - b.id);
        const others = shown.filter((one) => !one.timeline).sort((a, b) => a.name.localeCompare(b.name));
        reconcile(this.mine, mine.map((one) => this.room_row(one)));
        reconcile(this.others, others.map((one) => this.room_row(one)));
        this.others_title.hidden = others.length === 0;
        this.nothing.hidden = shown.length > 0 || !this.chat.rooms_known;
        this.render_me();
    }

    private render_me(): void {
        const {id, nickname} = this.chat.me;
        const shown = `${id} ${nickname}`;
        if (this.shown_me === shown) return;
        this.shown_me = shown;
        this.me.replaceChildren(
            avatar(id, nickname),
            h(
                'span',
                {class: 'who'},
                h('bdi', {class: 'nickname', text: nickname}),
                h('span', {class: 'id', text: `#${id}`, attrs: {'data-testid': 'user-id'}}),
            ),
            icon('pencil'),
        );
        this.me.setAttribute('aria-label', `You are ${nickname}. Change your nickname`);
    }

    private room_row(one: room): row {
        const unread = this.chat.unread(one);
        const current = one.id === this.chat.current;
        const last = one.timeline?.messages.at(-1);
        const said = newest_said(one);
        const typing = [...one.typing.values()][0]?.nickname;
        const preview = typing
            ? `${isolated(typing)} is typing…`
            : said
              ? `${said.senderId === this.chat.me.id ? 'You' : isolated(said.senderNickname)}: ${isolated(said.content.slice(0, 200))}`
              : one.members !== null
                ? plural(one.members, 'member')
                : '';
        const time = last ? brief_time(Date.parse(last.createdAt)) : '';
        return {
            key: String(one.id),
            look: JSON.stringify([one.name, unread, current, preview, time, one.type, !!one.timeline]),
            make: () => {
                const item = h(
                    'button',
                    {
                        class: `room${unread ? ' unread' : ''}${typing ? ' busy' : ''}`,
                        attrs: {
                            type: 'button',
                            'aria-current': current ? 'true' : null,
                            'data-room': one.id,
                            'aria-label': unread ? `${one.name}, ${unread} unread` : one.name,
                        },
                        on: {click: () => this.chat.open(one.id)},
                    },
                    h('span', {class: 'badge-room', attrs: {'aria-hidden': 'true'}, text: one.type === 'PUBLIC' ? '#' : ''}, one.type === 'PUBLIC' ? null : icon('lock')),
                    h('span', {class: 'title', text: one.name, attrs: {dir: 'auto'}}),
                    h('span', {class: 'time', text: time}),
                    h('span', {class: 'preview', text: preview}),
                    unread > 0 && h('span', {class: 'count', text: unread > 99 ? '99+' : String(unread), attrs: {'data-testid': 'unread'}}),
                );
                return h('li', {}, item);
            },
        };
    }
}

function newest_said(one: room) {
    const messages = one.timeline?.messages ?? [];
    for (let at = messages.length - 1; at >= 0; --at) if (messages[at].messageType === 'CHAT') return messages[at];
    return null;
}
