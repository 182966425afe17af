// The STOMP connection: keeps itself up, follows rooms, and says what happens to each frame sent.
//
// Every attempt is a client of its own; waiting between attempts grows to 15 s and is random, so that the
// users of a restarted node do not all come back in the same instant. A room is subscribed to with the
// number of the last message that was seen: the server replays what came after it, then goes live.

import {Client, type IFrame, type IMessage, type IStompSocket} from '@stomp/stompjs';

import type {caller} from './identity';
import type {wire_body, wire_refusal} from './wire';

declare const SockJS: new (url: string, protocols?: null, options?: {transports?: string[]}) => IStompSocket & {transport: string};

export type link_state =
    | {phase: 'connecting'}
    | {phase: 'online'; transport: string}
    | {phase: 'waiting'; until: number}
    | {phase: 'ended'; reason: string} // the server wants no other attempt; retry_now() makes one
    | {phase: 'refused'}; // until restart() with other credentials

export interface link_events {
    state(state: link_state): void;
    message(body: wire_body): void;
    refusal(body: wire_refusal): void;
    notification(body: unknown): void;
    direct(body: unknown): void;
    room_refused(room: number, reason: string): void;
    credentials_refused(reason: string): void;
    // The user that the credentials name, as the server says it. Answers why others are wanted, if they are.
    connected_as(name: string | undefined): string | null;
    // Every followed room is live again; what was under way when the connection broke can be sent again.
    ready(): void;
    error(text: string): void;
    // The connection ended because of something that was sent and was too large; the server did not say what.
    too_large(): void;
}

const first_wait = 500; // ms
const holds_after = 5_000; // a connection that breaks sooner is a failed attempt like those before it
const message_too_big = 1009;
const longest_wait = 15_000;

export class link {
    private client: Client | null = null;
    private state_: link_state = {phase: 'connecting'};
    private failures = 0;
    private online_since = Infinity;
    private told_error = false; // by the server, on this connection
    private wanted_wait = 0; // by the server
    private readonly sent = new Map<string, (reason: string) => void>(); // by receipt: who hears of a refusal
    private timer = 0;
    private followed = new Map<number, () => number>(); // room: the last seq seen
    private readonly subscribed = new Set<number>(); // on this connection
    private next_receipt = 0;

    constructor(
        private readonly me: caller,
        private readonly events: link_events,
    ) {
        window.addEventListener('online', () => this.retry_now());
        document.addEventListener('visibilitychange', () => {
            if (document.visibilityState === 'visible') this.retry_now();
        });
    }

    get state(): link_state {
        return this.state_;
    }

    start(): void {
        if (!this.client) this.connect();
    }

    // With other credentials.
    restart(): void {
        const old = this.client;
        this.client = null;
        void old?.deactivate({force: true});
        this.failures = 0;
        this.connect();
    }

    // Does not wait any longer before the next attempt.
    retry_now(): void {
        if (this.state_.phase === 'waiting' || this.state_.phase === 'ended') this.connect();
    }

    follow(room: number, last_seq: () => number): void {
        if (this.followed.has(room)) return;
        this.followed.set(room, last_seq);
        if (this.client?.connected) this.subscribe_room(this.client, room, () => {});
    }

    unfollow(room: number): void {
        this.followed.delete(room);
        if (this.subscribed.delete(room) && this.client?.connected) this.client.unsubscribe(`room-${room}`);
    }

    // Answers whether the frame left. `stored` is called when the server has committed it, `refused` when it ended the
    // connection because of it.
    send(destination: string, body: object, options: {key?: string; stored?: () => void; refused?: (reason: string) => void} = {}): boolean {
        const client = this.client;
        if (!client?.connected) return false;
        const headers: Record<string, string> = {'content-type': 'application/json'};
        if (options.key) headers['idempotency-key'] = options.key;
        if (options.stored) {
            headers.receipt = this.expect_receipt(client, () => {
                this.sent.delete(headers.receipt);
                options.stored!();
            });
            if (options.refused) this.sent.set(headers.receipt, options.refused);
        }
        client.publish({destination, headers, body: JSON.stringify(body)});
        return true;
    }

