// A browser may forbid storage (private windows, blocked cookies); the page then works without memory.

function area(kind: 'localStorage' | 'sessionStorage'): Storage | null {
    try {
        return window[kind];
    } catch {
        return null;
    }
}

export function remembered(kind: 'localStorage' | 'sessionStorage', key: string): string | null {
    try {
        return area(kind)?.getItem(key) ?? null;
    } catch {
        return null;
    }
}

export function remember(kind: 'localStorage' | 'sessionStorage', key: string, value: string): void {
    try {
        area(kind)?.setItem(key, value);
    } catch {
        // Full or forbidden: nothing to do about it.
    }
}

export function forget(kind: 'localStorage' | 'sessionStorage', key: string): void {
    try {
        area(kind)?.removeItem(key);
    } catch {
        // Forbidden: then nothing was kept either.
    }
}
