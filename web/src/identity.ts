// Who the user is. In open mode a user is a number and a nickname, chosen here and kept by the browser.
//
// A tab may be a guest: it then has an identity of its own, which ends with the tab. That lets one
// person try the chat with two tabs of one browser.

import {remember, remembered} from './storage';

export interface identity {
    id: number;
    nickname: string; // empty until chosen
}

// Where the server asks for credentials, they say who the user is: the value of an Authorization header,
// kept until the tab is closed.
export interface caller extends identity {
    authorization: string | null;
}

const key = 'stampede.identity';
const authorization_key = 'stampede.authorization';

function random_id(): number {
    // Six to ten digits: readable in logs, and two people hardly ever get the same.
    return 100_000 + crypto.getRandomValues(new Uint32Array(1))[0];
}

function read(kind: 'localStorage' | 'sessionStorage'): identity | null {
    try {
        const found = JSON.parse(remembered(kind, key) ?? 'null');
        return Number.isSafeInteger(found?.id) && found.id > 0 ? {id: found.id, nickname: String(found.nickname ?? '')} : null;
    } catch {
        return null;
    }
}

let place: 'localStorage' | 'sessionStorage' = 'localStorage';

export function load_caller(): caller {
    return {...load_identity(), authorization: remembered('sessionStorage', authorization_key)};
}

// `login` empty: `secret` is a token.
export function authorization_of(login: string, secret: string): string {
    if (login === '') return `Bearer ${secret}`;
    const bytes = new TextEncoder().encode(`${login}:${secret}`);
    return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

export function save_authorization(authorization: string): void {
    remember('sessionStorage', authorization_key, authorization);
}

function load_identity(): identity {
    const address = new URL(location.href);
    const new_guest = address.searchParams.has('guest');
    if (new_guest) {
        address.searchParams.delete('guest');
        history.replaceState(null, '', address);
    }
    const of_tab = new_guest ? {id: random_id(), nickname: ''} : read('sessionStorage');
    if (of_tab) {
        place = 'sessionStorage';
        save_identity(of_tab);
        return of_tab;
    }
    const known = read('localStorage') ?? {id: random_id(), nickname: ''};
    save_identity(known);
    return known;
}

// Credentials are the tab's alone, and so is the user that they name.
export function keep_identity_in_tab(): void {
    place = 'sessionStorage';
}

export function save_identity({id, nickname}: identity): void {
    remember(place, key, JSON.stringify({id, nickname}));
}

const adjectives = ['Brisk', 'Bold', 'Dusty', 'Swift', 'Sunny', 'Quiet', 'Wild', 'Merry', 'Lucky', 'Stormy'];
const animals = ['Bison', 'Mustang', 'Gazelle', 'Elk', 'Ibex', 'Yak', 'Zebra', 'Oryx', 'Caribou', 'Antelope'];

export function suggested_nickname(id: number): string {
    return `${adjectives[id % adjectives.length]} ${animals[Math.floor(id / adjectives.length) % animals.length]}`;
}
