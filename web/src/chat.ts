// The state of the page: rooms, their timelines, who types; and every action of the user.
//
// Views read it and call its actions; whenever something changed they are told once per frame.

import {caller, keep_identity_in_tab, save_authorization, save_identity} from './identity';
import {link, link_state} from './link';
import {problem} from './problem';
import {rest} from './rest';
import {isolated} from './text';
import {timeline} from './timeline';
import {unsent} from './unsent';
import {is_stored, text_of, wire_body, wire_event, wire_message, wire_notice, wire_refusal, wire_room} from './wire';
import type {note_kind} from './view/toasts';

export interface room {
    id: number;
    name: string;
    type: wire_room['type'];
    members: number | null;
    timeline: timeline | null; // null: not a member
    last_read: number;
    divider: number | null; // a line "new" stands after this seq
    typing: Map<number, {nickname: string; until: number}>;
    seen: Map<number, {nickname: string; seq: number}>; // how far others have read, as far as they told
    draft: string;
    loading: boolean; // a page of history is on its way
    history_retry: number; // the timer of the next attempt, if the last one failed; else 0
    history_wait: number; // ms, before that
    told_read: number; // last_read as the server knows it
    typed_at: number; // when the others were last told that one types here
}

interface unsettled {
    room: number;
    content: string;
}

const page_size = 50;
const typing_lasts = 4000; // ms
const typing_interval = 2500;
const read_delay = 300;
const first_history_wait = 1_000;
const longest_history_wait = 30_000;

export class chat {
    readonly rooms = new Map<number, room>();
    current: number | null = null;
    rooms_known = false; // the list has been read once
    readonly link: link;

    private readonly rest: rest;
    private readonly outbox = new Map<string, unsettled>(); // by idempotency key: no answer yet
    private unsent: unsent; // the outbox, refused messages and drafts, as a reload finds them
    private readonly read_timers = new Map<number, number>(); // by room
    private opening = 0; // the room to open once the list is there
    private lists_asked = 0;
    private list_taken = 0; // which of them counts

    constructor(
        readonly me: caller,
        private readonly changed: () => void,
        private readonly notify: (text: string, kind: note_kind) => void,
        private readonly ask_credentials: (reason: string) => void,
    ) {
        this.rest = new rest(me);
        this.unsent = new unsent(me.id);
        this.link = new link(me, {
            state: () => changed(),
            message: (body) => this.on_message(body),
            refusal: (body) => this.on_refusal(body),
            notification: (body) => this.on_notification(body),
            direct: (body) => this.on_direct(body),
            room_refused: (id, reason) => this.on_room_refused(id, reason),
            credentials_refused: (reason) => ask_credentials(reason),
            connected_as: (name) => this.on_connected_as(name),
            ready: () => this.on_ready(),
            error: (text) => notify(text, 'error'),
            too_large: () => this.on_too_large(),
        });
    }

    get link_state(): link_state {
        return this.link.state;
    }

    get open_room(): room | null {
        return (this.current !== null && this.rooms.get(this.current)) || null;
    }

    // Messages; of those that the page does not have, each seq counts.
    unread(of: room): number {
        return of.timeline?.said_after(of.last_read) ?? 0;
    }

    total_unread(): number {
        let sum = 0;
        for (const one of this.rooms.values()) sum += this.unread(one);
        return sum;
    }

    async start(wanted_room: number | null): Promise<void> {
        this.opening = wanted_room ?? 0;
        this.link.start();
        await this.refresh_rooms();
    }

    set_nickname(nickname: string): void {
        this.me.nickname = nickname;
        save_identity(this.me);
        this.changed();
    }

    sign_in(authorization: string): void {
        this.me.authorization = authorization;
        save_authorization(authorization);
        this.link.restart();
    }

