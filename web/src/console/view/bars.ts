// Named numbers, largest first, each with a bar: closes by reason, frames by command.

import {h, set_text} from '../../view/dom';
import {count, words} from '../format';
import {keyed} from './keyed';

export interface bar {
    name: string;
    total: number;
    recent: number; // of it within the last minute
}

class bar_row {
    readonly element: HTMLElement;
    private readonly value = h('b');
    private readonly recent = h('span', {class: 'bar-recent'});
    private readonly fill = h('i', {attrs: {'aria-hidden': 'true'}});

    constructor(name: string) {
        this.element = h('li', {}, h('span', {class: 'bar-name', text: words(name), attrs: {title: name}}), this.recent, this.value, this.fill);
    }

    show(one: bar, most: number): void {
        set_text(this.value, count(one.total));
        set_text(this.recent, one.recent > 0 ? `+${count(one.recent)}` : '');
        this.fill.style.width = `${most > 0 ? (one.total / most) * 100 : 0}%`;
    }
}

export class bars {
    readonly element: HTMLElement;
    private readonly rows: keyed<bar_row>;
    private readonly empty: HTMLElement;

    constructor(title: string, about: string, none: string, name: string) {
        const list = h('ul');
        this.empty = h('p', {class: 'empty', text: none});
        this.rows = new keyed(list, (key) => new bar_row(key));
        this.element = h('section', {class: 'bars card', attrs: {'data-testid': name}}, h('h2', {text: title}), h('p', {class: 'bars-about', text: about}), list, this.empty);
    }

    show(all: readonly bar[]): void {
        const shown = all.filter((one) => one.total > 0).sort((a, b) => b.total - a.total || a.name.localeCompare(b.name));
        const most = shown[0]?.total ?? 0;
        const made = this.rows.show(shown.map((one) => one.name));
        for (const [at, one] of made.entries()) one.show(shown[at], most);
        this.empty.hidden = shown.length > 0;
    }
}
