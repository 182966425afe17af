// The open room: its head, its timeline, who types, and the composer.

import type {chat, room} from '../chat';
import {names, plural} from '../text';
import type {timeline} from '../timeline';
import {composer} from './composer';
import {connection_badge} from './connection_badge';
import {h, icon, reconcile, set_attribute, set_text} from './dom';
import {timeline_rows} from './timeline_rows';

const near_bottom = 60; // px
const near_top = 600; // px from the top, where what is before is drawn, or fetched
const drawn_at_once = 100; // messages
const drawn_at_most = 300; // while one reads the newest: a page that stays open must not grow slow

// What comes now is history, and no news to be read out.
const is_busy = (room: room) => room.loading || room.timeline?.older === undefined;

export class conversation {
    readonly element: HTMLElement;

    private readonly title = h('h1', {attrs: {dir: 'auto', 'data-testid': 'room-name'}});
    private readonly subtitle = h('p', {class: 'subtitle'});
    readonly badge: connection_badge;
    private readonly leave_button: HTMLElement;
    private readonly list = h('ol', {class: 'messages'});
    private readonly older = h('p', {class: 'older', attrs: {'data-testid': 'older'}});
    private readonly beginning = h('p', {class: 'beginning', text: 'This is where the conversation begins.'});
    private readonly scroller: HTMLElement;
    private readonly jump = h('button', {class: 'jump', attrs: {type: 'button', 'data-testid': 'jump'}, on: {click: () => this.to_bottom()}});
    private readonly typing = h('p', {class: 'typing', attrs: {'aria-live': 'polite', 'data-testid': 'typing'}});
    private readonly composer: composer;
    private readonly room_area: HTMLElement;
    private readonly invitation: HTMLElement;
    private readonly nothing: HTMLElement;

    private shown: number | null = null;
    private stuck = true; // the newest message is in view and shall stay so
    private placed = false; // the room has been scrolled to where reading begins
    private last_drawn = 0; // the newest seq on the page
    private first_drawn = 0; // the seq where the page begins; 0: with all that is known

    constructor(private readonly chat: chat) {
        this.badge = new connection_badge(chat);
        this.composer = new composer(chat, () => this.to_bottom());
        this.leave_button = h(
            'button',
            {
                class: 'round quiet',
                attrs: {type: 'button', title: 'Leave the room', 'aria-label': 'Leave the room', 'data-testid': 'leave'},
                on: {click: () => this.chat.open_room && void this.chat.leave(this.chat.open_room.id)},
            },
            icon('leave'),
        );
        this.scroller = h(
            'div',
            {class: 'scroller', attrs: {role: 'log', 'aria-label': 'Messages', tabindex: 0}, on: {scroll: () => this.on_scroll()}},
            this.older,
            this.beginning,
            this.list,
        );
        this.room_area = h('div', {class: 'room-area'}, this.scroller, this.jump, this.typing, this.composer.element);
        this.invitation = h('div', {class: 'middle'});
        this.nothing = h(
            'div',
            {class: 'middle'},
            h('img', {attrs: {src: '/favicon.svg', alt: '', width: 88, height: 88}}),
            h('p', {text: 'Choose a room, or create one.'}),
        );
        this.element = h(
            'main',
            {class: 'conversation'},
            h(
                'header',
                {class: 'head'},
                h(
                    'button',
                    {class: 'round quiet back', attrs: {type: 'button', 'aria-label': 'All rooms'}, on: {click: () => this.chat.open(null)}},
                    icon('back'),
                ),
                h('div', {class: 'about'}, this.title, this.subtitle),
                this.badge.element,
                this.leave_button,
            ),
            this.room_area,
            this.invitation,
            this.nothing,
        );
        new ResizeObserver(() => this.stuck && this.to_bottom()).observe(this.scroller);
        document.addEventListener('visibilitychange', () => this.maybe_read());
    }

    render(): void {
        const room = this.chat.open_room;
        const member = !!room?.timeline;
        this.badge.render();
        set_text(this.title, room?.name ?? '');
        set_text(this.subtitle, room && room.members !== null ? plural(room.members, 'member') : '');
        this.leave_button.hidden = !member;
        this.room_area.hidden = !member;
        this.invitation.hidden = !room || member;
        this.nothing.hidden = !!room || !this.chat.rooms_known;
        if (this.shown !== (room?.id ?? null)) {
            this.shown = room?.id ?? null;
            this.stuck = true;
            this.placed = false;
            this.last_drawn = 0;
            this.first_drawn = 0;
            delete this.list.dataset.loaded;
            this.list.replaceChildren();
        }
        if (room && member) this.render_room(room);
        else if (room) this.render_invitation(room);
    }

