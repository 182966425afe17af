// The frames of a trace as rows of a table that follows what comes, unless somebody reads further up.

import {h} from '../../view/dom';
import {plural} from '../../text';
import {bytes, count, exact_clock} from '../format';
import {frame, is_gap, trace_row} from '../frames';
import {called} from './actions';

const titles = ['Time', 'Way', 'Command', 'User', 'Node', 'Headers', 'Body'] as const;

export class frame_list {
    private readonly body = h('tbody', {attrs: {'data-testid': 'frames'}});
    readonly element = h(
        'div',
        {class: 'frames card', attrs: {tabindex: 0, role: 'region', 'aria-label': 'Frames'}},
        h('table', {attrs: {'aria-label': 'Frames'}}, h('thead', {}, h('tr', {}, ...titles.map((text) => h('th', {text, class: text === 'Body' ? 'number' : '', attrs: {scope: 'col'}})))), this.body),
    );
    private last = 0; // the number of the newest row that is shown

    constructor(private readonly shows: number) {}

    clear(): void {
        this.body.replaceChildren();
        this.last = 0;
    }

    show(rows: readonly trace_row[]): void {
        const fresh = rows.slice(-this.shows).filter((one) => one.number > this.last);
        if (fresh.length === 0) return;
        const list = this.element;
        const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
        this.last = fresh.at(-1)!.number;
        this.body.append(...fresh.map((one) => (is_gap(one) ? this.gap(one.node, one.skipped) : this.row(one))));
        while (this.body.childElementCount > this.shows) this.body.firstElementChild!.remove();
        if (follows) list.scrollTop = list.scrollHeight;
    }

    private gap(node: string, skipped: number): HTMLElement {
        return h('tr', {class: 'gap'}, h('td', {text: `${node}: ${plural(skipped, 'frame')} came too fast to be shown`, attrs: {colspan: titles.length}}));
    }

    private row(one: frame): HTMLElement {
        const cell = (at: number, name: string, text: string, title?: string) => h('td', {class: name, text, attrs: {'data-title': titles[at], title}});
        const headers = h('td', {class: 'headers', attrs: {'data-title': 'Headers', dir: 'auto'}});
        for (const [key, value] of Object.entries(one.headers)) headers.append(h('span', {}, h('b', {text: key}), `:${value}`), ' ');
        return h(
            'tr',
            {attrs: {'data-direction': one.direction}},
            cell(0, 'time', exact_clock(one.time), one.time),
            cell(1, 'way', one.direction === 'in' ? '→ in' : '← out', one.direction === 'in' ? 'from the client' : 'to the client'),
            cell(2, 'command', one.command),
            cell(3, 'text', called(one.user), `Session ${one.session}`),
            cell(4, 'text', one.node),
            headers,
            cell(6, 'number', one.bodyBytes === 0 ? '' : bytes(one.bodyBytes), `${count(one.bodyBytes)} bytes`),
        );
    }
}
