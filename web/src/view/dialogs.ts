// The questions that the page asks: a nickname, the name of a new room, and credentials where the server wants them.

import type {chat} from '../chat';
import {suggested_nickname} from '../identity';
import {h} from './dom';

interface question {
    id: string;
    title: string;
    text: string;
    label: string;
    value: string;
    length: number;
    action: string;
    must_answer?: boolean;
    secret?: boolean;
    before?: {label: string; name: string}; // an optional field above
    // Throws what shall be shown when it cannot be done.
    done(answer: string, before: string): Promise<void> | void;
}

function ask(what: question): Promise<void> {
    return new Promise((resolve) => {
        const optional = h('input', {attrs: {name: what.before?.name ?? '', autocomplete: 'username', 'data-testid': `${what.id}-optional`}});
        const input = h('input', {
            attrs: {name: 'answer', type: what.secret ? 'password' : 'text', required: true, maxlength: what.length, autocomplete: 'off', enterkeyhint: 'go', 'data-testid': `${what.id}-input`},
        });
        input.value = what.value;
        let answered = false;
        const error = h('p', {class: 'error', attrs: {role: 'alert'}});
        error.hidden = true;
        const submit = h('button', {class: 'primary', text: what.action, attrs: {type: 'submit', 'data-testid': `${what.id}-submit`}});
        const cancel = h('button', {class: 'plain', text: 'Cancel', attrs: {type: 'button'}, on: {click: () => dialog.close()}});
        const form = h(
            'form',
            {
                on: {
                    submit: async (event) => {
                        event.preventDefault();
                        const answer = input.value.trim();
                        if (answer === '') return input.focus();
                        submit.disabled = true;
                        try {
                            await what.done(answer, optional.value.trim());
                            answered = true;
                            dialog.close();
                        } catch (problem) {
                            error.textContent = (problem as Error).message;
                            error.hidden = false;
                        } finally {
                            submit.disabled = false;
                        }
                    },
                },
            },
            h('h1', {text: what.title, attrs: {id: `${what.id}-title`}}),
            h('p', {text: what.text}),
            what.before && h('label', {}, h('span', {text: what.before.label}), optional),
            h('label', {}, h('span', {text: what.label}), input),
            error,
            h('div', {class: 'actions'}, what.must_answer ? null : cancel, submit),
        );
        const dialog = h(
            'dialog',
            {
                attrs: {'aria-labelledby': `${what.id}-title`, 'data-testid': `${what.id}-dialog`},
                on: {
                    cancel: (event) => what.must_answer && event.preventDefault(),
                    close: () => {
                        // A browser lets a page prevent that only once.
                        if (what.must_answer && !answered) return dialog.showModal();
                        dialog.remove();
                        resolve();
                    },
                },
            },
            form,
        );
        document.body.append(dialog);
        dialog.showModal();
        (what.before ? optional : input).focus();
        input.select();
    });
}

export function ask_nickname(chat: chat): Promise<void> {
    const first = chat.me.nickname === '';
    return ask({
        id: 'nickname',
        title: first ? 'Welcome to Stampede' : 'Your nickname',
        text: first ? 'Pick a nickname and join the conversation. You can change it at any time.' : 'Your next messages carry the new name.',
        label: 'Nickname',
        value: first ? suggested_nickname(chat.me.id) : chat.me.nickname,
        length: 40,
        action: first ? 'Start chatting' : 'Save',
        must_answer: first,
        done: (answer) => chat.set_nickname(answer),
    });
}

export function ask_room_name(chat: chat): Promise<void> {
    return ask({
        id: 'room',
        title: 'New room',
        text: 'Everybody on this server can find and join it.',
        label: 'Name of the room',
        value: '',
        length: 80,
        action: 'Create room',
        done: (answer) => chat.create_room(answer),
    });
}

let asking_credentials = false;

export async function ask_credentials(reason: string, done: (login: string, secret: string) => void): Promise<void> {
    if (asking_credentials) return;
    asking_credentials = true;
    await ask({
        id: 'credentials',
        title: 'Sign in',
        text: reason,
        before: {label: 'Login (leave empty for a token)', name: 'login'},
        label: 'Passcode or token',
        secret: true,
        value: '',
        length: 8192,
        action: 'Sign in',
        must_answer: true,
        done: (secret, login) => {
            asking_credentials = false;
            done(login, secret);
        },
    });
}
