// Short notes at the edge: what went wrong, what somebody wants.

import {h} from './dom';

const lasts = {info: 5000, error: 8000};

export class toasts {
    readonly element = h('div', {class: 'toasts', attrs: {role: 'status', 'aria-live': 'polite', 'data-testid': 'toasts'}});

    show(text: string, kind: 'info' | 'error'): void {
        const same = [...this.element.children].find((one) => one.textContent === text);
        same?.remove();
        const note = h('div', {class: `toast ${kind}`, text, on: {click: () => note.remove()}});
        this.element.append(note);
        while (this.element.children.length > 4) this.element.firstElementChild!.remove();
        window.setTimeout(() => note.remove(), lasts[kind]);
    }
}
