// The console's REST side, as docs/console.md describes it.

import {json_of, problem, unreachable} from '../problem';
import type {
    wire_ban,
    wire_broadcast,
    wire_destination,
    wire_nodes,
    wire_overview,
    wire_session_detail,
    wire_sessions,
    wire_trace_line,
} from './wire';
import {line_reader} from './ndjson';

const patience = 8000; // ms; whoever does not answer in that time is said not to answer

export interface session_search {
    user: string;
    session: string;
    destination: string;
    slow: boolean;
}

const part = encodeURIComponent;

function query(words: Record<string, string | number | boolean>): string {
    const given = Object.entries(words).filter(([, value]) => value !== '' && value !== false);
    return given.length > 0 ? `?${given.map(([key, value]) => `${key}=${part(value)}`).join('&')}` : '';
}

// What is shown of whatever was thrown.
export function reason_of(error: unknown): string {
    if (error instanceof problem) return error.message;
    return error instanceof Error && error.name === 'AbortError' ? 'It does not answer.' : String(error);
}

export class api {
    // `refused`: called when the credentials are not, or no longer, good enough.
    constructor(
        private readonly authorization: string,
        private readonly refused: (why: problem) => void,
    ) {}

    nodes = () => this.get<wire_nodes>('/nodes');
    overview = (node: string) => this.get<wire_overview>(`/nodes/${part(node)}/overview`);

    async rooms(node: string, limit: number): Promise<wire_destination[]> {
        return (await this.get<{destinations: wire_destination[]}>(`/nodes/${part(node)}/rooms${query({limit})}`)).destinations;
    }

    sessions = (node: string, {user, session, destination, slow}: session_search, limit: number) =>
        this.get<wire_sessions>(`/nodes/${part(node)}/sessions${query({user, session, destination, slow, limit})}`);
    session = (node: string, session: string) => this.get<wire_session_detail>(this.path_of(node, session));
    kick = (node: string, session: string) => this.call<void>('DELETE', this.path_of(node, session));
    unsubscribe = (node: string, session: string, subscription: string) =>
        this.call<void>('DELETE', `${this.path_of(node, session)}/subscriptions${query({id: subscription})}`);

    async bans(): Promise<wire_ban[]> {
        return (await this.get<{bans: wire_ban[]}>('/bans')).bans;
    }

    // Named in the query: "." and ".." do not stay in an address.
    ban = (user: string, reason: string) => this.call<void>('PUT', `/bans${query({user})}`, {reason});
    unban = (user: string) => this.call<void>('DELETE', `/bans${query({user})}`);
    broadcast = (what: wire_broadcast) => this.call<void>('POST', '/broadcast', what);

    // Calls `take` with what comes, until the node ends the trace or `signal` does.
    async trace(
        node: string,
        what: {user: string} | {destination: string},
        seconds: number,
        signal: AbortSignal,
        opened: () => void,
        take: (lines: wire_trace_line[]) => void,
    ): Promise<void> {
        const answer = await this.fetch('GET', `/nodes/${part(node)}/trace${query({...what, seconds})}`, signal);
        if (!answer.ok || !answer.body) return json_of<void>(answer).catch((error) => this.complain(error));
        opened();
        const source = answer.body.getReader();
        const lines = new line_reader<wire_trace_line>();
        for (;;) {
            const {done, value} = await source.read();
            if (done) break;
            take(lines.take(value));
        }
        take(lines.end());
    }

    private path_of(node: string, session: string): string {
        return `/nodes/${part(node)}/sessions/${part(session)}`;
    }

    private get<T>(path: string): Promise<T> {
        return this.call<T>('GET', path);
    }

    private async call<T>(method: string, path: string, body?: object): Promise<T> {
        const stop = new AbortController();
        const timer = window.setTimeout(() => stop.abort(), patience);
        try {
            return await json_of<T>(await this.fetch(method, path, stop.signal, body));
        } catch (error) {
            return this.complain(stop.signal.aborted ? new problem(0, 'no_answer', 'It does not answer.') : error);
        } finally {
            window.clearTimeout(timer);
        }
    }

    private complain(error: unknown): never {
        if (error instanceof problem && (error.status === 401 || error.status === 403)) this.refused(error);
        throw error;
    }

    private async fetch(method: string, path: string, signal: AbortSignal, body?: object): Promise<Response> {
        try {
            return await fetch(`/console/api${path}`, {
                method,
                headers: {
                    Authorization: this.authorization,
                    Accept: 'application/json, application/x-ndjson',
                    ...(body && {'Content-Type': 'application/json'}),
                },
                body: body && JSON.stringify(body),
                cache: 'no-store',
                credentials: 'omit',
                signal,
            });
        } catch (error) {
            if (signal.aborted) throw error;
            throw unreachable();
        }
    }
}
