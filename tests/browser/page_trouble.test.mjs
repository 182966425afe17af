// The page when something does not work: it says so, goes easy on the server, and loses nothing.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {stampede_node} from './support/node.mjs';
import {visitor} from './support/visitor.mjs';

let node;
let browser;

before(async () => {
    node = await stampede_node.start();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await node?.stop();
});

const expected = [/WebSocket connection to/, /Failed to load resource/];
const visit = (nickname, options) => visitor.arrive(browser, node.origin, nickname, {expected, ...options});

// 300,000 bytes are over what a frame may have, 1,200,000 over what a message of the WebSocket may.
for (const size of [300_000, 1_200_000]) {
    test(`a text of ${size} characters is refused, and what is written after it gets there`, async () => {
        const ann = await visit('Ann');
        const bob = await visit('Bob');
        await ann.paste('y'.repeat(size));
        await ann.composer().press('Enter');
        await ann.page.getByTestId('refusal').waitFor();
        await ann.composer_send(`after ${size}`);
        await bob.sees(`after ${size}`);
        await ann.state_of(`after ${size}`, 'stored');
        await ann.page.getByTestId('refusal').getByText('Discard').click();
        await ann.page.getByTestId('refusal').waitFor({state: 'detached'});
        await ann.leave_the_browser();
        await bob.leave_the_browser();
    });
}

async function with_history(name, count) {
    const writer = 8000 + count;
    const room = await node.create_room(`${name} ${Date.now()}`, writer);
    const ann = await visit('Ann', {user: writer, room});
    await ann.flood(room, Array.from({length: count}, (_, at) => `line ${at + 1}`));
    await ann.sees(`line ${count}`);
    return ann;
}

const is_history = (url) => /\/messages\?/.test(url.href);

test('a history that cannot be had is asked for again, but not at once', async () => {
    const ann = await with_history('Broken', 120);
    const asked = [];
    let broken = true;
    await ann.page.route(is_history, (route) => {
        asked.push(Date.now());
        return broken ? route.fulfill({status: 503, contentType: 'application/problem+json', body: '{"code":"store_unavailable","detail":"Away."}'}) : route.continue();
    });
    await ann.page.reload();
    const older = ann.page.getByTestId('older').filter({hasText: 'could not be loaded'});
    await older.waitFor();
    while (asked.length < 3) await ann.page.waitForRequest((request) => is_history(new URL(request.url())));
    // Asked when the room is opened; perhaps once more, when the connection is there; then after longer and longer.
    assert.ok(asked[2] - asked[1] >= 1900, `asked at ${asked.map((one) => one - asked[0])} ms`);
    broken = false;
    await ann.connected();
    await ann.sees('line 120');
    await older.waitFor({state: 'hidden'});
    await ann.leave_the_browser();
});

test('what is loaded above the first message in view does not move it, up at the top', async () => {
    const ann = await with_history('High', 220);
    await ann.page.reload();
    await ann.connected();
    await ann.sees('line 220');
    const first = await ann.texts();
    const loaded = ann.page.waitForResponse((response) => is_history(new URL(response.url())));
    await ann.page.evaluate(() => (document.querySelector('.scroller').scrollTop = 0));
    await loaded;
    const now = () => ann.page.locator('[data-testid=message]').count();
    await ann.page.waitForFunction((before) => document.querySelectorAll('[data-testid=message]').length > before, first.length);
    assert.ok(await ann.in_view(first[0]), 'what was at the top is in view');
    assert.ok((await now()) < 220, 'not everything was loaded');
    await ann.leave_the_browser();
});

test('a question that must be answered stays, however often one escapes', async () => {
    const profile = await browser.newContext();
    const one = new visitor(await profile.newPage());
    await one.page.goto(node.origin);
    const dialog = one.page.getByTestId('nickname-dialog');
    for (let n = 0; n < 4; ++n) {
        await dialog.waitFor();
        await one.page.keyboard.press('Escape');
    }
    await one.introduce('Patient');
    await one.connected();
    assert.equal(await one.nickname(), 'Patient');
    await one.leave_the_browser();
});

test('what was read is told, though one goes on to another room at once', async () => {
    const reader = 8801;
    const rooms = await Promise.all(['Read one', 'Read two', 'Read three'].map((name) => node.create_room(`${name} ${Date.now()}`, 8802)));
    for (const room of rooms) await node.join(room, reader, 'Reader');
    const writer = await visit('Writer', {user: 8802, room: rooms[0]});
    const one = await visit('Reader', {user: reader, room: rooms[2]});
    await writer.flood(rooms[1], ['to be read as well']);
    await writer.say('to be read');
    const names = await Promise.all([rooms[0], rooms[1]].map((room) => writer.name_of(room)));
    for (const name of names) await one.unread_of(name, '[0-9]+');
    await one.page.evaluate(([first, second]) => {
        location.hash = `#/room/${first}`;
        new MutationObserver((_, watch) => {
            if (!document.querySelector('.messages[data-loaded]')) return;
            watch.disconnect();
            location.hash = `#/room/${second}`;
        }).observe(document.querySelector('.messages'), {attributes: true});
    }, rooms);
    for (const name of names) await one.unread_of(name, null);
    await writer.page.getByTestId('seen').filter({hasText: 'Reader'}).waitFor();
    await one.leave_the_browser();
    await writer.leave_the_browser();
});

test('an address that changes in the very moment in which the page writes another is followed', async () => {
    const user = 8811;
    const rooms = await Promise.all(['Here', 'There'].map((name) => node.create_room(`${name} ${Date.now()}`, user)));
    const one = await visit('Goer', {user});
    const there = await one.name_of(rooms[1]);
    await one.page.evaluate(([here, there]) => {
        requestAnimationFrame(() => (location.hash = `#/room/${there}`)); // just before the page draws the other
        document.querySelector(`[data-room="${here}"]`).click();
    }, rooms);
    await one.page.locator('.head').filter({hasText: there}).waitFor();
    assert.equal(await one.page.evaluate(() => location.hash), `#/room/${rooms[1]}`);
    await one.leave_the_browser();
});

test('a message that never came is read from the history, also when that fails at first', async () => {
    const drop_one = (page) =>
        page.routeWebSocket(/\/ws-chat\//, (socket) => {
            const server = socket.connectToServer();
            server.onMessage((frame) => String(frame).includes('lost on the way') || socket.send(frame));
        });
    const ann = await visit('Ann', {before: drop_one});
    const bob = await visit('Bob');
    let refused = 0;
    await ann.page.route(is_history, (route) =>
        refused++ < 1 ? route.fulfill({status: 503, contentType: 'application/problem+json', body: '{"code":"store_unavailable","detail":"Away."}'}) : route.continue(),
    );
    await bob.say('lost on the way');
    await bob.say('and one more');
    await ann.sees('and one more');
    await ann.sees('lost on the way');
    assert.ok(refused >= 2);
    await ann.assert_each_seq_once();
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});
