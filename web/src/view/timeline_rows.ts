// What a room's timeline looks like: days, groups of one author, joins and leaves, own messages on their way.

import type {chat, room} from '../chat';
import {clock, day_key, day_name, hue, is_only_emoji, isolated, linkify, moment, names} from '../text';
import type {known_message, own_message} from '../timeline';
import {avatar} from './avatar';
import {h, icon, row} from './dom';

const group_within = 5 * 60_000;

interface line {
    key: string;
    author: number;
    nickname: string;
    content: string;
    at: number;
    seq: number | null;
    state: own_message['state'];
    reason?: string;
}

const of_stored = (one: known_message): line => ({
    key: one.key,
    author: one.senderId,
    nickname: one.senderNickname,
    content: one.content,
    at: Date.parse(one.createdAt),
    seq: one.seq,
    state: 'stored',
});

// Of the messages from this seq on.
export function timeline_rows(chat: chat, room: room, from: number): row[] {
    const shown = room.timeline!;
    const rows: row[] = [];
    let day = '';
    let newest = 0;
    let previous: line | null = null;

    // Days only go forward: what is of an earlier one than the message above it (a refused one of yesterday, a
    // clock that was set) stands under the same head.
    const day_row = (at: number) => {
        if (day !== '' && (at < newest || day_key(at) === day)) return;
        newest = at;
        day = day_key(at);
        const name = day_name(at);
        previous = null;
        rows.push({key: `day-${day}`, look: name, make: () => h('li', {class: 'day'}, h('span', {text: name}))});
    };
    const message_row = (one: line, last: boolean) => {
        day_row(one.at);
        const mine = one.author === chat.me.id;
        const starts = previous?.author !== one.author || previous.nickname !== one.nickname || one.at - previous.at > group_within;
        previous = one;
        const seen = mine && last && one.seq !== null ? seen_by(room, one.seq) : '';
        rows.push({
            key: one.key,
            look: JSON.stringify([starts, one.nickname, one.content, one.at, one.state, one.reason, seen]),
            make: () => bubble(chat, one, mine, starts, seen),
            change: (element) => change_message(element, bubble(chat, one, mine, starts, seen)),
        });
    };

    const last_stored = shown.messages.at(-1);
    for (const message of shown.messages_from(from)) {
        if (room.divider !== null && message.seq === room.divider + 1 && rows.length > 0) {
            previous = null;
            rows.push({key: 'new', look: '', make: () => h('li', {class: 'new-line', attrs: {'data-testid': 'new-line'}}, h('span', {text: 'New'}))});
        }
        if (message.messageType === 'CHAT') {
            message_row(of_stored(message), message === last_stored && shown.own.length === 0);
        } else {
            day_row(Date.parse(message.createdAt));
            previous = null;
            rows.push(coming_and_going(message));
        }
    }
    for (const own of shown.own) {
        message_row(
            {
                key: own.key,
                author: chat.me.id,
                nickname: chat.me.nickname,
                content: own.content,
                at: own.sent_at,
                seq: null,
                state: own.state,
                reason: own.reason,
            },
            false,
        );
    }
    return rows;
}

function seen_by(room: room, seq: number): string {
    const readers = [...room.seen.values()].filter((one) => one.seq >= seq).map((one) => one.nickname);
    return readers.length > 0 ? `Seen by ${names(readers)}` : '';
}

function coming_and_going(message: known_message): row {
    const text = `${isolated(message.senderNickname)} ${message.messageType === 'JOIN' ? 'joined' : 'left'} the room`;
    return {
        key: message.key,
        look: text,
        make: () =>
            h(
                'li',
                {class: 'event', attrs: {'data-seq': message.seq}},
                h('span', {text, attrs: {title: moment(Date.parse(message.createdAt))}}),
            ),
    };
}

function bubble(chat: chat, one: line, mine: boolean, starts: boolean, seen: string): HTMLElement {
    const text = h('div', {class: 'text', attrs: {dir: 'auto'}});
    for (const piece of linkify(one.content))
        text.append(
            piece.link
                ? h('a', {text: piece.text, attrs: {href: piece.link, target: '_blank', rel: 'noopener noreferrer nofollow'}})
                : piece.text,
        );
    const big = is_only_emoji(one.content);
    return h(
        'li',
        {
            class: `message ${mine ? 'mine' : 'theirs'} ${one.state}${starts ? ' starts' : ''}${big ? ' big' : ''}`,
            attrs: {'data-seq': one.seq, 'data-testid': 'message', 'data-state': one.state},
        },
        !mine && starts && avatar(one.author, one.nickname),
        (mine || !starts) && h('span', {class: 'spoken', text: mine ? 'You' : one.nickname}),
        !mine && starts && h('span', {class: 'author', text: one.nickname, attrs: {dir: 'auto'}, style: {'--hue': String(hue(one.author))}}),
        h(
            'div',
            {class: 'bubble'},
            text,
            h('span', {class: 'meta', attrs: {'aria-live': 'off'}}, h('time', {text: clock(one.at), attrs: {datetime: new Date(one.at).toISOString(), title: moment(one.at)}}), mine && state_icon(one.state)),
        ),
        one.state === 'refused' && refusal(chat, one),
        seen !== '' && h('span', {class: 'seen', text: seen, attrs: {'data-testid': 'seen'}}),
    );
}

// Its text stays where it is: what is put into a log is read out, and one's own message was when it was sent.
function change_message(old: HTMLElement, fresh: HTMLElement): boolean {
    const said = old.querySelector('.text')!;
    const says = fresh.querySelector('.text')!;
    if (!said.isEqualNode(says)) return false;
    const bubble = said.parentElement!;
    const still = old.classList.contains('still');
    for (const {name, value} of [...fresh.attributes]) old.setAttribute(name, value);
    old.classList.toggle('still', still);
    said.nextElementSibling!.replaceWith(says.nextElementSibling!);
    const before = [...old.children].filter((one) => one !== bubble);
    const after = [...fresh.children].filter((one) => !one.contains(says));
    if (before.length === after.length && before.every((one, at) => one.isEqualNode(after[at]!))) return true;
    for (const one of before) one.remove();
    for (const one of after) {
        if (one.compareDocumentPosition(says) & Node.DOCUMENT_POSITION_FOLLOWING) bubble.before(one);
        else old.append(one);
    }
    return true;
}

function state_icon(state: own_message['state']): HTMLElement {
    const [name, says] = ({sending: ['clock', 'Sending'], stored: ['check', 'Sent'], refused: ['warning', 'Not sent']} as const)[state];
    return h('span', {class: 'state', attrs: {role: 'img', 'aria-label': says, title: says}}, icon(name));
}

function refusal(chat: chat, one: line): HTMLElement {
    return h(
        'div',
        {class: 'refusal', attrs: {role: 'alert', 'data-testid': 'refusal'}},
        h('span', {text: one.reason ?? 'Not sent.'}),
        h('button', {class: 'link', text: 'Try again', attrs: {type: 'button'}, on: {click: () => chat.retry(one.key)}}),
        h('button', {class: 'link', text: 'Discard', attrs: {type: 'button'}, on: {click: () => chat.discard(one.key)}}),
    );
}
