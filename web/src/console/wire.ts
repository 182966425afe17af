// What the console's REST side says; see docs/console.md.

// A counter is a number, or numbers by name: deliveries, frames by command.
export type counter = number | {[name: string]: counter};

export interface wire_node {
    id: string;
    address: string;
}

export interface wire_nodes {
    self: string;
    nodes: wire_node[];
}

export interface wire_link {
    name: string;
    up: boolean;
    why?: string;
}

export interface wire_latency {
    p50Ms: number;
    p99Ms: number;
    count: number;
    buckets?: [boundMs: number | null, atMost: number][]; // since the node started; the last has no bound
}

export interface wire_gauges {
    connections?: counter; // by transport
    sessions?: number;
    subscriptions?: number;
    queuedBytes?: number;
    outboxRows?: number;
    residentBytes?: number;
    latencies?: Partial<Record<'delivery' | 'commit' | 'registry', wire_latency>>;
}

export interface wire_overview {
    id: string;
    version: string;
    startedAt: string; // UTC, ISO 8601
    uptimeSeconds: number;
    ready: boolean;
    draining: boolean;
    links: wire_link[];
    counters: {[name: string]: counter}; // they only grow, until the node is started again
    gauges: wire_gauges;
}

export interface wire_destination {
    destination: string;
    subscribers: number;
}

export interface wire_session {
    session: string;
    user: string;
    transport: string;
    address: string;
    since: string; // UTC, ISO 8601
    version: string;
    subscriptions: number;
    queuedBytes: number;
    heartBeat: string; // "in,out" in milliseconds
}

export interface wire_sessions {
    sessions: wire_session[];
    more: boolean;
}

export interface wire_subscription {
    id: string;
    destination: string;
    ack: string;
    pending: number;
}

export type wire_session_detail = Omit<wire_session, 'subscriptions'> & {subscriptions: wire_subscription[]};

export interface wire_ban {
    user: string;
    by: string;
    since: string;
    reason: string;
}

export interface wire_broadcast {
    to: 'all' | 'user' | 'room';
    id?: string;
    message: object;
}

export interface wire_traced {
    time: string;
    session: string;
    user: string;
    direction: 'in' | 'out';
    command: string;
    headers: Record<string, string>;
    bodyBytes: number;
}

// So many frames came faster than they could be told.
export interface wire_skipped {
    skipped: number;
}

export type wire_trace_line = wire_traced | wire_skipped;
