// Numbers as people read them, with their units.

const whole = new Intl.NumberFormat(undefined, {maximumFractionDigits: 0});
const digits = [0, 1, 2, 3].map((count) => new Intl.NumberFormat(undefined, {maximumFractionDigits: count}));
const time = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const hour_and_minute = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const day_and_time = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});

export const nothing = '–';

// Three significant digits at least: 0.25, 12.3, 1,234.
function short(value: number): string {
    const size = Math.abs(value);
    return digits[size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3].format(value);
}

export const count = (value: number) => whole.format(value);

// For places without room: 12,345 and 1.23 M.
export function brief(value: number): string {
    const size = Math.abs(value);
    if (size >= 1e9) return `${short(value / 1e9)} G`;
    if (size >= 1e6) return `${short(value / 1e6)} M`;
    return size >= 1000 ? count(value) : short(value);
}

export const per_second = (value: number) => `${brief(value)}/s`;

const byte_units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(value: number): string {
    let unit = 0;
    for (; Math.abs(value) >= 1024 && unit + 1 < byte_units.length; ++unit) value /= 1024;
    return `${short(value)} ${byte_units[unit]}`;
}

export const milliseconds = (value: number) => (value >= 1000 ? `${short(value / 1000)} s` : `${short(value)} ms`);

// Of one core: 2 means two cores at work.
export const cores = (value: number) => `${short(value * 100)} %`;

export function duration(seconds: number): string {
    const parts = [
        [86_400, 'd'],
        [3600, 'h'],
        [60, 'min'],
        [1, 's'],
    ] as const;
    let left = Math.max(0, Math.floor(seconds));
    const said: string[] = [];
    for (const [size, unit] of parts) {
        if (left >= size) said.push(`${Math.floor(left / size)} ${unit}`);
        else if (said.length > 0) break;
        left %= size;
        if (said.length === 2) break;
    }
    return said.join(' ') || '0 s';
}

// What the server wrote, where it is no time.
const of_time = (shown: Intl.DateTimeFormat) => (at: string | number) => {
    const when = typeof at === 'number' ? at : Date.parse(at);
    return Number.isNaN(when) ? String(at) : shown.format(when);
};

export const clock = of_time(time);
export const minute = of_time(hour_and_minute);
export const moment = of_time(day_and_time);

// With milliseconds, for frames.
export function exact_clock(at: string): string {
    const when = new Date(at);
    return Number.isNaN(when.getTime()) ? at : `${time.format(when)}.${String(when.getMilliseconds()).padStart(3, '0')}`;
}

// "slow_consumer", "outboxRows" → "slow consumer", "outbox rows"
export const words = (name: string) => name.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
