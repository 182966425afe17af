// Who the operator is: the value of an Authorization header, kept until the tab is closed.

import {forget, remember, remembered} from '../storage';

const key = 'stampede.console.authorization';

export const saved_authorization = () => remembered('sessionStorage', key);
export const save_authorization = (value: string) => remember('sessionStorage', key, value);
export const forget_authorization = () => forget('sessionStorage', key);

// The account's login; null of a token.
export function login_of(authorization: string): string | null {
    if (!authorization.startsWith('Basic ')) return null;
    try {
        const bytes = Uint8Array.from(atob(authorization.slice(6)), (one) => one.charCodeAt(0));
        const text = new TextDecoder().decode(bytes);
        return text.slice(0, text.indexOf(':'));
    } catch {
        return null;
    }
}
