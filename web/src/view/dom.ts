// Building and updating elements, without a framework.

type child = Node | string | null | false | undefined;
interface props {
    class?: string;
    text?: string;
    attrs?: Record<string, string | number | boolean | null | undefined>;
    style?: Record<string, string>;
    on?: {[E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void};
}

export function h<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    {class: name, text, attrs, style, on}: props = {},
    ...children: child[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    for (const [key, value] of Object.entries(attrs ?? {})) set_attribute(element, key, value);
    for (const [key, value] of Object.entries(style ?? {})) element.style.setProperty(key, value);
    for (const [event, call] of Object.entries(on ?? {})) element.addEventListener(event, call as EventListener);
    for (const one of children) if (one) element.append(one);
    return element;
}

export function set_attribute(element: Element, key: string, value: string | number | boolean | null | undefined): void {
    if (value === null || value === undefined || value === false) element.removeAttribute(key);
    else element.setAttribute(key, value === true ? '' : String(value));
}

export function set_text(element: Element, text: string): void {
    if (element.textContent !== text) element.textContent = text;
}

export interface row {
    key: string;
    look: string; // as long as it stays the same, so does the element
    make(): HTMLElement;
    change?(element: HTMLElement): boolean; // in its place, to look like this; false: it has to be made anew
}

const looks = new WeakMap<Element, string>();

const takes_focus = 'a[href], button, input, textarea, select';

// Where the focus is below `parent`: the how-manieth it is of what can have it in its row. Called again, puts it back
// there, should its row have been moved or made anew.
function keep_focus(parent: HTMLElement): () => void {
    const focused = document.activeElement;
    const old = focused && parent.contains(focused) ? [...parent.children].find((one) => one.contains(focused)) : undefined;
    if (!old) return () => {};
    const {key} = (old as HTMLElement).dataset;
    const at = [...old.querySelectorAll(takes_focus)].indexOf(focused!);
    return () => {
        if (document.activeElement === focused) return;
        const row = ([...parent.children] as HTMLElement[]).find((one) => one.dataset.key === key);
        row?.querySelectorAll<HTMLElement>(takes_focus)[at]?.focus({preventScroll: true});
    };
}

// Makes the children of `parent` the given rows, in order, touching only what differs. No two have the same key. The
// focus stays in its row.
export function reconcile(parent: HTMLElement, rows: readonly row[]): void {
    const put_focus_back = keep_focus(parent);
    const old = new Map<string, HTMLElement>();
    for (const one of [...parent.children] as HTMLElement[]) old.set(one.dataset.key!, one);
    let next = parent.firstElementChild;
    for (const one of rows) {
        let element = old.get(one.key);
        old.delete(one.key);
        if (element && looks.get(element) !== one.look && !one.change?.(element)) {
            const fresh = one.make();
            fresh.classList.add('still'); // only what is new moves in
            if (next === element) next = fresh;
            element.replaceWith(fresh);
            element = fresh;
        }
        element ??= one.make();
        element.dataset.key = one.key;
        looks.set(element, one.look);
        if (element === next) next = next.nextElementSibling;
        else parent.insertBefore(element, next);
    }
    for (const gone of old.values()) gone.remove();
    put_focus_back();
}

const icons = {
    back: '<path d="M15 5l-7 7 7 7"/>',
    plus: '<path d="M12 5v14M5 12h14"/>',
    send: '<path d="M5 12h13M12 5l7 7-7 7"/>',
    down: '<path d="M12 5v14M5 12l7 7 7-7"/>',
    clock: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>',
    check: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    warning: '<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5M12 16.4v.1"/>',
    sun: '<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4"/>',
    moon: '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"/>',
    leave: '<path d="M14 8V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h6a2 2 0 0 0 2-2v-2M9 12h11M17 9l3 3-3 3"/>',
    pencil: '<path d="M4 20l1-4L16 5l3 3L8 19z"/>',
    search: '<circle cx="11" cy="11" r="6"/><path d="M20 20l-4.5-4.5"/>',
    guest: '<circle cx="10" cy="8" r="4"/><path d="M3 20c.6-4 3.400-6 7-6 1.600 0 3 .4 4.200 1.200M18 14v6M15 17h6"/>',
    smile: '<circle cx="12" cy="12" r="9"/><path d="M8.500 14.500c1.800 2.300 5.200 2.300 7 0M9 9.500v.1M15 9.500v.1"/>',
    lock: '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
};

// `lines`: what is drawn, on 24 by 24.
export function drawing(lines: string): SVGElement {
    const holder = document.createElement('div');
    holder.innerHTML = `<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${lines}</svg>`;
    return holder.firstElementChild as SVGElement;
}

export const icon = (name: keyof typeof icons): SVGElement => drawing(icons[name]);
