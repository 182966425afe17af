// What is known of the nodes. Every node is asked on its own, so that one that does not answer holds up nobody, and
// never again before it has answered or its time is over.

import {api, reason_of} from './api';
import {history, point} from './history';
import {look, look_at, measure} from './measures';
import type {wire_overview} from './wire';

export const tick = 2000; // ms between two samples
const keeps = 900; // samples: half an hour
const recent = 60_000; // ms over which events are counted
const remembers_gone = 600_000; // ms for which a node that left is still shown
const knows_nodes_for = 10_000; // ms between two looks at the list of nodes

export type condition = 'ready' | 'draining' | 'not_ready' | 'silent' | 'gone' | 'unknown';

export interface node {
    id: string;
    address: string;
    self: boolean; // it is the one that serves this page
    listed: boolean;
    overview: wire_overview | null; // the last one that came
    now: point; // what is measured between the last two
    samples: look[]; // of the last minute
    problem: string | null; // why the last question was not answered
    heard: number; // ms since the epoch when it last answered; before that, when it was first asked
    asking: boolean;
}

export function condition_of(one: node): condition {
    if (!one.listed) return 'gone';
    if (one.problem !== null) return 'silent';
    if (!one.overview) return 'unknown';
    if (one.overview.draining) return 'draining';
    return one.overview.ready ? 'ready' : 'not_ready';
}

export class cluster {
    readonly history = new history(keeps);
    readonly known = new Map<string, node>();
    problem: string | null = null; // why the list of nodes is not known
    private listed_at = 0;
    private listing = false;

    // `changed` is called whenever there is something new to show.
    constructor(
        private readonly source: Pick<api, 'nodes' | 'overview'>,
        private readonly changed: () => void,
    ) {}

    get nodes(): node[] {
        return [...this.known.values()].sort((a, b) => a.id.localeCompare(b.id, undefined, {numeric: true}));
    }

    // Those to ask for sessions and rooms.
    get present(): string[] {
        return this.nodes.filter((one) => one.listed).map((one) => one.id);
    }

    // The node's own time, ms since the epoch: whoever looks may have a clock that is wrong.
    time_at(id: string, now = Date.now()): number {
        const one = this.known.get(id);
        if (!one?.overview) return now;
        return Date.parse(one.overview.startedAt) + 1000 * one.overview.uptimeSeconds + (now - one.heard);
    }

    // Takes a sample of what is known, and asks for more without waiting for it.
    sample(now = Date.now()): void {
        const fresh = new Map<string, point>();
        for (const one of this.known.values())
            if (one.overview && one.problem === null && now - one.heard < 3 * tick) fresh.set(one.id, one.now);
        if (fresh.size > 0) this.history.add(now, fresh);
        if (now - this.listed_at >= (this.problem === null ? knows_nodes_for : tick)) void this.list(now);
        for (const one of this.known.values()) if (one.listed) void this.ask(one);
        this.changed();
    }

    // Fails as the question does.
    async first(): Promise<void> {
        await this.list(Date.now(), true);
    }

    private async list(now: number, strict = false): Promise<void> {
        if (this.listing) return;
        this.listing = true;
        try {
            const {self, nodes} = await this.source.nodes();
            this.listed_at = now;
            this.problem = null;
            this.take_list(self, nodes, now);
        } catch (error) {
            if (strict) throw error;
            this.problem = reason_of(error);
        } finally {
            this.listing = false;
            this.changed();
        }
    }

    private take_list(self: string, nodes: readonly {id: string; address: string}[], now: number): void {
        for (const one of this.known.values()) one.listed = false;
        for (const {id, address} of nodes) {
            const known = this.known.get(id);
            if (known) Object.assign(known, {address, self: id === self, listed: true});
            else {
                const fresh: node = {id, address, self: id === self, listed: true, overview: null, now: {}, samples: [], problem: null, heard: now, asking: false};
                this.known.set(id, fresh);
                void this.ask(fresh);
            }
        }
        for (const one of this.known.values()) if (!one.listed && now - one.heard > remembers_gone) this.known.delete(one.id);
    }

    private async ask(one: node): Promise<void> {
        if (one.asking) return;
        one.asking = true;
        try {
            const overview = await this.source.overview(one.id);
            const at = Date.now();
            const taken = look_at(overview, at);
            const last = one.samples.at(-1) ?? null;
            one.now = measure(overview, one.samples, last && at - last.at < 5 * tick ? last : null, taken);
            one.samples = [...one.samples.filter((each) => at - each.at <= recent), taken];
            one.overview = overview;
            one.heard = at;
            one.problem = null;
        } catch (error) {
            one.problem = reason_of(error);
        } finally {
            one.asking = false;
            this.changed();
        }
    }
}
