// How numbers are written, as in the bench's own tables.

function trimmed(value: number, digits: number): string {
    return String(Number(value.toFixed(digits)));
}

// Three significant digits, thousands apart.
export function number_text(value: number): string {
    const size = Math.abs(value);
    if (size >= 99.95) return Math.round(value).toLocaleString('en-US');
    if (size >= 9.995) return trimmed(value, 1);
    if (size >= 0.9995) return trimmed(value, 2);
    return size === 0 ? '0' : String(Number(value.toPrecision(size >= 0.001 ? 3 : 2)));
}

const durations: [string, number][] = [['ns', 1e-9], ['us', 1e-6], ['ms', 1e-3], ['s', 1]];
const sizes: [string, number][] = [['B', 1], ['KiB', 1024], ['MiB', 1024 ** 2], ['GiB', 1024 ** 3]];

function scaled(value: number, unit: string, steps: [string, number][]): string {
    const whole = value * steps.find(([name]) => name === unit)![1];
    const best = steps.findLast(([, size]) => Math.abs(whole) >= size * (1 - 1e-12)) ?? steps[0]!;
    const [name, size] = whole === 0 ? [unit, 1] : best;
    return `${number_text(whole / size)} ${name === 'us' ? 'µs' : name}`;
}

export function value_text(value: number | null | undefined, unit: string): string {
    if (value === null || value === undefined) return '–';
    for (const steps of [durations, sizes]) {
        if (steps.some(([name]) => name === unit)) return scaled(value, unit, steps);
    }
    if (unit === '' || unit.startsWith('/')) return number_text(value) + unit;
    return `${number_text(value)} ${unit}`;
}

// For an axis: 20k, 1.5M.
export function short_text(value: number): string {
    const size = Math.abs(value);
    if (size >= 1e9) return `${trimmed(value / 1e9, 2)}G`;
    if (size >= 1e6) return `${trimmed(value / 1e6, 2)}M`;
    if (size >= 1e4) return `${trimmed(value / 1e3, 1)}k`;
    return number_text(value);
}

export function ratio_text(median: number): string {
    if (median >= 99.95 || median === 0) return `${number_text(median)}×`;
    return `${median.toFixed(median >= 9.995 ? 1 : median >= 0.9995 ? 2 : 3)}×`;
}
