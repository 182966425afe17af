// Whether the page is connected, and when it will try again.

import type {chat} from '../chat';
import {h} from './dom';

export class connection_badge {
    readonly element = h('button', {
        class: 'connection',
        attrs: {type: 'button', 'data-testid': 'connection'},
        on: {click: () => this.chat.link.retry_now()},
    });
    private ticking = 0;

    constructor(private readonly chat: chat) {}

    render(): void {
        clearTimeout(this.ticking);
        const state = this.chat.link_state;
        let text = 'Connecting…';
        let hint = 'The connection is being made.';
        if (state.phase === 'online') {
            text = 'Connected';
            hint = `Connected through ${state.transport}.`;
        } else if (state.phase === 'refused') {
            text = 'Not signed in';
            hint = 'The server asks for credentials.';
        } else if (state.phase === 'ended') {
            text = 'Disconnected';
            hint = `${state.reason} Press to try again.`;
        } else if (state.phase === 'waiting') {
            const seconds = Math.max(1, Math.ceil((state.until - Date.now()) / 1000));
            text = `Reconnecting in ${seconds} s`;
            hint = 'The connection is lost. What you write is kept and sent later. Press to try again now.';
            this.ticking = window.setTimeout(() => this.render(), 1000);
        }
        if (this.element.dataset.phase === state.phase && this.element.textContent === text) return;
        this.element.dataset.phase = state.phase;
        this.element.title = hint;
        this.element.replaceChildren(h('i', {attrs: {'aria-hidden': 'true'}}), h('span', {text}));
    }
}
