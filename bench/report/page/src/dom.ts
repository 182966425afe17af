// Elements in one call. Text is always text: what a server said is never markup.

type child = Node | string | null | undefined | false;

export function el<Name extends keyof HTMLElementTagNameMap>(
    name: Name, attributes: Record<string, string> = {}, ...children: child[]
): HTMLElementTagNameMap[Name] {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children.filter((one): one is Node | string => one !== null && one !== undefined && one !== false));
    return made;
}
