// One plot in its card: as wide as the card, in the colours of light or dark, its legend below.

import uPlot from 'uplot';

import type {numbers} from './data';
import {el} from './dom';

export interface line {
    label: string;
    values: numbers;
    colour: string; // a custom property of the style sheet: --blue
    dashed?: boolean;
    faint?: boolean;
    filled?: boolean;
}

export interface plot_options {
    name: string; // data-testid
    title: string;
    note?: string;
    x: number[];
    lines: line[];
    value: (value: number) => string; // in the legend
    axis: (value: number) => string;
    logarithmic?: boolean; // upwards
    x_scale?: uPlot.Scale;
    x_axis?: uPlot.Axis;
    x_label?: string; // in the legend
    x_text?: (value: number) => string;
    shaded?: [number, number] | null; // from x to x: the warm-up
}

const colour_of = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn: {draw: () => void}[] = [];

function series_of(one: line, value: (value: number) => string, width: number): uPlot.Series {
    const colour = colour_of(one.colour);
    return {
        label: one.label,
        stroke: colour,
        width: one.faint ? 1 : width,
        ...(one.dashed ? {dash: [5, 4]} : {}),
        ...(one.filled ? {fill: colour + '22'} : {}),
        points: {show: one.values.filter((v) => v !== null).length < 2},
        spanGaps: true,
        value: (_, v) => (v === null || v === undefined ? '' : value(v)),
    };
}

// The range from 0, with a little room above; a course of nothing has a range, too.
const from_zero: uPlot.Range.Function = (_, __, most) => [0, most > 0 ? most * 1.08 : 1];

function shade(from: number, to: number): uPlot.Plugin {
    return {
        hooks: {
            drawClear: (plot) => {
                const left = plot.valToPos(from, 'x', true);
                const right = plot.valToPos(to, 'x', true);
                plot.ctx.fillStyle = colour_of('--shade');
                plot.ctx.fillRect(left, plot.bbox.top, right - left, plot.bbox.height);
            },
        },
    };
}

// Two decades at most that a reading touches would leave a logarithmic axis with one label.
function logarithmic_range(_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax {
    if (!least || !most) return [0.1, 1];
    return [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most * 1.001))];
}

function options_of(wanted: plot_options, width: number): uPlot.Options {
    const ink = colour_of('--faint');
    const grid = {stroke: colour_of('--grid'), width: 1};
    const font = '12px system-ui, sans-serif';
    const axis: uPlot.Axis = {stroke: ink, grid, ticks: {show: false}, font};
    return {
        width,
        height: Math.round(Math.min(300, Math.max(200, width * 0.42))),
        padding: [12, 30, 0, 4],
        plugins: wanted.shaded ? [shade(...wanted.shaded)] : [],
        legend: {live: true, markers: {width: 0, fill: (_, i) => colour_of(wanted.lines[i - 1]?.colour ?? '--faint')}},
        cursor: {y: false, points: {size: 7}, drag: {x: true, y: false}},
        scales: {
            x: wanted.x_scale ?? {time: false},
            y: wanted.logarithmic ? {distr: 3, log: 10, range: logarithmic_range} : {range: from_zero},
        },
        axes: [
            {...axis, size: 30, values: (_, ticks) => ticks.map((one) => (one === null ? null : `${one} s`)), ...wanted.x_axis},
            {...axis, size: 64, values: (_, ticks) => ticks.map((one) => (one === null ? null : wanted.axis(one)))},
        ],
        series: [
            {label: wanted.x_label ?? 'at', value: (_, v) => (v === null || v === undefined ? '' : (wanted.x_text ?? ((at) => `${at} s`))(v))},
            ...wanted.lines.map((one) => series_of(one, wanted.value, 2)),
        ],
    };
}

export function plot_card(wanted: plot_options): HTMLElement {
    const place = el('div', {class: 'plot'});
    const card = el('section', {'class': 'card', 'data-testid': `plot-${wanted.name}`},
        el('h2', {}, wanted.title), wanted.note ? el('p', {class: 'note'}, wanted.note) : null, place);
    let plot: uPlot | undefined;
    let width = 0;
    const draw = () => {
        if (width < 50) return;
        plot?.destroy();
        plot = new uPlot(options_of(wanted, width), [wanted.x, ...wanted.lines.map((one) => one.values)] as uPlot.AlignedData, place);
    };
    new ResizeObserver(([entry]) => {
        const now = Math.floor(entry!.contentRect.width);
        if (now === width) return;
        width = now;
        draw();
    }).observe(place);
    drawn.push({draw});
    return card;
}

export function forget_plots() {
    drawn.length = 0;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawn.forEach((one) => one.draw()));
