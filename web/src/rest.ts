// The REST side of the chat: rooms, membership, history.

import type {caller} from './identity';
import {json_of, problem, unreachable} from './problem';
import type {wire_page, wire_room} from './wire';

export class rest {
    constructor(private readonly me: caller) {}

    // Public ones and one's own.
    async rooms(): Promise<wire_room[]> {
        const all: wire_room[] = [];
        let cursor: string | null = null;
        do {
            const from: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
            const page: {rooms: wire_room[]; nextCursor: string | null} = await this.call(
                'GET',
                `/rooms?userId=${this.me.id}&limit=100${from}`,
            );
            all.push(...page.rooms);
            cursor = page.nextCursor;
        } while (cursor);
        return all;
    }

    create_room(name: string, nickname: string): Promise<wire_room> {
        return this.call('POST', '/rooms', {name, type: 'PUBLIC', creatorId: this.me.id, nickname});
    }

    // Succeeds as well when the user is a member already.
    async join(room: number, nickname: string): Promise<void> {
        try {
            await this.call('POST', `/rooms/${room}/join`, {userId: this.me.id, nickname});
        } catch (error) {
            if (!(error instanceof problem && error.code === 'already_a_member')) throw error;
        }
    }

    async leave(room: number): Promise<void> {
        try {
            await this.call('POST', `/rooms/${room}/leave`, {userId: this.me.id});
        } catch (error) {
            if (!(error instanceof problem && error.code === 'not_a_member')) throw error;
        }
    }

    messages(room: number, limit: number, cursor?: string | null): Promise<wire_page> {
        const from = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
        return this.call('GET', `/rooms/${room}/messages?limit=${limit}${from}`);
    }

    private async call<T>(method: string, path: string, body?: object): Promise<T> {
        let answer: Response;
        try {
            answer = await fetch(`/api/chat${path}`, {
                method,
                headers: {
                    ...(this.me.authorization ? {Authorization: this.me.authorization} : {'X-User-Id': String(this.me.id)}),
                    Accept: 'application/json',
                    ...(body && {'Content-Type': 'application/json'}),
                },
                body: body && JSON.stringify(body),
                cache: 'no-store',
            });
        } catch {
            throw unreachable();
        }
        return json_of(answer);
    }
}
