// Dark or light: as the system says, until the user chooses.

import {remember, remembered} from '../storage';
import {h, icon} from './dom';

const key = 'stampede.theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');

function current(): 'dark' | 'light' {
    const chosen = remembered('localStorage', key);
    if (chosen === 'dark' || chosen === 'light') return chosen;
    return system.matches ? 'dark' : 'light';
}

export function apply_theme(): void {
    document.documentElement.dataset.theme = current();
}

system.addEventListener('change', apply_theme);

export function theme_button(): HTMLElement {
    const button = h('button', {
        class: 'round quiet',
        attrs: {type: 'button', title: 'Dark or light', 'aria-label': 'Switch between dark and light', 'data-testid': 'theme'},
        on: {
            click: () => {
                remember('localStorage', key, current() === 'dark' ? 'light' : 'dark');
                apply_theme();
            },
        },
    });
    button.append(icon('sun'), icon('moon'));
    return button;
}