    // Reads the list of rooms again; on failure the old one stays. Of two that are under way the one that was asked for
    // later counts, in whichever order they come.
    async refresh_rooms(): Promise<void> {
        const turn = ++this.lists_asked;
        const {authorization} = this.me;
        let listed: wire_room[];
        try {
            listed = await this.rest.rooms();
        } catch (error) {
            if ((error as problem).status === 401) {
                // What was refused may be what the user said before.
                if (this.me.authorization === authorization) this.ask_credentials((error as problem).message);
            } else if ((error as problem).status !== 0) this.report(error);
            return;
        }
        if (turn < this.list_taken) return;
        this.list_taken = turn;
        const gone = new Set(this.rooms.keys());
        for (const one of listed) {
            gone.delete(one.chatRoomId);
            this.take_room(one);
        }
        for (const id of gone) this.drop_room(id);
        if (!this.rooms_known) {
            this.rooms_known = true;
            await this.first_rooms();
        }
        this.changed();
    }

    // Whoever is nowhere yet is taken to the first public room, so that the chat does not begin with an empty page.
    private async first_rooms(): Promise<void> {
        const all = [...this.rooms.values()];
        const mine = all.filter((one) => one.timeline);
        const first = all.filter((one) => one.type === 'PUBLIC').sort((a, b) => a.id - b.id)[0];
        if (mine.length === 0 && first && !this.opening) await this.join(first.id);
        else this.open(this.rooms.has(this.opening) ? this.opening : (mine[0]?.id ?? null));
    }

    open(id: number | null): void {
        if (id !== null && !this.rooms.has(id)) return;
        this.current = id;
        const room = this.open_room;
        if (room) {
            room.divider = this.unread(room) > 0 && room.last_read > 0 ? room.last_read : null;
            if (room.timeline && room.timeline.older === undefined) void this.load_older();
        }
        this.changed();
    }

    async create_room(name: string): Promise<void> {
        const made = await this.rest.create_room(name, this.me.nickname);
        await this.refresh_rooms();
        this.open(made.chatRoomId);
        this.no_news(made.chatRoomId);
    }

    async join(id: number): Promise<void> {
        try {
            await this.rest.join(id, this.me.nickname);
        } catch (error) {
            this.report(error);
            return;
        }
        await this.refresh_rooms();
        this.open(id);
        this.no_news(id);
    }

    async leave(id: number): Promise<void> {
        try {
            await this.rest.leave(id);
        } catch (error) {
            this.report(error);
            return;
        }
        this.forget_membership(id);
        await this.refresh_rooms();
    }

    // One's own arrival is nothing new.
    private no_news(id: number): void {
        const room = this.rooms.get(id);
        if (room) room.divider = null;
    }

    // The page of history before what is there.
    async load_older(): Promise<void> {
        const room = this.open_room;
        const line = room?.timeline;
        if (!room || !line || room.loading || room.history_retry || line.older === null) return;
        room.loading = true;
        this.changed();
        try {
            const page = await this.rest.messages(room.id, page_size, line.older);
            line.add_all(page.messages);
            line.older = page.nextCursor;
            this.drop_settled(room, line);
            room.history_wait = 0;
        } catch (error) {
            this.on_history_failed(room, error);
        } finally {
            room.loading = false;
            this.changed();
        }
        // Left and joined meanwhile: what came was for the timeline of before.
        const now = this.open_room?.timeline;
        if (now && now !== line && now.older === undefined) await this.load_older();
    }

    // Asked for again by itself, after longer and longer: the page would ask at once, and at once again.
    private on_history_failed(room: room, error: unknown): void {
        if (room.history_wait === 0) this.report(error);
        room.history_wait = Math.min(longest_history_wait, Math.max(first_history_wait, 2 * room.history_wait));
        room.history_retry = window.setTimeout(() => this.history_again(room), room.history_wait);
    }

    private history_again(room: room): void {
        clearTimeout(room.history_retry);
        room.history_retry = 0;
        this.changed(); // who looks at the top of what there is asks for more
        if (room.timeline?.has_gap) void this.fill_gap(room, room.timeline);
        else if (room === this.open_room && room.timeline?.older === undefined) void this.load_older();
    }

