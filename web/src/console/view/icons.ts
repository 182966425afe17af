// The console's own icons; those of the chat page are in ../../view/dom.

import {drawing} from '../../view/dom';

const icons = {
    overview: '<path d="M3 17l5-6 4 4 4-7 5 6"/><path d="M3 21h18"/>',
    nodes: '<rect x="4" y="4" width="16" height="7" rx="2"/><rect x="4" y="14" width="16" height="6" rx="2"/><path d="M8 7.500v.1M8 17v.1"/>',
    rooms: '<path d="M9 4L7 20M17 4l-2 16M4 9h17M3 15h17"/>',
    sessions: '<circle cx="9" cy="8" r="3.500"/><path d="M2.500 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 5a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .8 3.200 2.700 3.500 5.500"/>',
    trace: '<path d="M3 12h4l3-8 4 16 3-8h4"/>',
    bans: '<circle cx="12" cy="12" r="9"/><path d="M5.700 5.700l12.600 12.600"/>',
    broadcast: '<path d="M4 10v4h4l8 5V5l-8 5zM19.500 9a4.500 4.500 0 0 1 0 6"/>',
    play: '<path d="M7 5l12 7-12 7z"/>',
    pause: '<path d="M8 5v14M16 5v14"/>',
    stop: '<rect x="6" y="6" width="12" height="12" rx="2"/>',
    save: '<path d="M12 4v11M7 10.500l5 5 5-5M5 20h14"/>',
};

export type icon_name = keyof typeof icons;

export const icon = (name: icon_name): SVGElement => drawing(icons[name]);
