// Small pieces that several views are made of.

import {h, set_text} from '../../view/dom';
import type {condition} from '../cluster';
import {icon, icon_name} from './icons';

export const says: Record<condition, string> = {
    ready: 'Ready',
    draining: 'Draining',
    not_ready: 'Not ready',
    silent: 'No answer',
    gone: 'Gone',
    unknown: 'Asking…',
};

// A choice of few, all in sight.
export function segmented<T extends string>(label: string, options: readonly (readonly [T, string])[], chosen: T, changed: (value: T) => void): HTMLElement & {choose(value: T): void} {
    const name = `choice-${label.toLowerCase().replace(/\W+/g, '-')}`;
    const inputs = options.map(([value]) => {
        const input = h('input', {attrs: {type: 'radio', name, value}, on: {change: () => changed(value)}});
        input.checked = value === chosen;
        return input;
    });
    const element = h(
        'fieldset',
        {class: 'segmented', attrs: {'aria-label': label}},
        ...options.map(([, text], at) => h('label', {}, inputs[at], h('span', {text}))),
    );
    return Object.assign(element, {
        choose(value: T) {
            for (const one of inputs) one.checked = one.value === value;
        },
    });
}

export function field(label: string, input: HTMLElement): HTMLLabelElement {
    return h('label', {class: 'field'}, h('span', {text: label}), input);
}

export function text_input(attrs: Record<string, string | number | boolean>): HTMLInputElement {
    return h('input', {attrs: {type: 'text', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', ...attrs}});
}

export function button(text: string, {symbol, kind = 'small', click, name}: {symbol?: icon_name; kind?: string; click?: () => void; name?: string} = {}): HTMLButtonElement {
    return h(
        'button',
        {class: kind, attrs: {type: click ? 'button' : 'submit', 'data-testid': name}, on: click && {click}},
        symbol ? icon(symbol) : null,
        h('span', {text}),
    );
}

export function page_head(title: string, about: string, ...tools: HTMLElement[]): HTMLElement {
    return h('header', {class: 'page-head'}, h('div', {}, h('h1', {text: title}), h('p', {text: about})), h('div', {class: 'page-tools'}, ...tools));
}

// Names and values, in a grid; values are set by name.
export class facts {
    readonly element = h('dl', {class: 'facts'});
    private readonly values = new Map<string, HTMLElement>();

    set(name: string, text: string): void {
        let value = this.values.get(name);
        if (!value) {
            value = h('dd');
            this.values.set(name, value);
            this.element.append(h('div', {}, h('dt', {text: name}), value));
        }
        set_text(value, text);
    }
}

// Which nodes did not answer a question. Takes no room while there are none.
export class failures {
    readonly element = h('p', {class: 'warning', attrs: {role: 'status', 'data-testid': 'failures'}});

    constructor() {
        this.element.hidden = true;
    }

    show(failed: readonly {node: string; why: string}[]): void {
        set_text(this.element, failed.map(({node, why}) => `${node}: ${why}`).join(' '));
        this.element.hidden = failed.length === 0;
    }
}
