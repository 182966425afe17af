// What one user has written in this tab and the server has not answered for: unfinished messages by room, and messages
// on their way or refused. Kept until the tab is closed, so that a reload loses none of it.

import {remember, remembered} from './storage';
import type {own_message} from './timeline';

export interface unsent_message extends own_message {
    room: number;
}

interface content {
    drafts: Record<number, string>;
    messages: unsent_message[]; // in the order in which they were written
}

export class unsent {
    private readonly key: string;
    private readonly content: content;

    constructor(user: number) {
        this.key = `stampede.unsent.${user}`;
        this.content = read(this.key);
    }

    draft(room: number): string {
        return this.content.drafts[room] ?? '';
    }

    keep_draft(room: number, text: string): void {
        if (this.draft(room) === text) return;
        if (text === '') delete this.content.drafts[room];
        else this.content.drafts[room] = text;
        this.save();
    }

    of(room: number): unsent_message[] {
        return this.content.messages.filter((one) => one.room === room);
    }

    // As it is now, under its key.
    keep(room: number, message: own_message): void {
        const at = this.content.messages.findIndex((one) => one.key === message.key);
        this.content.messages.splice(at >= 0 ? at : this.content.messages.length, 1, {...message, room});
        this.save();
    }

    drop(key: string): void {
        const at = this.content.messages.findIndex((one) => one.key === key);
        if (at < 0) return;
        this.content.messages.splice(at, 1);
        this.save();
    }

    private save(): void {
        remember('sessionStorage', this.key, JSON.stringify(this.content));
    }
}

function read(key: string): content {
    try {
        const {drafts, messages} = JSON.parse(remembered('sessionStorage', key) ?? '{}');
        return {drafts: {...drafts}, messages: Array.isArray(messages) ? messages : []};
    } catch {
        return {drafts: {}, messages: []};
    }
}
