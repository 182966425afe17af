// A plot of the last minutes: axes with units, a line for each series, and the values under the pointer or, with the
// arrow keys, under a mark. Plots of one group show the same moment.

import {h} from '../../view/dom';
import {clock, minute, nothing} from '../format';
import type {value} from '../history';
import {line, nearest, scale_kind, time_ticks, value_ticks} from '../scale';

const height = 168;
const left = 62;
const right = 10;
const top = 10;
const bottom = 24;
const gap = 7000; // ms without a value that interrupt a line

export interface series {
    name: string;
    color: number; // of the palette
    dashed?: boolean;
    values: readonly value[];
}

export interface plot_kind extends scale_kind {
    title: string;
    about: string;
    format(value: number): string;
}

export class plot_group {
    at: number | null = null; // the moment that is looked at
    private readonly members = new Set<() => void>();

    join(draw: () => void): void {
        this.members.add(draw);
    }

    look(at: number | null): void {
        if (this.at === at) return;
        this.at = at;
        for (const draw of this.members) draw();
    }
}

function svg<K extends keyof SVGElementTagNameMap>(tag: K, attrs: Record<string, string | number>, text?: string): SVGElementTagNameMap[K] {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [key, one] of Object.entries(attrs)) element.setAttribute(key, String(one));
    if (text !== undefined) element.textContent = text;
    return element;
}

export class plot {
    readonly element: HTMLElement;
    private readonly now = h('output', {class: 'plot-now'});
    private readonly drawing = svg('svg', {height, 'aria-hidden': 'true'});
    private readonly grid = svg('g', {class: 'plot-grid'});
    private readonly lines = svg('g', {class: 'plot-lines'});
    private readonly mark = svg('g', {class: 'plot-mark'});
    private readonly tip = h('div', {class: 'plot-tip', attrs: {role: 'status'}});
    private readonly area: HTMLElement;
    private width = 0;
    private active = false; // the pointer or the focus is here
    private times: readonly number[] = [];
    private series: readonly series[] = [];
    private from = 0;
    private to = 1;
    private highest = 1;

    constructor(
        private readonly kind: plot_kind,
        private readonly group: plot_group,
    ) {
        this.drawing.append(this.grid, this.lines, this.mark);
        this.tip.hidden = true;
        this.area = h('div', {class: 'plot-area', attrs: {tabindex: 0, role: 'img'}}, this.drawing, this.tip);
        this.element = h(
            'figure',
            {class: 'plot card', attrs: {'data-testid': 'plot', 'data-plot': kind.title}},
            h('figcaption', {}, h('span', {class: 'plot-title', text: kind.title}), this.now, h('span', {class: 'plot-about', text: kind.about})),
            this.area,
        );
        this.listen();
        group.join(() => this.draw_mark());
        new ResizeObserver(([entry]) => {
            this.width = entry.contentRect.width;
            this.draw();
        }).observe(this.area);
    }

    show(times: readonly number[], series: readonly series[], from: number, to: number): void {
        Object.assign(this, {times, series, from, to});
        this.draw();
    }

    private x = (at: number) => left + ((at - this.from) / (this.to - this.from)) * (this.width - left - right);
    private y = (one: number) => height - bottom - (one / this.highest) * (height - top - bottom);

