// Children that stay themselves, focus and all, while what they show changes.

export interface part {
    readonly element: HTMLElement;
}

export class keyed<C extends part> {
    private parts = new Map<string, C>();

    constructor(
        private readonly parent: HTMLElement,
        private readonly make: (key: string) => C,
    ) {}

    // The children are those of the keys, in order; answers them.
    show(keys: readonly string[]): C[] {
        const old = this.parts;
        this.parts = new Map();
        for (const key of keys) this.parts.set(key, old.get(key) ?? this.make(key));
        for (const [key, one] of old) if (!this.parts.has(key)) one.element.remove();
        let next = this.parent.firstElementChild;
        for (const {element} of this.parts.values()) {
            if (element === next) next = next.nextElementSibling;
            else this.parent.insertBefore(element, next);
        }
        return [...this.parts.values()];
    }
}
