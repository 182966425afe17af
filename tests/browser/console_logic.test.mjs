// The console's arithmetic, without a browser.

import assert from 'node:assert/strict';
import {before, test} from 'node:test';

import {load} from './support/module.mjs';

let rates;
let history;
let scale;
let quantiles;
let measures;
let line_reader;
let merge;
let routes;
let frames;
let format;
let messages;
let credentials;

before(async () => {
    const of = (name) => load(`src/console/${name}.ts`);
    rates = await of('rates');
    ({history} = await of('history'));
    scale = await of('scale');
    quantiles = await of('quantiles');
    measures = await of('measures');
    ({line_reader} = await of('ndjson'));
    merge = await of('merge');
    routes = await of('routes');
    frames = await of('frames');
    format = await of('format');
    messages = await of('messages');
    credentials = await of('credentials');
});

const sample = (seconds, counters, started = 'a') => ({at: seconds * 1000, started, counters});
const deliveries = (all) => rates.total(all.deliveries);

test('a counter becomes what happened in a second', () => {
    assert.equal(rates.rate(sample(10, {deliveries: 100}), sample(12, {deliveries: 150}), deliveries), 25);
    assert.equal(rates.rate(sample(10, {deliveries: 100}), sample(10, {deliveries: 150}), deliveries), null);
});

test('a node that was started again counts from nothing again, and its rate is never negative', () => {
    const before = sample(10, {deliveries: 100_000});
    assert.equal(rates.rate(before, sample(12, {deliveries: 30}, 'b'), deliveries), 15);
    assert.equal(rates.rate(before, sample(12, {deliveries: 100_030}, 'b'), deliveries), 50_015, 'more than before, and yet from nothing');
    assert.equal(rates.rate(before, sample(12, {deliveries: 30}), deliveries), 15, 'even if it does not say so');
    const all = [before, sample(12, {deliveries: 100_010}), sample(14, {deliveries: 5}, 'b'), sample(16, {deliveries: 8}, 'b')];
    assert.equal(rates.increase_over(all, deliveries), 18);
});

test('counters by name are added, however deep they lie', () => {
    assert.equal(rates.total({in: {SEND: 2, ACK: 1}, out: {MESSAGE: 4}}), 7);
    assert.equal(rates.total(undefined), 0);
    assert.deepEqual([...rates.by_name({in: {SEND: 2}, out: {SEND: 1, MESSAGE: 4}})], [['SEND', 3], ['MESSAGE', 4]]);
});

test('values are added over the nodes that are known at a moment', () => {
    const past = new history(3);
    past.add(1, new Map([['a', {connections: 5}]]));
    past.add(2, new Map([['a', {connections: 6}], ['b', {connections: 10}]]));
    past.add(3, new Map([['b', {connections: 12, delivery_p99: 3}]]));
    assert.deepEqual(past.of('b', 'connections'), [null, 10, 12]);
    assert.deepEqual(past.sum('connections'), [5, 16, 12]);
    assert.deepEqual(past.worst('connections'), [5, 10, 12]);
    assert.deepEqual(past.sum('delivery_p99'), [null, null, 3]);
});

test('the history keeps so much and no more, and forgets nodes that are long gone', () => {
    const past = new history(3);
    past.add(0, new Map([['old', {memory: 1}]]));
    for (let at = 1; at <= 3; ++at) past.add(at, new Map([['a', {memory: at}]]));
    assert.deepEqual(past.times, [1, 2, 3]);
    assert.deepEqual(past.nodes, ['a']);
});

test('latencies are those of the last seconds, not of all the time since the start', () => {
    const slow = [[1, 0], [10, 1000], [null, 1000]];
    const fast_since = [[1, 100], [10, 1100], [null, 1100]];
    assert.equal(quantiles.quantile(slow, 0.5), 5.5);
    assert.equal(quantiles.quantile(quantiles.between(slow, fast_since), 0.5), 0.5);
    assert.equal(quantiles.quantile(quantiles.between(slow, slow), 0.5), undefined, 'nothing was measured');
    assert.equal(quantiles.quantile([[1, 0], [10, 0], [null, 5]], 0.99), 10, 'beyond the last bound nothing is known but that');

    const overview = (buckets, started = 'a') => ({startedAt: started, counters: {}, gauges: {latencies: {delivery: {p50Ms: 7, p99Ms: 9, count: buckets.at(-1)[1], buckets}}}});
    const looks = [measures.look_at(overview(slow), 0)];
    const p50 = (now, at) => measures.measure(now, looks, null, measures.look_at(now, at)).delivery_p50;
    assert.equal(p50(overview(fast_since), 2000), 0.5);
    assert.equal(p50(overview(fast_since), 60_000), undefined, 'too long ago to say');
    assert.equal(p50(overview(fast_since, 'b'), 2000), undefined, 'of another process');
});

test('axes have round numbers', () => {
    assert.deepEqual(scale.value_ticks(0, 3), [0, 1]);
    assert.deepEqual(scale.value_ticks(93, 3), [0, 50, 100]);
    assert.deepEqual(scale.value_ticks(0.07, 3), [0, 0.025, 0.05, 0.075]);
    assert.deepEqual(scale.value_ticks(2, 3, {whole: true}), [0, 1, 2]);
    assert.deepEqual(scale.value_ticks(7, 3, {whole: true}), [0, 5, 10]);
    assert.deepEqual(scale.value_ticks(150 * 1024, 3, {bytes: true}), [0, 50, 100, 150].map((one) => one * 1024));
    for (const highest of [1, 3, 9.99, 10, 11, 24, 26, 99, 1e6, 12_345_678])
        for (const kind of [{}, {bytes: true}, {whole: true}]) {
            const ticks = scale.value_ticks(highest, 3, kind);
            assert.ok(ticks.at(-1) >= highest * 0.998 && ticks.length <= 5, `${highest} ${JSON.stringify(kind)}: ${ticks}`);
        }
    assert.deepEqual(scale.time_ticks(61_000, 190_000, 4), [120_000, 180_000]);
});

