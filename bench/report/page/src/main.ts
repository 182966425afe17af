// The page of a run or of a comparison.

import {type comparison, read_data, type run} from './data';
import {el} from './dom';
import {forget_plots} from './plot';
import {all_plots} from './plots';
import {compared, cut_short, errors, expectations, figures, heading, tiles, warnings} from './tables';

const place = document.getElementById('report')!;

function add(...parts: (HTMLElement | null)[]) {
    place.append(...parts.filter((one): one is HTMLElement => one !== null));
}

function show_run(of: run) {
    add(heading(of), warnings([of]), expectations([of]), tiles(of),
        el('div', {class: 'plots'}, ...all_plots([of])), errors([of]), figures(of));
}

function show_comparison(of: comparison) {
    const plots = el('div', {class: 'plots'});
    const buttons = of.rounds.map((_, at) => el('button', {type: 'button'}, `Round ${at + 1}`));
    const choose = (at: number) => {
        buttons.forEach((one, i) => one.setAttribute('aria-pressed', String(i === at)));
        forget_plots();
        plots.replaceChildren(...all_plots(of.rounds[at]!));
    };
    buttons.forEach((one, at) => one.addEventListener('click', () => choose(at)));
    add(heading(of), cut_short(of), warnings(of.rounds.flat()), expectations(of.rounds.map((one) => one[0]!)), compared(of),
        of.rounds.length > 1 ? el('nav', {'aria-label': 'Round'}, ...buttons) : null, plots, errors(of.rounds.flat()));
    choose(of.rounds.length - 1);
}

const data = read_data();
document.title = data.scenario || 'Load test';
if (data.kind === 'run') show_run(data);
else show_comparison(data);
