// How the console asks the nodes, without a browser: nobody waits for a node that does not answer.

import assert from 'node:assert/strict';
import {before, beforeEach, test} from 'node:test';

import {load} from './support/module.mjs';

let module;
let poller;

// What the browser would give; a tab that is in sight until it is hidden.
const page = Object.assign(new EventTarget(), {hidden: false});

// Timers that run when the test says so.
const timers = new Map();
let last_timer = 0;

function let_time_pass() {
    const due = [...timers.values()];
    timers.clear();
    for (const call of due) call();
}

function hide(hidden) {
    page.hidden = hidden;
    page.dispatchEvent(new Event('visibilitychange'));
}

before(async () => {
    globalThis.document = page;
    globalThis.window = {
        setTimeout: (call) => (timers.set(++last_timer, call), last_timer),
        clearTimeout: (timer) => timers.delete(timer),
    };
    module = await load('src/console/cluster.ts');
    ({poller} = await load('src/console/poller.ts'));
});

beforeEach(() => hide(false));

const settled = async () => {
    for (let at = 0; at < 20; ++at) await Promise.resolve();
};

const overview = (more = {}) => ({
    id: '',
    version: '1',
    startedAt: '2026-01-01T00:00:00Z',
    uptimeSeconds: 1,
    ready: true,
    draining: false,
    links: [],
    counters: {deliveries: 0, frames: {}},
    gauges: {connections: {websocket: 2}},
    ...more,
});

// Nodes whose answers the test gives when it likes.
function source(ids) {
    const open = new Map(ids.map((id) => [id, []]));
    return {
        ids: [...ids],
        open,
        nodes: async function () {
            return {self: ids[0], nodes: this.ids.map((id) => ({id, address: `${id}:1`}))};
        },
        overview: (id) => new Promise((resolve, reject) => open.get(id).push({resolve, reject})),
        async answer(id, more) {
            open.get(id).shift().resolve(overview(more));
            await settled();
        },
    };
}

test('a node that does not answer is asked once and holds up nobody', async () => {
    const from = source(['a', 'b']);
    const cluster = new module.cluster(from, () => {});
    await cluster.first();
    await from.answer('a');
    cluster.sample();
    cluster.sample();
    await settled();
    assert.equal(from.open.get('b').length, 1, 'asked again only after it has answered');
    assert.equal(from.open.get('a').length, 1);
    assert.deepEqual(cluster.nodes.map(module.condition_of), ['ready', 'unknown']);
    assert.deepEqual(cluster.history.sum('connections'), [2, 2]);

    from.open.get('b').shift().reject(new Error('connection refused'));
    await settled();
    assert.equal(module.condition_of(cluster.known.get('b')), 'silent');
    assert.match(cluster.known.get('b').problem, /connection refused/);
    cluster.sample();
    await from.answer('b', {draining: true});
    assert.equal(module.condition_of(cluster.known.get('b')), 'draining');
});

test('what a silent node said last is no longer counted', async () => {
    const from = source(['a', 'b']);
    const cluster = new module.cluster(from, () => {});
    await cluster.first();
    await from.answer('a');
    await from.answer('b');
    cluster.sample();
    from.open.get('b').shift().reject(new Error('gone'));
    await settled();
    cluster.sample();
    assert.deepEqual(cluster.history.sum('connections'), [4, 2]);
});

test('a node that has left is shown as gone, and not asked', async () => {
    const from = source(['a', 'b']);
    const cluster = new module.cluster(from, () => {});
    await cluster.first();
    await from.answer('b');
    from.ids.pop();
    await cluster.first();
    cluster.sample();
    assert.equal(module.condition_of(cluster.known.get('b')), 'gone');
    assert.deepEqual(cluster.present, ['a']);
    assert.equal(from.open.get('b').length, 0);
});

test('the first question fails as the server does, later ones are told', async () => {
    const from = source(['a']);
    const cluster = new module.cluster(from, () => {});
    from.nodes = () => Promise.reject(new Error('refused'));
    await assert.rejects(cluster.first(), /refused/);
    cluster.sample();
    await settled();
    assert.match(cluster.problem, /refused/);
});

test('a job runs at once and regularly, never twice at the same time, and not in a hidden tab', async () => {
    const running = [];
    const work = new poller(() => new Promise((resolve) => running.push(resolve)), 1000);
    const done = async () => {
        running.shift()();
        await settled();
    };
    work.start();
    assert.equal(running.length, 1);
    let_time_pass();
    void work.now();
    assert.equal(running.length, 1, 'it is still at work');
    await done();
    let_time_pass();
    assert.equal(running.length, 1);
    await done();

    hide(true);
    let_time_pass();
    assert.equal(running.length, 0);
    hide(false);
    assert.equal(running.length, 1, 'at once when somebody looks again');
    hide(true);
    await done();
    let_time_pass();
    assert.equal(running.length, 0, 'what ended while hidden starts nothing');
    hide(false);
    await done();

    work.stop();
    let_time_pass();
    hide(true);
    hide(false);
    assert.equal(running.length, 0);
});

test('the time of a node is its own, whatever the clock of the operator says', async () => {
    const source = {
        nodes: async () => ({self: 'a', nodes: [{id: 'a', address: ''}]}),
        overview: async () => overview({id: 'a', startedAt: '2026-01-01T00:00:00Z', uptimeSeconds: 60}),
    };
    const state = new module.cluster(source, () => {});
    await state.first();
    await settled();
    const {heard} = state.known.get('a');
    assert.equal(state.time_at('a', heard + 500), Date.parse('2026-01-01T00:01:00.500Z'));
    assert.equal(state.time_at('unknown', 7), 7);
});
