// Whether the page is connected, and when it will try again.

import type {chat} from '../chat';
import type {link_state} from '../link';
import {h, set_text} from './dom';

export class connection_badge {
    readonly element = h('button', {
        class: 'connection',
        attrs: {type: 'button', 'data-testid': 'connection'},
        on: {click: () => this.chat.link.retry_now()},
    });
    // Beside the badge, whose seconds nobody wants to hear, and on the page wherever one is.
    readonly spoken = h('p', {class: 'spoken', attrs: {role: 'status', 'data-testid': 'connection-spoken'}});
    private ticking = 0;
    private lost = false;

    constructor(private readonly chat: chat) {}

    render(): void {
        clearTimeout(this.ticking);
        const state = this.chat.link_state;
        let before = '';
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
            before = 'Reconnecting in ';
            text = `${seconds} s`;
            hint = 'The connection is lost. What you write is kept and sent later. Press to try again now.';
            this.ticking = window.setTimeout(() => this.render(), 1000);
        }
        this.speak(state.phase);
        if (this.element.dataset.phase === state.phase && this.element.textContent === before + text) return;
        this.element.dataset.phase = state.phase;
        this.element.title = hint;
        this.element.replaceChildren(h('i', {attrs: {'aria-hidden': 'true'}}), h('span', {}, h('span', {class: 'before', text: before}), text));
    }

    // An attempt that follows the loss is not worth a word.
    private speak(phase: link_state['phase']): void {
        if (phase === 'online') {
            if (this.lost) set_text(this.spoken, 'Connected again.');
            this.lost = false;
        } else if (phase !== 'connecting') {
            set_text(this.spoken, phase === 'refused' ? 'Not signed in.' : 'The connection is lost.');
            this.lost = true;
        }
    }
}