test('a line is interrupted where nothing is known, and where time has passed without a sample', () => {
    const draw = (times, values) => scale.line(times, values, (at) => at, (value) => value, 3);
    assert.equal(draw([1, 2, 3], [1, 2, 3]), 'M1.0 1.0L2.0 2.0L3.0 3.0');
    assert.equal(draw([1, 2, 3, 4], [1, null, 3, 4]), 'M1.0 1.0h0M3.0 3.0L4.0 4.0');
    assert.equal(draw([1, 2, 9, 10], [1, 2, 3, 4]), 'M1.0 1.0L2.0 2.0M9.0 3.0L10.0 4.0');
});

test('the moment under the pointer is the nearest one', () => {
    const times = [10, 20, 30];
    assert.deepEqual([-5, 14, 16, 29, 99].map((at) => scale.nearest(times, at)), [0, 0, 1, 2, 2]);
    assert.equal(scale.nearest([], 5), -1);
});

test('lines of JSON are read however the stream is cut', () => {
    const bytes = new TextEncoder().encode('{"user":"홍길동"}\n\nnot JSON\n{"skipped":3}');
    for (let size = 1; size <= bytes.length; ++size) {
        const reader = new line_reader();
        const all = [];
        for (let at = 0; at < bytes.length; at += size) all.push(...reader.take(bytes.slice(at, at + size)));
        assert.deepEqual([...all, ...reader.end()], [{user: '홍길동'}, {skipped: 3}]);
    }
});

test('rooms are added over the nodes, the most subscribed first', () => {
    const merged = merge.merge_rooms([
        {node: 'b', rooms: [{destination: '/topic/1', subscribers: 2}, {destination: '/topic/2', subscribers: 3}]},
        {node: 'a', rooms: [{destination: '/topic/1', subscribers: 2}]},
    ]);
    assert.deepEqual(merged, [
        {destination: '/topic/1', subscribers: 4, nodes: [{node: 'a', subscribers: 2}, {node: 'b', subscribers: 2}]},
        {destination: '/topic/2', subscribers: 3, nodes: [{node: 'b', subscribers: 3}]},
    ]);
});

test('a node that fails is named and spoils nothing', async () => {
    const said = await merge.ask_all(['a', 'b'], async (node) => (node === 'a' ? 1 : Promise.reject(new Error('gone'))), (error) => error.message);
    assert.deepEqual(said, {good: [{node: 'a', value: 1}], failed: [{node: 'b', why: 'gone'}]});
});

test('an address leads to what it was made from, whatever is in it', () => {
    const odd = 'a/b?c#d&e=<b>홍%';
    const there = routes.parse_route(routes.link('sessions', ['node-1', odd], {user: odd, node: ''}));
    assert.equal(there.page, 'sessions');
    assert.deepEqual(there.path, ['node-1', odd]);
    assert.deepEqual([...there.query], [['user', odd]]);
    assert.equal(routes.parse_route('').page, 'overview');
    assert.equal(routes.parse_route('#/nowhere/else').page, 'overview');
    assert.deepEqual(routes.parse_route('#/sessions/%E0%A4%A/x').path, ['%E0%A4%A', 'x'], 'what is no escape stays');
});

test('of a trace the newest frames are kept, and all are counted', () => {
    const kept = new frames.frame_buffer(3);
    const frame = (command) => ({time: 't', session: 's', user: 'u', direction: 'in', command, headers: {}, bodyBytes: 0});
    kept.take('a', ['CONNECT', 'SUBSCRIBE', 'SEND'].map(frame));
    kept.take('b', [{skipped: 7}, frame('ACK')]);
    assert.deepEqual(kept.rows.map((one) => one.command ?? one.skipped), ['SEND', 7, 'ACK']);
    assert.deepEqual([kept.seen, kept.skipped, kept.dropped], [4, 7, 2]);
    const lines = kept.text().trimEnd().split('\n').map((one) => JSON.parse(one));
    assert.deepEqual(lines[1], {node: 'b', skipped: 7});
    assert.deepEqual(lines[2], {...frame('ACK'), node: 'b'});
});

test('times and names are said as people do', () => {
    assert.deepEqual([0, 59.9, 60, 3700, 93_600, 172_800].map(format.duration), ['0 s', '59 s', '1 min', '1 h 1 min', '1 d 2 h', '2 d']);
    assert.equal(format.words('slow_consumer'), 'slow consumer');
    assert.equal(format.words('authFailures'), 'auth failures');
    assert.equal(format.words('SEND'), 'SEND');
    assert.equal(format.bytes(1536).replace(/\D5/, '.5'), '1.5 KiB');
    assert.equal(format.clock('yesterday'), 'yesterday', 'what is no time is shown as it came');
});

test('what is broadcast is an object', () => {
    assert.deepEqual(messages.message_of('{"a":1}'), {a: 1});
    for (const text of ['', '[]', '1', 'null', '{']) assert.equal(typeof messages.message_of(text), 'string', text);
    assert.equal(messages.text_of(JSON.stringify(messages.announcement('all.service-check', 'Soon.'))), 'Soon.');
    assert.equal(messages.text_of('{'), null);
});

test('the account is read from its credentials, a token has none', () => {
    assert.equal(credentials.login_of(`Basic ${Buffer.from('관리자:pass:code').toString('base64')}`), '관리자');
    assert.equal(credentials.login_of('Bearer abc'), null);
});
