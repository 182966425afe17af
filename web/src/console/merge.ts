// What several nodes say of the same, put together.

import type {wire_destination} from './wire';

export interface room {
    destination: string;
    subscribers: number;
    nodes: {node: string; subscribers: number}[]; // those with subscribers, most first
}

export function merge_rooms(said: readonly {node: string; rooms: readonly wire_destination[]}[]): room[] {
    const all = new Map<string, room>();
    for (const {node, rooms} of said) {
        for (const {destination, subscribers} of rooms) {
            const one = all.get(destination) ?? {destination, subscribers: 0, nodes: []};
            one.subscribers += subscribers;
            one.nodes.push({node, subscribers});
            all.set(destination, one);
        }
    }
    for (const one of all.values()) one.nodes.sort((a, b) => b.subscribers - a.subscribers || a.node.localeCompare(b.node));
    return [...all.values()].sort((a, b) => b.subscribers - a.subscribers || a.destination.localeCompare(b.destination));
}

export interface answers<T> {
    good: {node: string; value: T}[];
    failed: {node: string; why: string}[];
}

// Asks all nodes at once; who fails is named and spoils nothing.
export async function ask_all<T>(nodes: readonly string[], ask: (node: string) => Promise<T>, why: (error: unknown) => string): Promise<answers<T>> {
    const out: answers<T> = {good: [], failed: []};
    const all = await Promise.allSettled(nodes.map(ask));
    for (const [at, one] of all.entries()) {
        if (one.status === 'fulfilled') out.good.push({node: nodes[at], value: one.value});
        else out.failed.push({node: nodes[at], why: why(one.reason)});
    }
    return out;
}
