// What the nodes did in the last minutes, sampled for all of them at the same moments, so that their values can be added.

export const metrics = [
    'deliveries',
    'frames',
    'connections',
    'delivery_p50',
    'delivery_p99',
    'commit_p50',
    'commit_p99',
    'registry_p99',
    'memory',
    'cpu',
    'outbox',
    'queued',
] as const;

export type metric = (typeof metrics)[number];
export type point = Partial<Record<metric, number>>; // what is missing is not known
export type value = number | null;

export class history {
    readonly times: number[] = [];
    private readonly points = new Map<string, (point | null)[]>();

    constructor(private readonly keeps: number) {}

    get nodes(): string[] {
        return [...this.points.keys()].sort();
    }

    add(at: number, now: ReadonlyMap<string, point>): void {
        for (const node of now.keys())
            if (!this.points.has(node)) this.points.set(node, this.times.map(() => null));
        this.times.push(at);
        for (const [node, all] of this.points) all.push(now.get(node) ?? null);
        if (this.times.length <= this.keeps) return;
        this.times.shift();
        for (const [node, all] of this.points) {
            all.shift();
            if (all.every((one) => one === null)) this.points.delete(node);
        }
    }

    of(node: string, what: metric): value[] {
        return (this.points.get(node) ?? []).map((one) => one?.[what] ?? null);
    }

    // Of all nodes that were known at a moment; null where none was.
    sum(what: metric): value[] {
        return this.joined(what, (a, b) => a + b);
    }

    worst(what: metric): value[] {
        return this.joined(what, Math.max);
    }

    private joined(what: metric, join: (a: number, b: number) => number): value[] {
        const all = [...this.points.values()];
        return this.times.map((_, at) =>
            all.reduce<value>((sum, of_node) => {
                const one = of_node[at]?.[what] ?? null;
                return one === null ? sum : sum === null ? one : join(sum, one);
            }, null),
        );
    }
}