    send(content: string): void {
        const room = this.open_room;
        if (!room?.timeline) return;
        const key = new_key();
        this.unsent.keep(room.id, room.timeline.send(key, content, Date.now()));
        this.keep_draft(room, '');
        room.divider = null;
        room.typed_at = 0;
        this.outbox.set(key, {room: room.id, content});
        this.attempt(key);
        this.changed();
    }

    // A message that was refused, once more: under its old key, so that it can never be there twice.
    retry(key: string): void {
        const room = this.open_room;
        const own = room?.timeline?.find_own(key);
        if (!room || !own) return;
        own.state = 'sending';
        own.reason = undefined;
        own.in_doubt = undefined;
        this.unsent.keep(room.id, own);
        this.outbox.set(key, {room: room.id, content: own.content});
        this.attempt(key);
        this.changed();
    }

    discard(key: string): void {
        this.open_room?.timeline?.forget_own(key);
        this.unsent.drop(key);
        this.changed();
    }

    // What stands in the composer, not sent yet.
    draft(text: string): void {
        if (this.open_room) this.keep_draft(this.open_room, text);
    }

    private keep_draft(room: room, text: string): void {
        room.draft = text;
        this.unsent.keep_draft(room.id, text);
    }

    typing(): void {
        const room = this.open_room;
        const now = Date.now();
        if (!room?.timeline || now - room.typed_at < typing_interval) return;
        room.typed_at = now;
        this.link.send('/app/chat.typing', this.envelope(room.id, 'TYPING', ''));
    }

    // The newest message of the open room is on the screen.
    mark_read(): void {
        const room = this.open_room;
        if (!room?.timeline || room.timeline.last_seq <= room.last_read) return;
        room.last_read = room.timeline.last_seq;
        this.changed();
        clearTimeout(this.read_timers.get(room.id));
        this.read_timers.set(
            room.id,
            window.setTimeout(() => this.tell_read(room), read_delay),
        );
    }

    private tell_read(room: room): void {
        if (!room.timeline || room.last_read <= room.told_read) return;
        const told = this.link.send('/app/chat.read', {...this.envelope(room.id, 'READ', ''), lastReadSeq: room.last_read});
        if (told) room.told_read = room.last_read;
    }

    private envelope(id: number, type: string, content: string) {
        return {chatRoomId: id, senderId: this.me.id, senderNickname: this.me.nickname, content, messageType: type};
    }

    private attempt(key: string): void {
        const {room, content} = this.outbox.get(key)!;
        const stored = () => {
            this.outbox.delete(key);
            this.unsent.drop(key);
            const own = this.rooms.get(room)?.timeline?.find_own(key);
            if (own) own.state = 'stored';
            this.changed();
        };
        const refused = (reason: string) => this.refuse(key, reason);
        this.link.send('/app/chat.sendMessage', this.envelope(room, 'CHAT', content), {key, stored, refused});
    }

    // Will not be sent again by itself.
    private refuse(key: string, reason: string, in_doubt = false): void {
        const sent = this.outbox.get(key);
        if (!sent) return;
        this.outbox.delete(key);
        const own = this.rooms.get(sent.room)?.timeline?.find_own(key);
        if (own) {
            own.state = 'refused';
            own.reason = reason;
            own.in_doubt = in_doubt;
            this.unsent.keep(sent.room, own);
        } else {
            this.unsent.drop(key);
            this.notify(reason, 'error');
        }
        this.changed();
    }

    // Of what has no answer yet it was the longest; else it would be sent, and end the connection, for ever.
    private on_too_large(): void {
        const [longest] = [...this.outbox].sort(([, a], [, b]) => b.content.length - a.content.length);
        if (longest) this.refuse(longest[0], 'The message is too long.');
    }

    // Credentials name the user; what was remembered of another one is forgotten.
    private on_connected_as(name: string | undefined): string | null {
        if (!this.me.authorization) return null;
        const id = Number(name);
        if (!Number.isSafeInteger(id) || id <= 0)
            return `These credentials name ${name ? `"${name}"` : 'nobody'}, and no user of the chat by number. Sign in with others.`;
        keep_identity_in_tab();
        if (id !== this.me.id) {
            for (const room of this.rooms.keys()) this.drop_room(room);
            this.me.id = id;
            this.unsent = new unsent(id);
        }
        save_identity(this.me);
        return null;
    }

