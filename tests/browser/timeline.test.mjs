// The page's memory of a room, without a browser.

import assert from 'node:assert/strict';
import {before, test} from 'node:test';

process.env.TZ = 'Europe/Berlin'; // where days of 23 and 25 hours are

import {load} from './support/module.mjs';

let timeline;
let text;
let wire;

before(async () => {
    ({timeline} = await load('src/timeline.ts'));
    text = await load('src/text.ts');
    wire = await load('src/wire.ts');
});

const me = 7;
const message = (seq, content = `text ${seq}`, sender = 1) => ({
    chatRoomId: 1,
    messageId: 1000 + seq,
    seq,
    senderId: sender,
    senderNickname: 'x',
    content,
    messageType: 'CHAT',
    createdAt: '2025-01-09T14:30:00.123Z',
});
const seqs = (line) => line.messages.map((one) => one.seq);

test('messages are kept by seq, and one that comes twice is kept once', () => {
    const line = new timeline(me, 4);
    assert.equal(line.add(message(5)), true);
    assert.equal(line.add(message(6)), true);
    assert.equal(line.add(message(5)), false);
    line.add_all([message(6), message(4), message(3)]);
    assert.deepEqual(seqs(line), [3, 4, 5, 6]);
    assert.equal(line.contiguous, 6);
});

test('a missing message holds back the number to resume from until it is there', () => {
    const line = new timeline(me, 4);
    line.add(message(5));
    line.add(message(8));
    assert.equal(line.contiguous, 5);
    assert.equal(line.last_seq, 8);
    assert.ok(line.has_gap);
    line.add_all([message(7), message(6)]);
    assert.equal(line.contiguous, 8);
    assert.ok(!line.has_gap);
});

test('a gap that the history does not fill is given up', () => {
    const line = new timeline(me, 4);
    line.add(message(9));
    line.close_gap();
    assert.equal(line.contiguous, 9);
});

test('history before the start does not move the number to resume from', () => {
    const line = new timeline(me, 50);
    line.add_all([message(10), message(9)]);
    assert.equal(line.contiguous, 50);
    assert.equal(line.last_seq, 50);
});

test('an own message becomes the stored one under the same key', () => {
    const line = new timeline(me, 4);
    line.send('key-a', 'hello', 0);
    line.send('key-b', 'hello', 0);
    line.add(message(5, 'hello', 8));
    assert.equal(line.own.length, 2, 'somebody else said the same');
    line.add(message(6, 'hello', me));
    assert.deepEqual(line.own.map((one) => one.key), ['key-b']);
    assert.equal(line.messages.at(-1).key, 'key-a');
});

test('an older message with the same words is not taken for the one on its way', () => {
    const line = new timeline(me, 10);
    line.send('key', 'ok', 0);
    line.add_all([message(10, 'ok', me), message(9, 'ok', me)]);
    assert.equal(line.own.length, 1);
});

test('a text that the server changed is still the own message once its receipt came', () => {
    const line = new timeline(me, 4);
    line.send('key', 'you $@!', 0).state = 'stored';
    line.add(message(5, 'you ***', me));
    assert.equal(line.own.length, 0);
    assert.equal(line.messages[0].key, 'key');
});

test('a refused message stays until it is thrown away', () => {
    const line = new timeline(me, 4);
    line.send('key', 'no', 0).state = 'refused';
    line.add(message(5, 'no', me));
    assert.equal(line.own.length, 1);
    line.forget_own('key');
    assert.equal(line.own.length, 0);
});

test('a message that may be stored all the same is the one that turns up', () => {
    const line = new timeline(me, 4);
    const own = line.send('key', 'in doubt', 0);
    own.state = 'refused';
    own.in_doubt = true;
    line.add(message(5, 'in doubt', me));
    assert.equal(line.own.length, 0);
    assert.equal(line.messages[0].key, 'key');
});

test('yesterday is the day before, however long it was', () => {
    const at = (day, hour, minute = 0) => new Date(2025, 2, day, hour, minute).getTime();
    assert.equal(text.day_name(at(30, 0, 30), at(30, 12)), 'Today');
    assert.equal(text.day_name(at(29, 0, 30), at(30, 23)), 'Yesterday');
    // In Berlin the 30th has 23 hours.
    assert.equal(text.day_name(at(30, 12), at(31, 0, 30)), 'Yesterday');
    assert.notEqual(text.day_name(at(29, 23, 45), at(31, 0, 30)), 'Yesterday');
});

test('addresses are links, without the dot or bracket behind them', () => {
    const links = (said) => text.linkify(said).filter((one) => one.link).map((one) => one.link);
    assert.deepEqual(links('see https://a.example/x. And (https://b.example/y)!'), ['https://a.example/x', 'https://b.example/y']);
    assert.deepEqual(links('https://c.example/a_(b)'), ['https://c.example/a_(b)']);
    assert.deepEqual(links('(see https://c.example/a_(b)), and (https://d.example/z!)'), ['https://c.example/a_(b)', 'https://d.example/z']);
    assert.deepEqual(links('javascript:alert(1) http:/ https://'), []);
    assert.equal(text.linkify('a https://b.example c').map((one) => one.text).join(''), 'a https://b.example c');
});

test('a few emoji alone are shown large, words and digits are not', () => {
    for (const said of ['🐃', '👍🏽', '❤️', '👩‍👩‍👧', '🇰🇷', '🎉 🎉']) assert.ok(text.is_only_emoji(said), said);
    for (const said of ['', ' ', 'ok', '1', '🐃 hi', '안녕']) assert.ok(!text.is_only_emoji(said), said);
});

test('a name has initials in any script', () => {
    assert.equal(text.initials('Ada Lovelace'), 'AL');
    assert.equal(text.initials('홍길동'), '홍');
    assert.equal(text.initials('👋 x'), '👋X');
    assert.equal(text.initials('  '), '?');
});

test('only what has a place in the room is a message of it', () => {
    for (const messageType of ['CHAT', 'JOIN', 'LEAVE']) assert.ok(wire.is_stored({messageType}));
    for (const messageType of ['TYPING', 'READ', 'EVENT', 'something new']) assert.ok(!wire.is_stored({messageType}), messageType);
});

test('of a notice people are shown its words, and nothing if it has none', () => {
    const of = (message) => wire.text_of({eventType: 'all.service-check', message: {eventType: 'all.service-check', ...message}});
    assert.equal(of({text: 'Back soon', title: 'Service'}), 'Back soon');
    assert.equal(of({title: 'Service'}), 'Service');
    assert.equal(of({amount: 9900, text: ' '}), null);
    assert.equal(of({content: {html: 'x'}}), null);
    assert.equal(wire.text_of({eventType: 'x'}), null);
});

test('who comes and who goes is not counted as a message, and what is not here is', () => {
    const line = new timeline(me, 4);
    for (const seq of [5, 6, 7, 8]) line.add({...message(seq), messageType: seq === 6 ? 'JOIN' : seq === 7 ? 'LEAVE' : 'CHAT'});
    assert.equal(line.said_after(4), 2);
    assert.equal(line.said_after(7), 1);
    assert.equal(line.said_after(8), 0);
    assert.equal(line.said_after(2), 4);
});
