// Short notes at the edge: what went wrong, what somebody wants, what the operators say.

import {h} from './dom';

export type note_kind = 'info' | 'error' | 'notice';

// How long one is shown; a notice stays until it is clicked away, for whoever comes back to the page later.
const lasts = {info: 5000, error: 8000, notice: null};
const most = 4;

export class toasts {
    readonly element = h('div', {class: 'toasts', attrs: {role: 'status', 'aria-live': 'polite', 'data-testid': 'toasts'}});

    show(text: string, kind: note_kind): void {
        const same = [...this.element.children].find((one) => one.textContent === text);
        same?.remove();
        const note = h('button', {class: `toast ${kind}`, text, attrs: {type: 'button', title: 'Dismiss', dir: 'auto'}, on: {click: () => note.remove()}});
        this.element.append(note);
        while (this.element.children.length > most)
            (this.element.querySelector('.toast:not(.notice)') ?? this.element.firstElementChild!).remove();
        const time = lasts[kind];
        if (time !== null) window.setTimeout(() => note.remove(), time);
    }
}
