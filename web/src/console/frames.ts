// The frames of a trace: as many as a page can show, the newest ones.

import type {wire_trace_line, wire_traced} from './wire';

export interface frame extends wire_traced {
    number: number; // counted from the start of the trace
    node: string;
}

export interface gap {
    number: number;
    node: string;
    skipped: number;
}

export type trace_row = frame | gap;

export const is_gap = (one: trace_row): one is gap => 'skipped' in one;

export class frame_buffer {
    rows: trace_row[] = [];
    seen = 0; // frames, those that fell out included
    skipped = 0;
    private last = 0;

    constructor(private readonly keeps: number) {}

    get dropped(): number {
        return this.last - this.rows.length;
    }

    take(node: string, lines: readonly wire_trace_line[]): void {
        for (const one of lines) {
            const number = ++this.last;
            if ('skipped' in one) {
                this.skipped += one.skipped;
                this.rows.push({number, node, skipped: one.skipped});
            } else {
                ++this.seen;
                this.rows.push({...one, number, node});
            }
        }
        if (this.rows.length > this.keeps) this.rows = this.rows.slice(-this.keeps);
    }

    clear(): void {
        this.rows = [];
        this.seen = this.skipped = this.last = 0;
    }

    // As the nodes say it, and which node did: one JSON value a line.
    text(): string {
        return this.rows.map(({number: _, ...one}) => `${JSON.stringify(one)}\n`).join('');
    }
}
