// The messages of one room as this page knows them, and the messages it has sent itself.
//
// Pure: no network, no document. `contiguous` is the number that makes resuming exact: every message
// of the room up to it, from where the page began to listen, is here. A client that reconnects asks
// for what comes after it; a message that arrives twice is recognised by its seq.

import type {wire_message} from './wire';

export interface known_message extends wire_message {
    key: string; // stable for the life of the page, also while an own message becomes a stored one
}

export interface own_message {
    key: string; // the idempotency key of every attempt to send it
    content: string;
    sent_at: number;
    after: number; // the newest seq when it was written: its own will be higher
    state: 'sending' | 'stored' | 'refused';
    reason?: string;
    in_doubt?: boolean; // refused as what may be stored all the same
}

export class timeline {
    readonly own: own_message[] = []; // not yet seen in the room, oldest first
    older: string | null | undefined; // cursor of the page before; null: the beginning; undefined: not asked yet
    private messages_: known_message[] = []; // by seq, ascending

    constructor(
        private readonly user_id: number,
        private contiguous_: number,
    ) {}

    get contiguous(): number {
        return this.contiguous_;
    }

    get messages(): readonly known_message[] {
        return this.messages_;
    }

    get last_seq(): number {
        return Math.max(this.contiguous_, this.messages_.at(-1)?.seq ?? 0);
    }

    messages_from(seq: number): readonly known_message[] {
        return this.messages_.slice(this.place_of(seq));
    }

    // How many messages there are after this one. Who came and who went is none of them, where that is known.
    said_after(seq: number): number {
        const events = this.messages_.slice(this.place_of(seq + 1)).filter((one) => one.messageType !== 'CHAT').length;
        return Math.max(0, this.last_seq - seq - events);
    }

    // True: messages before the newest one are missing.
    get has_gap(): boolean {
        return this.last_seq > this.contiguous_;
    }

    // Answers whether it was new.
    add(message: wire_message): boolean {
        const at = this.place_of(message.seq);
        if (this.messages_[at]?.seq === message.seq) return false;
        this.messages_.splice(at, 0, {...message, key: this.settle(message) ?? `seq-${message.seq}`});
        this.advance();
        return true;
    }

    // A page of history.
    add_all(messages: readonly wire_message[]): void {
        for (const message of messages) this.add(message);
    }

    // The history has been read and does not have what is missing: it is gone for good.
    close_gap(): void {
        this.contiguous_ = this.last_seq;
    }

    send(key: string, content: string, now: number): own_message {
        const message: own_message = {key, content, sent_at: now, after: this.last_seq, state: 'sending'};
        this.own.push(message);
        return message;
    }

    // One that was written before the page was loaded again.
    restore(message: own_message): void {
        this.own.push(message);
    }

    find_own(key: string): own_message | undefined {
        return this.own.find((one) => one.key === key);
    }

    forget_own(key: string): void {
        const at = this.own.findIndex((one) => one.key === key);
        if (at >= 0) this.own.splice(at, 1);
    }

    // The room tells of a message, not of the attempt to send it. The oldest own one with this text is
    // meant; if the server changed the text, the oldest that is stored and has not shown up yet.
    private settle(message: wire_message): string | undefined {
        if (message.senderId !== this.user_id || message.messageType !== 'CHAT') return undefined;
        const candidates = this.own.filter((one) => (one.state !== 'refused' || one.in_doubt) && one.after < message.seq);
        const found =
            candidates.find((one) => one.content === message.content) ?? candidates.find((one) => one.state === 'stored');
        if (found) this.forget_own(found.key);
        return found?.key;
    }

    private place_of(seq: number): number {
        let low = 0;
        let high = this.messages_.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.messages_[middle].seq < seq) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private advance(): void {
        for (let at = this.place_of(this.contiguous_ + 1); this.messages_[at]?.seq === this.contiguous_ + 1; ++at)
            ++this.contiguous_;
    }
}