    private connect(): void {
        clearTimeout(this.timer);
        this.online_since = Infinity;
        this.told_error = false;
        this.wanted_wait = 0;
        this.sent.clear();
        this.set_state({phase: 'connecting'});
        let socket: ReturnType<typeof open_socket> | undefined;
        const client = new Client({
            webSocketFactory: () => (socket = open_socket()),
            connectHeaders: this.me.authorization ? {Authorization: this.me.authorization} : {login: String(this.me.id)},
            reconnectDelay: 0,
            connectionTimeout: 12_000,
            heartbeatIncoming: 10_000,
            heartbeatOutgoing: 10_000,
            onConnect: (frame) => this.connected(client, socket?.transport ?? '', frame.headers['user-name']),
            onStompError: (frame) => this.refused(client, frame),
            onWebSocketClose: (event: {code?: number}) => this.lost(client, event.code),
        });
        this.client = client;
        client.activate();
    }

    private connected(client: Client, transport: string, name: string | undefined): void {
        if (this.client !== client) return;
        this.subscribed.clear();
        const unfit = this.events.connected_as(name);
        if (unfit !== null) {
            this.ask_others(unfit);
            void client.deactivate();
            return;
        }
        const read = (call: (body: never) => void) => (message: IMessage) => call(JSON.parse(message.body) as never);
        client.subscribe('/user/queue/errors', read(this.events.refusal), {id: 'errors'});
        client.subscribe('/user/queue/notifications', read(this.events.notification), {id: 'notifications'});
        client.subscribe('/user/queue/messages', read(this.events.direct), {id: 'messages'});
        let waiting = 1;
        const one_more = () => {
            if (--waiting > 0 || this.client !== client) return;
            this.online_since = Date.now();
            this.set_state({phase: 'online', transport});
            this.events.ready();
        };
        for (const room of this.followed.keys()) {
            ++waiting;
            this.subscribe_room(client, room, one_more);
        }
        one_more();
    }

    private subscribe_room(client: Client, room: number, live: () => void): void {
        this.subscribed.add(room);
        client.subscribe(`/topic/chatroom/${room}`, (message) => this.events.message(JSON.parse(message.body)), {
            id: `room-${room}`,
            'x-last-seq': String(this.followed.get(room)!()),
            receipt: this.expect_receipt(client, live, `room-${room}-`),
        });
    }

    private expect_receipt(client: Client, then: () => void, prefix = 'sent-'): string {
        const id = `${prefix}${++this.next_receipt}`;
        client.watchForReceipt(id, then);
        return id;
    }

    // An ERROR frame: the server closes the connection after it.
    private refused(client: Client, frame: IFrame): void {
        if (this.client !== client) return;
        const text = frame.body.trim() || frame.headers.message || 'The server refused a request.';
        const code = frame.headers.code ?? '';
        const receipt = frame.headers['receipt-id'] ?? '';
        const room = /^room-(\d+)-/.exec(receipt)?.[1];
        const sender = this.sent.get(receipt);
        this.told_error = true;
        this.wanted_wait = Number(frame.headers['retry-after']) || 0;
        if (/^(bad_|no_)?(credentials|token)/.test(code)) {
            this.ask_others(text);
        } else if (room && !code.startsWith('store_')) {
            this.followed.delete(Number(room));
            this.subscribed.delete(Number(room));
            this.events.room_refused(Number(room), text);
        } else if (sender && !code.startsWith('store_')) {
            sender(text);
        } else if (code === 'banned' || code === 'too_many_sessions') {
            this.client = null;
            this.set_state({phase: 'ended', reason: text});
            this.events.error(text);
        } else {
            this.events.error(text);
        }
    }

    // For other credentials.
    private ask_others(reason: string): void {
        this.client = null;
        this.set_state({phase: 'refused'});
        this.events.credentials_refused(reason);
    }

    private lost(client: Client, code?: number): void {
        if (this.client !== client) return;
        this.client = null;
        if (code === message_too_big && !this.told_error) this.events.too_large();
        if (Date.now() - this.online_since > holds_after) this.failures = 0;
        const longest = Math.min(longest_wait, first_wait * 2 ** this.failures++);
        const wait = Math.max(this.wanted_wait, longest * (0.5 + Math.random() / 2));
        this.set_state({phase: 'waiting', until: Date.now() + wait});
        this.timer = window.setTimeout(() => this.connect(), wait);
    }

    private set_state(state: link_state): void {
        this.state_ = state;
        this.events.state(state);
    }
}

// `?transport=xhr-polling` in the page's address limits SockJS to that transport, to see what a proxy lets through.
function open_socket() {
    const wanted = new URLSearchParams(location.search).get('transport');
    return wanted ? new SockJS('/ws-chat', null, {transports: wanted.split(',')}) : new SockJS('/ws-chat');
}
