// The form that is shown until the server takes the credentials.

import {reason_of} from '../api';
import {authorization_of} from '../../identity';
import {h} from '../../view/dom';
import {theme_button} from '../../view/theme';
import {button, field, segmented, text_input} from './parts';

type way = 'account' | 'token';

// `enter` fails as the server does; on success the form's work is done.
export function login_form(reason: string, enter: (authorization: string) => Promise<void>): HTMLElement {
    let chosen: way = 'account';
    const login = text_input({name: 'login', autocomplete: 'username', required: true, 'data-testid': 'login'});
    const passcode = text_input({type: 'password', name: 'passcode', autocomplete: 'current-password', required: true, 'data-testid': 'passcode'});
    const token = text_input({type: 'password', name: 'token', required: true, 'data-testid': 'token'});
    const login_field = field('Account', login);
    const passcode_field = field('Passcode', passcode);
    const token_field = field('Token', token);
    const choose = (way: way) => {
        chosen = way;
        for (const one of [login_field, passcode_field]) one.hidden = way === 'token';
        token_field.hidden = way === 'account';
        for (const one of [login, passcode]) one.disabled = way === 'token';
        token.disabled = way === 'account';
    };
    choose('account');

    const error = h('p', {class: 'error', text: reason, attrs: {role: 'alert', 'data-testid': 'login-reason'}});
    const submit = button('Sign in', {kind: 'primary', name: 'sign-in'});
    const form = h(
        'form',
        {
            on: {
                submit: async (event) => {
                    event.preventDefault();
                    submit.disabled = true;
                    try {
                        await enter(chosen === 'account' ? authorization_of(login.value.trim(), passcode.value) : authorization_of('', token.value.trim()));
                    } catch (problem) {
                        error.textContent = reason_of(problem);
                    } finally {
                        submit.disabled = false;
                    }
                },
            },
        },
        h('img', {attrs: {src: '/favicon.svg', alt: '', width: 52, height: 52}}),
        h('h1', {text: 'Operator’s console'}),
        h('p', {text: 'For accounts and tokens with the role admin.'}),
        segmented('Sign in with', [['account', 'Account'], ['token', 'Token']] as const, chosen, choose),
        login_field,
        passcode_field,
        token_field,
        error,
        submit,
    );
    return h('main', {class: 'login', attrs: {'data-testid': 'login-form'}}, h('div', {class: 'login-tools'}, theme_button()), form);
}
