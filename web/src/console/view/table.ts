// A table whose rows are kept by key and changed in place. On a phone each row is a card, its cells named.

import {h, set_text} from '../../view/dom';
import {keyed} from './keyed';

export interface column<T> {
    title: string;
    kind?: 'number' | 'wide' | 'text' | 'actions'; // wide and text may be long, and break anywhere
    make?(cell: HTMLElement, row: () => T): void; // once, for what stays
    show?(cell: HTMLElement, row: T): void; // whenever the row is shown
}

// A column of plain text.
export const text_column = <T>(title: string, text: (row: T) => string, kind?: column<T>['kind']): column<T> => ({
    title,
    kind,
    show: (cell, row) => set_text(cell, text(row)),
});

class table_row<T> {
    readonly element = h('tr');
    private readonly cells: HTMLElement[];
    private row!: T;

    constructor(private readonly columns: readonly column<T>[]) {
        this.cells = columns.map((one) => h('td', {class: one.kind, attrs: {'data-title': one.title}}));
        this.element.append(...this.cells);
    }

    show(row: T): void {
        const fresh = this.row === undefined;
        this.row = row;
        for (const [at, one] of this.columns.entries()) {
            if (fresh) one.make?.(this.cells[at], () => this.row);
            one.show?.(this.cells[at], row);
        }
    }
}

export class table<T> {
    readonly element: HTMLElement;
    private readonly rows: keyed<table_row<T>>;
    private readonly empty: HTMLElement;

    constructor(
        label: string,
        columns: readonly column<T>[],
        private readonly key: (row: T) => string,
    ) {
        const body = h('tbody');
        this.empty = h('p', {class: 'empty', text: 'Asking…', attrs: {role: 'status'}});
        this.element = h(
            'div',
            {class: 'table card'},
            h(
                'table',
                {attrs: {'aria-label': label}},
                h('thead', {}, h('tr', {}, ...columns.map((one) => h('th', {class: one.kind, text: one.kind === 'actions' ? '' : one.title, attrs: {scope: 'col', 'aria-label': one.kind === 'actions' ? 'Actions' : null}})))),
                body,
            ),
            this.empty,
        );
        this.rows = new keyed(body, () => new table_row(columns));
    }

    // `empty`: what to say where there is no row.
    show(rows: readonly T[], empty: string): void {
        const made = this.rows.show(rows.map(this.key));
        for (const [at, one] of made.entries()) one.show(rows[at]);
        set_text(this.empty, rows.length === 0 ? empty : '');
        this.empty.hidden = rows.length > 0;
    }
}
