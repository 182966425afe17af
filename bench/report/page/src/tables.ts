// Everything of a report that is not a plot.

import type {comparison, run} from './data';
import {el} from './dom';
import {ratio_text, value_text} from './format';

export function heading(of: run | comparison): HTMLElement {
    const facts = [
        of.kind === 'run' ? of.target : of.targets.join(' against '),
        of.kind === 'run' && of.measured_seconds > 0 ? `${value_text(of.measured_seconds, 's')} measured` : '',
        of.kind === 'comparison' ? rounds_text(of) : '',
        of.started.replace('T', ' ').replace('Z', ' UTC'),
        of.machine,
    ].filter((one) => one !== '');
    return el('header', {},
        el('h1', {}, of.scenario || 'Load test', of.kind === 'run' ? verdict(of) : null),
        el('p', {class: 'facts'}, facts.join(' · ')),
        of.command !== '' && el('pre', {'data-testid': 'command'}, el('code', {}, of.command)));
}

function rounds_text(of: comparison): string {
    const made = `${of.rounds.length} ${of.rounds.length === 1 ? 'round' : 'rounds'}`;
    return of.cut_short ? `${made} of ${of.rounds_wanted}` : made;
}

export function cut_short(of: comparison): HTMLElement | null {
    if (!of.cut_short) return null;
    return el('section', {'class': 'warnings', 'role': 'alert', 'data-testid': 'cut-short'},
        el('h2', {}, 'Cut short'), el('p', {}, of.cut_short));
}

function verdict(of: run): HTMLElement | null {
    if (of.failed) return el('span', {'class': 'pill bad', 'data-testid': 'verdict'}, 'ended early');
    if (of.expectations.length === 0) return null;
    return el('span', {'class': `pill ${of.passed ? 'good' : 'bad'}`, 'data-testid': 'verdict'}, of.passed ? 'passed' : 'failed');
}

export function warnings(runs: run[]): HTMLElement | null {
    const texts = new Set(runs.flatMap((one) => one.warnings.map((text) => (runs.length > 1 ? `${one.target}: ${text}` : text))));
    if (texts.size === 0) return null;
    return el('section', {'class': 'warnings', 'role': 'alert', 'data-testid': 'warnings'},
        el('h2', {}, texts.size === 1 ? 'Warning' : 'Warnings'),
        el('ul', {}, ...[...texts].map((one) => el('li', {}, one))));
}

// Of a comparison's rounds each expectation is listed once per round, with its number.
export function expectations(runs: run[]): HTMLElement | null {
    const rows = runs.flatMap((of, at) => of.expectations.map((one) => el('li', {},
        el('span', {class: `pill ${one.passed ? 'good' : 'bad'}`}, one.passed ? 'passed' : 'failed'),
        runs.length > 1 && `Round ${at + 1}: `,
        el('code', {}, one.text), ' ', el('strong', {}, one.value === null ? 'not measured' : value_text(one.value, one.unit)))));
    if (rows.length === 0) return null;
    return el('section', {'class': 'card', 'data-testid': 'expectations'}, el('h2', {}, 'Expectations'),
        el('ul', {class: 'expectations'}, ...rows));
}

const tile_names: [string, string][] = [
    ['delivered_rate', 'delivered'],
    ['connect_rate', 'connected'],
    ['delivery_p99', 'delivery p99'],
    ['receipt_p99', 'receipt p99'],
    ['round_trip_p99', 'round trip p99'],
    ['lost', 'lost'],
    ['cpu_per_delivery', 'server CPU per delivery'],
    ['cpu_per_connect', 'server CPU per connect'],
    ['pss_per_session', 'memory per session'],
    ['pss', 'server memory'],
    ['errors', 'errors'],
];

export function tiles(of: run): HTMLElement {
    const there = tile_names.filter(([name]) => of.figures[name] && (name !== 'errors' || of.figures[name]!.value > 0)).slice(0, 8);
    return el('section', {'class': 'tiles', 'data-testid': 'tiles'}, ...there.map(([name, title]) => {
        const one = of.figures[name]!;
        const bad = (name === 'lost' || name === 'errors') && one.value > 0;
        return el('div', {class: bad ? 'tile bad' : 'tile'}, el('span', {}, title), el('strong', {}, value_text(one.value, one.unit)));
    }));
}

export function figures(of: run): HTMLElement {
    const groups = new Map<string, [string, run['figures'][string]][]>();
    for (const [name, one] of Object.entries(of.figures)) {
        const group = one.group ?? 'scenario';
        groups.set(group, [...(groups.get(group) ?? []), [name, one]]);
    }
    return el('section', {'class': 'card', 'data-testid': 'figures'}, el('h2', {}, 'Figures'),
        el('div', {class: 'groups'}, ...[...groups].map(([group, members]) => el('table', {},
            el('caption', {}, group),
            el('tbody', {}, ...members.map(([name, one]) => el('tr', {'data-figure': name},
                el('th', {scope: 'row', title: name}, one.title ?? name),
                el('td', {}, value_text(one.value, one.unit)))))))));
}

export function errors(runs: run[]): HTMLElement | null {
    const rows = runs.flatMap((one) => Object.entries(one.errors).map(([text, times]) => ({text, times, target: one.target})));
    if (rows.length === 0) return null;
    rows.sort((a, b) => b.times - a.times);
    return el('section', {'class': 'card', 'data-testid': 'error-texts'}, el('h2', {}, 'Errors by text'),
        el('div', {class: 'scroll'}, el('table', {class: 'rows'}, el('tbody', {}, ...rows.map((one) => el('tr', {},
            el('td', {}, one.times.toLocaleString('en-US')),
            runs.length > 1 && el('td', {}, one.target),
            el('td', {class: 'text'}, one.text)))))));
}

export function compared(of: comparison): HTMLElement {
    const judged = (better: string, least: number, most: number) => {
        if (better === 'neither' || (least <= 1.05 && most >= 0.95)) return '';
        return (least > 1.05) === (better === 'higher') ? 'good' : 'bad';
    };
    const head = el('tr', {}, el('th', {}, ''), ...of.targets.map((target, at) =>
        el('th', {}, el('span', {class: 'value'}, target), at > 0 && el('span', {class: 'ratio'}, 'ratio'))));
    const rows = Object.entries(of.figures).map(([name, one]) => el('tr', {'data-figure': name},
        el('th', {scope: 'row'}, name),
        ...of.targets.map((_, at) => {
            const value = el('span', {class: 'value'}, value_text(one.medians[at], one.unit));
            if (at === 0) return el('td', {}, value);
            const ratio = one.ratios[at];
            if (!ratio) return el('td', {}, value, el('span', {class: 'ratio'}, '–'));
            return el('td', {}, value, el('span', {class: `ratio ${judged(one.better, ratio.min, ratio.max)}`},
                el('strong', {}, ratio_text(ratio.median)),
                ratio.rounds > 1 && el('small', {}, ` ${ratio_text(ratio.min)} to ${ratio_text(ratio.max)}`)));
        })));
    return el('section', {'class': 'card', 'data-testid': 'compared'}, el('h2', {}, 'Compared'),
        el('p', {class: 'note'}, `Medians of the rounds; ratios to ${of.targets[0]}, taken within each round: their median, least and most.`),
        el('div', {class: 'scroll'}, el('table', {class: 'rows compared'}, el('thead', {}, head), el('tbody', {}, ...rows))));
}