    private on_ready(): void {
        for (const key of this.outbox.keys()) this.attempt(key);
        for (const room of this.rooms.values()) this.tell_read(room);
        for (const room of this.rooms.values()) if (room.history_retry) this.history_again(room);
        const room = this.open_room;
        if (room?.timeline?.older === undefined) void this.load_older();
        void this.refresh_rooms();
    }

    private on_message(body: wire_body): void {
        const room = this.rooms.get(body.chatRoomId);
        if (!room?.timeline) return;
        if (is_stored(body)) {
            this.on_stored(room, room.timeline, body);
        } else if (body.messageType === 'TYPING') {
            if (body.senderId !== this.me.id) this.on_typing(room, body);
        } else if (body.messageType === 'EVENT') {
            this.announce(body, `${isolated(room.name)}: `);
        } else if (body.lastReadSeq !== undefined) {
            if (body.senderId === this.me.id) this.on_read_elsewhere(room.id, body.lastReadSeq);
            else room.seen.set(body.senderId, {nickname: body.senderNickname, seq: body.lastReadSeq});
        }
        this.changed();
    }

    private on_stored(room: room, line: timeline, body: wire_message): void {
        if (!line.add(body)) return;
        if (body.senderId === this.me.id) this.drop_settled(room, line);
        if (body.senderId === this.me.id && room.last_read === body.seq - 1) room.last_read = body.seq;
        room.typing.delete(body.senderId);
        if (body.messageType !== 'CHAT') this.on_membership(room, body);
        if (document.visibilityState === 'hidden' && room.divider === null && room.id === this.current)
            room.divider = room.last_read;
        if (line.has_gap) void this.fill_gap(room, line);
    }

    // A refused message, in doubt, has shown up in the room: it is not there to be sent again.
    private drop_settled(room: room, line: timeline): void {
        for (const {key} of this.unsent.of(room.id)) if (!this.outbox.has(key) && !line.find_own(key)) this.unsent.drop(key);
    }

    // Counted here: if every page asked again, one arrival would cost a request of each member.
    private on_membership(room: room, body: wire_message): void {
        if (room.members !== null) room.members += body.messageType === 'JOIN' ? 1 : -1;
        if (body.senderId === this.me.id) void this.refresh_rooms();
    }

    private on_typing(room: room, body: wire_event): void {
        room.typing.set(body.senderId, {nickname: body.senderNickname, until: Date.now() + typing_lasts});
        window.setTimeout(() => {
            for (const [who, one] of room.typing) if (one.until <= Date.now()) room.typing.delete(who);
            this.changed();
        }, typing_lasts + 50);
    }

    // The server replays what was missed, in order; should something be missing all the same (the replay has
    // a bound), it is read from the history.
    private async fill_gap(room: room, line: timeline): Promise<void> {
        if (room.loading || room.history_retry) return;
        room.loading = true;
        try {
            let cursor: string | null = null;
            do {
                const page = await this.rest.messages(room.id, page_size, cursor);
                line.add_all(page.messages);
                cursor = page.nextCursor;
            } while (cursor && line.has_gap);
            line.close_gap();
            room.history_wait = 0;
        } catch (error) {
            this.on_history_failed(room, error);
        } finally {
            room.loading = false;
            this.changed();
        }
        if (room === this.open_room && line.older === undefined) await this.load_older();
    }

    private on_refusal(body: wire_refusal): void {
        const subscribed = /^\/topic\/chatroom\/(\d+)$/.exec(body.destination ?? '')?.[1];
        if (body.idempotencyKey && this.outbox.has(body.idempotencyKey)) {
            this.refuse(body.idempotencyKey, body.reason, body.code === 'store_in_doubt');
        } else if (subscribed) {
            this.on_room_refused(Number(subscribed), body.reason);
        } else {
            this.notify(body.reason, 'error');
        }
        if (body.code === 'not_a_member') void this.refresh_rooms();
        this.changed();
    }

