// Asks once more, and says whom it is about, before something is done that is felt by others.

import {reason_of} from '../api';
import {h} from '../../view/dom';

export interface confirmation {
    title: string;
    text: string;
    facts: readonly (readonly [string, string])[]; // whom and what, as the server names them
    action: string;
    harmful?: boolean;
    ask?: {label: string; length: number}; // a line to write beside
    done(answer: string): Promise<void>; // what it throws is shown, and the question stays
}

// The questions that are open are over, unanswered.
export function withdraw_questions(): void {
    for (const one of document.querySelectorAll<HTMLDialogElement>('dialog[data-testid=confirm]')) one.close();
}

// Whether it was done.
export function confirm(what: confirmation): Promise<boolean> {
    return new Promise((resolve) => {
        let did = false;
        const input = h('input', {attrs: {type: 'text', maxlength: what.ask?.length, autocomplete: 'off', 'data-testid': 'confirm-input'}});
        const error = h('p', {class: 'error', attrs: {role: 'alert'}});
        error.hidden = true;
        const act = h('button', {class: what.harmful ? 'primary danger' : 'primary', text: what.action, attrs: {type: 'submit', 'data-testid': 'confirm-submit'}});
        const cancel = h('button', {class: 'plain', text: 'Cancel', attrs: {type: 'button'}, on: {click: () => dialog.close()}});
        const form = h(
            'form',
            {
                on: {
                    submit: async (event) => {
                        event.preventDefault();
                        act.disabled = true;
                        try {
                            await what.done(input.value.trim());
                            did = true;
                            dialog.close();
                        } catch (problem) {
                            error.textContent = reason_of(problem);
                            error.hidden = false;
                        } finally {
                            act.disabled = false;
                        }
                    },
                },
            },
            h('h1', {text: what.title, attrs: {id: 'confirm-title'}}),
            h('p', {text: what.text}),
            h('dl', {class: 'whom'}, ...what.facts.map(([name, value]) => h('div', {}, h('dt', {text: name}), h('dd', {text: value, attrs: {dir: 'auto'}})))),
            what.ask && h('label', {}, h('span', {text: what.ask.label}), input),
            error,
            h('div', {class: 'actions'}, cancel, act),
        );
        const dialog = h(
            'dialog',
            {
                attrs: {'aria-labelledby': 'confirm-title', 'data-testid': 'confirm'},
                on: {
                    close: () => {
                        dialog.remove();
                        resolve(did);
                    },
                },
            },
            form,
        );
        document.body.append(dialog);
        dialog.showModal();
        (what.ask ? input : cancel).focus();
    });
}
