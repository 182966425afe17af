import {hue, initials} from '../text';
import {h} from './dom';

export function avatar(id: number, name: string, size: 'small' | 'normal' = 'normal'): HTMLElement {
    return h('span', {
        class: `avatar ${size}`,
        text: initials(name),
        attrs: {'aria-hidden': 'true'},
        style: {'--hue': String(hue(id))},
    });
}
