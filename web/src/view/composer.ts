// Where a message is written.

import type {chat, room} from '../chat';
import {h, icon} from './dom';

const tallest = 180; // px
const emoji = [...'😀😂😊😍🤔😎😭😅👍👏🙏💪🎉🔥❤️✨👀✅🚀🐃'.matchAll(/\p{Extended_Pictographic}\uFE0F?/gu)].map((one) => one[0]);

export class composer {
    readonly element: HTMLFormElement;

    private readonly input = h('textarea', {
        attrs: {rows: 1, dir: 'auto', placeholder: 'Write a message', 'aria-label': 'Message', enterkeyhint: 'send', 'data-testid': 'composer'},
        on: {
            input: () => this.on_input(),
            keydown: (event) => {
                // An input method (Korean, Japanese, Chinese) takes Enter for itself while it composes.
                if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
                event.preventDefault();
                this.submit();
            },
        },
    });
    private readonly send_button = h(
        'button',
        {class: 'round accent send', attrs: {type: 'submit', title: 'Send', 'aria-label': 'Send', 'data-testid': 'send'}},
        icon('send'),
    );
    private readonly smile = h(
        'button',
        {
            class: 'round quiet',
            attrs: {type: 'button', title: 'Emoji', 'aria-label': 'Emoji', 'aria-expanded': 'false'},
            on: {click: () => this.show_picker(this.picker.hidden)},
        },
        icon('smile'),
    );
    private readonly picker = h('div', {class: 'picker', attrs: {role: 'group', 'aria-label': 'Emoji'}});
    private shown: number | null = null;

    constructor(
        private readonly chat: chat,
        private readonly sent: () => void,
    ) {
        for (const one of emoji)
            this.picker.append(h('button', {text: one, attrs: {type: 'button', 'aria-label': one}, on: {click: () => this.insert(one)}}));
        this.picker.hidden = true;
        document.addEventListener('click', (event) => {
            if (!this.picker.hidden && !this.element.contains(event.target as Node)) this.show_picker(false);
        });
        this.element = h(
            'form',
            {
                class: 'composer',
                on: {
                    submit: (event) => {
                        event.preventDefault();
                        this.submit();
                    },
                    keydown: (event) => {
                        if (event.key !== 'Escape' || this.picker.hidden) return;
                        this.show_picker(false);
                        this.input.focus();
                    },
                },
            },
            this.picker,
            this.smile,
            this.input,
            this.send_button,
        );
    }

    // A room's unfinished message stays with it.
    render(room: room): void {
        if (this.shown === room.id) {
            if (this.input.value !== room.draft) this.fill(room.draft); // left and joined: what was not sent is back
            return;
        }
        this.shown = room.id;
        this.input.placeholder = `Message ${room.name}`;
        this.fill(room.draft);
        this.take_focus();
    }

    // Not where a keyboard would come up over the page.
    take_focus(): void {
        if (window.matchMedia('(hover: hover)').matches) this.input.focus();
    }

    private show_picker(shown: boolean): void {
        this.picker.hidden = !shown;
        this.smile.setAttribute('aria-expanded', String(shown));
    }

    private fill(text: string): void {
        this.input.value = text;
        this.fit();
    }

    private on_input(): void {
        this.chat.draft(this.input.value);
        if (this.input.value.trim() !== '') this.chat.typing();
        this.fit();
    }

    private insert(text: string): void {
        this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, 'end');
        this.on_input();
        this.input.focus();
    }

    private submit(): void {
        const text = this.input.value.trim();
        if (text !== '') {
            this.chat.send(text);
            this.input.value = '';
            this.show_picker(false);
            this.fit();
            this.sent();
        }
        this.input.focus();
    }

    private fit(): void {
        this.input.style.height = 'auto';
        this.input.style.height = `${Math.min(tallest, this.input.scrollHeight)}px`;
        this.send_button.disabled = this.input.value.trim() === '';
    }
}
