// The REST side of the chat: rooms, membership, history.

import type {caller} from './identity';
import type {wire_page, wire_room} from './wire';

// An answer that is not 2xx, as RFC 9457 problem details say it.
export class problem extends Error {
    constructor(
        readonly status: number, // 0: no answer at all
        readonly code: string,
        text: string,
    ) {
        super(text);
    }
}

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
            throw new problem(0, 'unreachable', 'The server cannot be reached.');
        }
        const said = await answer.json().catch(() => null);
        if (!answer.ok)
            throw new problem(answer.status, said?.code ?? '', said?.detail ?? said?.title ?? `The server answered ${answer.status}.`);
        return said as T;
    }
}
