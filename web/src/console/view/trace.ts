// The frames of one user or one room for a while, from all nodes, as they pass.

import {h, set_attribute, set_text} from '../../view/dom';
import {plural} from '../../text';
import {reason_of} from '../api';
import {count, duration} from '../format';
import {frame_buffer} from '../frames';
import {link, route} from '../routes';
import type {context, view} from './context';
import {frame_list} from './frame_list';
import {button, failures, field, page_head, segmented, text_input} from './parts';

const keeps = 5000; // frames, which the file then has
const shows = 500;
const lengths = [30, 60, 120, 300]; // s; the last is what a node allows

type subject = 'user' | 'destination';

export class trace_view implements view {
    private subject: subject = 'user';
    private readonly choice = segmented('Trace what', [['user', 'A user'], ['destination', 'A room']] as const, this.subject, (value) => this.choose(value));
    private readonly whom = text_input({required: true, 'aria-label': 'Whom to trace', 'data-testid': 'trace-whom'});
    private readonly whom_field = field('User', this.whom);
    private readonly seconds = h('select', {attrs: {'data-testid': 'trace-seconds'}}, ...lengths.map((one) => h('option', {text: duration(one), attrs: {value: one}})));
    private readonly start = button('Start', {symbol: 'play', kind: 'primary', name: 'trace-start'});
    private readonly stop = button('Stop', {symbol: 'stop', click: () => this.end(), name: 'trace-stop'});
    private readonly pause = button('Pause', {symbol: 'pause', click: () => this.hold(!this.held), name: 'trace-pause'});
    private readonly save = button('Save', {symbol: 'save', click: () => this.download(), name: 'trace-save'});
    private readonly status = h('p', {class: 'soft found', text: 'Nothing is traced.', attrs: {role: 'status', 'data-testid': 'trace-status'}});
    private readonly failed = new failures();
    private readonly buffer = new frame_buffer(keeps);
    private readonly list = new frame_list(shows);
    private running: AbortController | null = null;
    private listening = 0; // nodes whose stream is open
    private held = false;
    private drawing = 0;
    private traced: {subject: subject; whom: string} | null = null; // not what is being typed
    readonly element: HTMLElement;

    constructor(private readonly on: context) {
        this.seconds.value = '60';
        const form = h(
            'form',
            {
                class: 'finder card',
                on: {
                    submit: (event) => {
                        event.preventDefault();
                        void this.begin();
                    },
                },
            },
            this.choice,
            this.whom_field,
            field('For', this.seconds),
            this.start,
        );
        this.element = h(
            'section',
            {class: 'page trace'},
            page_head('Trace', 'The frames of one user or room, on all nodes. Bodies are counted, not shown.', this.pause, this.stop, this.save),
            form,
            this.failed.element,
            this.status,
            this.list.element,
        );
        this.choose('user');
        this.show_state();
    }

    open({query}: route): void {
        const what = query.has('destination') ? 'destination' : 'user';
        const whom = query.get(what);
        if (whom === null || this.running) return;
        this.choice.choose(what);
        this.choose(what);
        this.whom.value = whom;
        this.start.focus();
    }

    close(): void {
        this.end();
    }

    render(): void {}

    private choose(subject: subject): void {
        this.subject = subject;
        set_text(this.whom_field.firstElementChild!, subject === 'user' ? 'User' : 'Destination');
        this.whom.placeholder = subject === 'user' ? 'Number or login' : '/topic/chatroom/1';
    }

    private async begin(): Promise<void> {
        this.end();
        const whom = this.whom.value.trim();
        if (whom === '') return this.whom.focus();
        const running = new AbortController();
        const nodes = this.on.cluster.present;
        const failed: {node: string; why: string}[] = [];
        this.running = running;
        this.traced = {subject: this.subject, whom};
        this.listening = 0;
        this.buffer.clear();
        this.list.clear();
        this.hold(false);
        this.failed.show([]);
        history.replaceState(null, '', link('trace', [], {[this.subject]: whom}));
        const what = this.subject === 'user' ? {user: whom} : {destination: whom};
        const opened = () => {
            ++this.listening;
            this.show_state();
        };
        this.show_state();
        await Promise.all(
            nodes.map(async (node) => {
                try {
                    await this.on.api.trace(node, what, Number(this.seconds.value), running.signal, opened, (lines) => {
                        if (running.signal.aborted || lines.length === 0) return;
                        this.buffer.take(node, lines);
                        this.draw_soon();
                    });
                } catch (error) {
                    if (running.signal.aborted) return;
                    failed.push({node, why: reason_of(error)});
                    this.failed.show(failed);
                }
            }),
        );
        if (this.running === running) this.end();
    }

    private end(): void {
        this.running?.abort();
        this.running = null;
        this.hold(false);
    }

    private hold(held: boolean): void {
        this.held = held;
        set_text(this.pause.lastElementChild!, held ? 'Go on' : 'Pause');
        set_attribute(this.pause, 'aria-pressed', held ? 'true' : 'false');
        this.draw_soon();
    }

    // Many pieces may come between two frames of the screen.
    private draw_soon(): void {
        if (this.drawing) return;
        this.drawing = requestAnimationFrame(() => {
            this.drawing = 0;
            if (!this.held) this.list.show(this.buffer.rows);
            this.show_state();
        });
    }

    private show_state(): void {
        const {seen, skipped, dropped} = this.buffer;
        this.stop.disabled = this.pause.disabled = !this.running;
        this.save.disabled = seen === 0;
        const who = this.traced?.subject === 'user' ? `user ${this.traced.whom}` : (this.traced?.whom ?? '');
        const state = this.running ? (this.listening > 0 ? `Tracing ${who} on ${plural(this.listening, 'node')}` : `Asking the nodes about ${who}…`) : this.traced === null ? 'Nothing is traced' : 'The trace is over';
        const frames = this.traced === null ? null : plural(seen, 'frame').replace(/^\d+/, (number) => count(Number(number)));
        const all = [
            state,
            frames,
            skipped > 0 && `${count(skipped)} too fast to be shown`,
            seen > shows && `the newest ${shows} are shown${dropped > 0 ? `, ${count(keeps)} kept` : ''}`,
            this.held && 'paused, still listening',
        ];
        set_text(this.status, `${all.filter(Boolean).join(' · ')}.`);
        set_attribute(this.status, 'data-state', this.running ? (this.listening > 0 ? 'running' : 'asking') : 'idle');
    }

    private download(): void {
        const file = URL.createObjectURL(new Blob([this.buffer.text()], {type: 'application/x-ndjson'}));
        const name = `trace-${(this.traced?.whom ?? '').replace(/[^\p{L}\p{N}_-]+/gu, '-').replace(/^-|-$/g, '')}-${new Date().toISOString().slice(0, 19).replace(/:/g, '')}.ndjson`;
        h('a', {attrs: {href: file, download: name}}).click();
        window.setTimeout(() => URL.revokeObjectURL(file), 60_000);
    }
}
