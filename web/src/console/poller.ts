// Does a job regularly: never twice at once, not while nobody looks, and at once when somebody looks again.

export class poller {
    private timer = 0;
    private running = false;
    private started = false;
    private again = false; // asked for while it was at work: what it finds may be older than the question
    private readonly on_visibility = () => {
        if (document.hidden) window.clearTimeout(this.timer);
        else void this.now();
    };

    // `job` deals with its own failures.
    constructor(
        private readonly job: () => Promise<void>,
        private readonly every: number, // ms, from the start of one to the start of the next unless it takes longer
    ) {}

    start(): void {
        if (this.started) return;
        this.started = true;
        document.addEventListener('visibilitychange', this.on_visibility);
        void this.now();
    }

    stop(): void {
        this.started = false;
        window.clearTimeout(this.timer);
        document.removeEventListener('visibilitychange', this.on_visibility);
    }

    // At once, or as soon as the job that is at work has ended; not while the tab is hidden.
    async now(): Promise<void> {
        this.again = this.running;
        if (!this.started || this.running || document.hidden) return;
        window.clearTimeout(this.timer);
        this.running = true;
        const began = performance.now();
        try {
            await this.job();
        } finally {
            this.running = false;
            const left = this.again ? 0 : Math.max(0, this.every - (performance.now() - began));
            if (this.started && !document.hidden) this.timer = window.setTimeout(() => void this.now(), left);
        }
    }
}