    private on_room_refused(id: number, reason: string): void {
        this.notify(`${isolated(this.rooms.get(id)?.name ?? 'The room')}: ${reason}`, 'error');
        this.forget_membership(id);
        void this.refresh_rooms();
    }

    private on_notification(body: unknown): void {
        const said = body as Record<string, unknown> | null;
        if (said?.type === 'UNREAD') this.on_read_elsewhere(Number(said.chatRoomId), Number(said.lastReadSeq));
        else if (said?.type === 'EVENT') this.announce(body as wire_notice, '');
    }

    private announce(said: wire_notice, about: string): void {
        const text = text_of(said);
        if (text !== null) this.notify(about + text, 'notice');
    }

    // On another device of the same user.
    private on_read_elsewhere(id: number, last_read: number): void {
        const room = this.rooms.get(id);
        if (!room?.timeline) return;
        room.told_read = Math.max(room.told_read, last_read);
        room.last_read = Math.max(room.last_read, last_read);
        this.changed();
    }

    private on_direct(body: unknown): void {
        const said = body as Record<string, unknown> | null;
        const text = said?.content ?? said?.message;
        if (said?.senderId === this.me.id || typeof text !== 'string') return;
        this.notify(`${isolated(String(said?.senderNickname ?? said?.senderId ?? 'Somebody'))}: ${text}`, 'info');
        // The first one of somebody: its room is not in the list yet.
        if (!this.rooms.get(Number(said?.chatRoomId))?.timeline) void this.refresh_rooms();
    }

    private take_room(listed: wire_room): void {
        const room: room = this.rooms.get(listed.chatRoomId) ?? {
            id: listed.chatRoomId,
            name: listed.name,
            type: listed.type,
            members: null,
            timeline: null,
            last_read: 0,
            divider: null,
            typing: new Map(),
            seen: new Map(),
            draft: this.unsent.draft(listed.chatRoomId),
            loading: false,
            history_retry: 0,
            history_wait: 0,
            told_read: 0,
            typed_at: 0,
        };
        this.rooms.set(room.id, room);
        room.name = listed.name;
        room.members = listed.memberCount ?? null;
        if (!listed.member) {
            this.forget_membership(room.id);
            return;
        }
        room.told_read = Math.max(room.told_read, listed.lastReadSeq ?? 0);
        room.last_read = Math.max(room.last_read, room.told_read);
        if (room.timeline) return;
        const line = new timeline(this.me.id, listed.lastSeq ?? 0);
        room.timeline = line;
        this.link.follow(room.id, () => line.contiguous);
        for (const {room: _, ...own} of this.unsent.of(room.id)) {
            line.restore(own);
            if (own.state !== 'sending') continue;
            this.outbox.set(own.key, {room: room.id, content: own.content});
            this.attempt(own.key);
        }
    }

    private forget_membership(id: number): void {
        const room = this.rooms.get(id);
        if (!room) return;
        this.unsent_to_draft(room);
        if (!room.timeline) return;
        this.link.unfollow(id);
        room.timeline = null;
        room.last_read = 0;
        room.told_read = 0;
        clearTimeout(room.history_retry);
        room.history_retry = 0;
        room.history_wait = 0;
        room.typing.clear();
        room.seen.clear();
        this.changed();
    }

    // What was written and did not get there is not lost: it stands in the composer when one is back.
    private unsent_to_draft(room: room): void {
        const texts = [room.draft];
        for (const {key, content} of this.unsent.of(room.id)) {
            if (!room.timeline || room.timeline.find_own(key)) texts.push(content);
            this.outbox.delete(key);
            this.unsent.drop(key);
        }
        this.keep_draft(room, texts.filter((one) => one !== '').join('\n'));
    }

    private drop_room(id: number): void {
        this.forget_membership(id);
        this.rooms.delete(id);
        if (this.current === id) this.current = null;
    }

    private report(error: unknown): void {
        this.notify(error instanceof Error ? error.message : String(error), 'error');
    }
}

// crypto.randomUUID is missing on plain http addresses other than localhost.
function new_key(): string {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