    private render_room(room: room): void {
        const line = room.timeline!;
        const anchor = this.stuck ? null : this.anchor();
        this.list.dataset.entering = this.last_drawn > 0 ? 'yes' : 'no';
        set_text(this.older, room.history_retry ? 'Earlier messages could not be loaded. Trying again…' : 'Loading earlier messages…');
        this.older.hidden = line.older === null || (line.older !== undefined && !room.loading && room.history_retry === 0);
        this.forget_oldest(line);
        this.beginning.hidden = line.older !== null || this.first_drawn > 0;
        if (is_busy(room)) set_attribute(this.scroller, 'aria-busy', 'true');
        const had_focus = this.list.contains(document.activeElement);
        reconcile(this.list, timeline_rows(this.chat, room, this.first_drawn));
        // What was pressed has gone with its row, or from it.
        if (had_focus && !this.list.contains(document.activeElement)) this.composer.take_focus();
        requestAnimationFrame(() => this.chat.open_room && set_attribute(this.scroller, 'aria-busy', is_busy(this.chat.open_room) && 'true'));
        this.place(anchor);
        this.last_drawn = line.last_seq;
        const unseen = this.stuck ? 0 : this.chat.unread(room);
        this.jump.hidden = this.stuck;
        const label = unseen > 0 ? plural(unseen, 'new message') : 'Latest';
        if (this.jump.dataset.label !== label) {
            this.jump.dataset.label = label;
            this.jump.replaceChildren(icon('down'), label);
        }
        this.render_typing(room);
        this.composer.render(room);
        this.maybe_read();
    }

    private render_typing(room: room): void {
        const who = [...room.typing.values()].map((one) => one.nickname);
        const text = who.length === 0 ? '' : `${names(who)} ${who.length === 1 ? 'is' : 'are'} typing`;
        if (this.typing.dataset.text === text) return;
        this.typing.dataset.text = text;
        this.typing.replaceChildren(...(text ? [h('span', {class: 'dots'}, h('i'), h('i'), h('i')), text] : []));
    }

    private render_invitation(room: room): void {
        if (this.invitation.dataset.shown === `${room.id}:${room.name}`) return;
        this.invitation.dataset.shown = `${room.id}:${room.name}`;
        const members = room.members === null ? '' : plural(room.members, 'member');
        this.invitation.replaceChildren(
            h('span', {class: 'badge-room large', text: '#', attrs: {'aria-hidden': 'true'}}),
            h('h2', {text: room.name}),
            h('p', {text: members ? `${members}. Join to read and to write.` : 'Join to read and to write.'}),
            h('button', {
                class: 'primary',
                text: 'Join the room',
                attrs: {type: 'button', 'data-testid': 'join'},
                on: {click: () => void this.chat.join(room.id)},
            }),
        );
    }

    // The first message in view and where it stands: what is loaded above it must not move it. The head of a day is
    // none: it stays on top of what is loaded below it.
    private anchor(): {key: string; top: number} | null {
        const edge = this.scroller.getBoundingClientRect().top;
        for (const one of this.list.querySelectorAll(':scope > :not(.day, .new-line)')) {
            const box = one.getBoundingClientRect();
            if (box.bottom > edge) return {key: (one as HTMLElement).dataset.key!, top: box.top};
        }
        return null;
    }

    private place(anchor: {key: string; top: number} | null): void {
        if (!this.placed && this.chat.open_room?.timeline?.older !== undefined) {
            this.placed = true;
            this.list.dataset.loaded = 'yes';
            const fresh = this.list.querySelector<HTMLElement>('.new-line');
            this.to_bottom();
            // With more unread than fits, reading begins at the first of them.
            if (fresh && fresh.offsetTop < this.scroller.scrollTop) {
                this.scroller.scrollTop = fresh.offsetTop - 80;
                this.stuck = this.at_bottom();
            }
        } else if (this.stuck) {
            this.to_bottom();
        } else if (anchor) {
            const again = this.list.querySelector(`[data-key="${CSS.escape(anchor.key)}"]`);
            if (again) this.scroller.scrollTop += again.getBoundingClientRect().top - anchor.top;
        }
        // A page of short messages may not fill the screen, and somebody may hold the scroll bar at the top:
        // neither makes a scroll event.
        requestAnimationFrame(() => this.maybe_fetch_older());
    }

    private at_bottom(): boolean {
        return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < near_bottom;
    }

    private to_bottom(): void {
        this.stuck = true;
        this.scroller.scrollTop = this.scroller.scrollHeight;
        this.jump.hidden = true;
    }

    private on_scroll(): void {
        this.stuck = this.at_bottom();
        this.jump.hidden = this.stuck;
        this.maybe_fetch_older();
        this.maybe_read();
    }

    // Nobody sees them while the newest are in view.
    private forget_oldest(line: timeline): void {
        if (!this.placed || !this.stuck) return;
        const drawn = line.messages_from(this.first_drawn);
        if (drawn.length > drawn_at_most) this.first_drawn = drawn[drawn.length - drawn_at_once].seq;
    }

    private maybe_fetch_older(): void {
        const line = this.chat.open_room?.timeline;
        if (!this.placed || this.scroller.scrollTop >= near_top || !line) return;
        if (this.first_drawn > 0) this.draw_older(line);
        else if (line.older !== undefined && line.older !== null) void this.chat.load_older();
    }

    // What is known and was not drawn any more.
    private draw_older(line: timeline): void {
        const known = line.messages;
        const at = known.length - line.messages_from(this.first_drawn).length - drawn_at_once;
        this.first_drawn = at > 0 ? known[at].seq : 0;
        this.render();
    }

    private maybe_read(): void {
        if (this.stuck && this.placed && document.visibilityState === 'visible') this.chat.mark_read();
    }
}
