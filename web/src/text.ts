// Words and times as people read them.

const time = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const full = new Intl.DateTimeFormat(undefined, {dateStyle: 'full', timeStyle: 'short'});
const weekday = new Intl.DateTimeFormat(undefined, {weekday: 'long', day: 'numeric', month: 'long'});
const with_year = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'long', year: 'numeric'});
const short_day = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'short'});

export const clock = (at: number) => time.format(at);
export const moment = (at: number) => full.format(at);

export function day_key(at: number): string {
    const day = new Date(at);
    return `${day.getFullYear()}-${day.getMonth()}-${day.getDate()}`;
}

export function day_name(at: number, now = Date.now()): string {
    if (day_key(at) === day_key(now)) return 'Today';
    const yesterday = new Date(now);
    yesterday.setDate(yesterday.getDate() - 1); // not 24 hours before: a day may have 23 or 25
    if (day_key(at) === day_key(yesterday.getTime())) return 'Yesterday';
    return new Date(at).getFullYear() === new Date(now).getFullYear() ? weekday.format(at) : with_year.format(at);
}

// For the list of rooms: the time today, else the day.
export const brief_time = (at: number) => (day_key(at) === day_key(Date.now()) ? clock(at) : short_day.format(at));

export function initials(name: string): string {
    const words = name.trim().split(/\s+/).filter(Boolean);
    const first = (word: string | undefined) => (word ? [...word][0] : '');
    return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : '')).toUpperCase() || '?';
}

// A hue for a user, far from that of the next id.
export const hue = (id: number) => Math.round((id * 137.508) % 360);

// A name within a sentence: one that is written from right to left, or orders others to be, turns nothing around it.
export const isolated = (name: string) => `\u2068${name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`;

export function names(given: string[]): string {
    const all = given.map(isolated);
    if (all.length <= 1) return all[0] ?? '';
    if (all.length === 2) return `${all[0]} and ${all[1]}`;
    return `${all[0]}, ${all[1]} and ${all.length - 2} more`;
}

export const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

const only_emoji = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*|\p{Regional_Indicator}{2}|\s){1,6}$/u;

export const is_only_emoji = (text: string) => text.trim() !== '' && only_emoji.test(text);

export type piece = {text: string; link?: string};

const count = (text: string, part: string) => text.split(part).length - 1;

// Finds addresses; what closes a sentence or a bracket around one is not part of it.
export function linkify(text: string): piece[] {
    const pieces: piece[] = [];
    let from = 0;
    for (const match of text.matchAll(/https?:\/\/[^\s<>"]+/g)) {
        let link = match[0];
        for (let whole = ''; whole !== link; ) {
            whole = link;
            link = link.replace(/[.,;:!?'…。、]+$/, '');
            if (link.endsWith(')') && count(link, ')') > count(link, '(')) link = link.slice(0, -1);
        }
        pieces.push({text: text.slice(from, match.index)}, {text: link, link});
        from = match.index! + link.length;
    }
    pieces.push({text: text.slice(from)});
    return pieces.filter((one) => one.text !== '');
}