    private draw(): void {
        const last = this.series.map((one) => one.values.at(-1) ?? null);
        const said = last.map((one) => (one === null ? nothing : this.kind.format(one)));
        this.show_now(said);
        this.area.setAttribute('aria-label', `${this.kind.title}: ${this.series.map((one, at) => `${one.name} ${said[at]}`).join(', ') || 'nothing yet'}. Arrow keys show earlier values.`);
        if (this.width <= left + right) return;
        this.drawing.setAttribute('width', String(this.width));
        const shown = this.times.findIndex((at) => at >= this.from);
        const values = this.series.flatMap((one) => one.values.slice(shown < 0 ? one.values.length : shown));
        const ticks = value_ticks(Math.max(0, ...values.map((one) => one ?? 0)), 3, this.kind);
        this.highest = ticks.at(-1)!;
        this.grid.replaceChildren(
            ...ticks.flatMap((one) => [
                svg('line', {x1: left, x2: this.width - right, y1: this.y(one), y2: this.y(one)}),
                svg('text', {x: left - 8, y: this.y(one) + 4, 'text-anchor': 'end'}, this.kind.format(one)),
            ]),
            ...time_ticks(this.from, this.to, Math.max(2, Math.floor(this.width / 110)))
                .filter((at) => this.x(at) > left + 24 && this.x(at) < this.width - 30)
                .map((at) => svg('text', {x: this.x(at), y: height - 6, 'text-anchor': 'middle'}, at % 60_000 === 0 ? minute(at) : clock(at))),
        );
        const times = shown < 0 ? [] : this.times.slice(shown);
        this.lines.replaceChildren(
            ...this.series.map((one) =>
                svg('path', {
                    d: line(times, shown < 0 ? [] : one.values.slice(shown), this.x, this.y, gap),
                    class: `series series-${one.color % 8}${one.dashed ? ' dashed' : ''}`,
                }),
            ),
        );
        this.draw_mark();
    }

    // Of one line or two; more would be a heap of numbers.
    private show_now(said: readonly string[]): void {
        const shown = this.series.length > 2 ? '' : said.join(' ');
        if (this.now.dataset.shown === shown) return;
        this.now.dataset.shown = shown;
        const colored = this.series.length === 2;
        this.now.replaceChildren(...(shown === '' ? [] : said.map((text, at) => h('span', {text, class: colored ? `series-${this.series[at].color % 8}` : '', attrs: {title: this.series[at].name}}))));
    }

    private draw_mark(): void {
        const index = this.group.at === null ? -1 : nearest(this.times, this.group.at);
        const at = this.times[index];
        const visible = index >= 0 && at >= this.from && this.width > left + right;
        this.tip.hidden = !visible || !this.active;
        if (!visible) return this.mark.replaceChildren();
        const x = this.x(at);
        const dots = this.series.flatMap((one) => {
            const here = one.values[index];
            return here === null || here === undefined ? [] : [svg('circle', {cx: x, cy: this.y(here), r: 3.5, class: `dot series-${one.color % 8}`})];
        });
        this.mark.replaceChildren(svg('line', {x1: x, x2: x, y1: top, y2: height - bottom}), ...dots);
        if (!this.active) return;
        this.tip.replaceChildren(
            h('time', {text: clock(at)}),
            ...this.series.map((one) => {
                const here = one.values[index];
                return h('span', {class: `series-${one.color % 8}`}, h('i', {attrs: {'aria-hidden': 'true'}}), h('span', {text: one.name}), h('b', {text: here === null || here === undefined ? nothing : this.kind.format(here)}));
            }),
        );
        const on_the_right = x > this.width / 2;
        this.tip.style.left = on_the_right ? 'auto' : `${x + 12}px`;
        this.tip.style.right = on_the_right ? `${this.width - x + 12}px` : 'auto';
    }

    private listen(): void {
        const point = (event: PointerEvent) => {
            const place = event.clientX - this.area.getBoundingClientRect().left;
            this.active = true;
            this.group.look(this.from + ((place - left) / (this.width - left - right)) * (this.to - this.from));
        };
        const leave = () => {
            this.active = false;
            this.tip.hidden = true;
            this.group.look(null);
        };
        this.area.addEventListener('pointermove', point);
        this.area.addEventListener('pointerdown', point);
        this.area.addEventListener('pointerleave', leave);
        this.area.addEventListener('blur', leave);
        this.area.addEventListener('keydown', (event) => {
            if (event.key === 'Escape') return leave();
            if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
            event.preventDefault();
            const index = this.group.at === null ? this.times.length - 1 : nearest(this.times, this.group.at) + (event.key === 'ArrowLeft' ? -1 : 1);
            this.active = true;
            this.group.look(this.times[Math.min(Math.max(index, 0), this.times.length - 1)] ?? null);
        });
    }
}
