// The page on a phone of 360 px.

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

const expected = [/WebSocket connection to/, /Failed to load resource/, /ERR_(CONNECTION|INTERNET|INCOMPLETE|EMPTY)/];
const context = {viewport: {width: 360, height: 740}};
const visit = (nickname, options) => visitor.arrive(browser, node.origin, nickname, {expected, context, ...options});
const pane = (one, name) => one.page.locator(`body[data-pane=${name}]`).waitFor();

test('going back leads from the room to the list, and the arrow does the same', async () => {
    const ann = await visit('Ann');
    const room = await ann.current_room();
    await pane(ann, 'room');
    await ann.go_back();
    await pane(ann, 'rooms');
    await ann.page.locator(`[data-room="${room}"]`).click();
    await pane(ann, 'room');
    const entries = await ann.page.evaluate(() => history.length);
    await ann.page.getByRole('button', {name: 'All rooms'}).click();
    await pane(ann, 'rooms');
    await ann.page.waitForFunction(() => location.hash === '');
    await ann.page.locator(`[data-room="${room}"]`).click();
    await pane(ann, 'room');
    assert.equal(await ann.page.evaluate(() => history.length), entries);
    await ann.page.reload();
    await ann.connected();
    await ann.go_back();
    await pane(ann, 'rooms');
    await ann.leave_the_browser();
});

test('the longest names fit, and the seconds until the next attempt are seen', async () => {
    const long = 'W'.repeat(40);
    const ann = await visit(long);
    const bob = await visit('Bob');
    await ann.say('from somebody');
    await bob.sees('from somebody');
    const wide = await bob.page.evaluate(() => [...document.querySelectorAll('.conversation *')].filter((one) => !one.closest('.spoken') && one.getBoundingClientRect().right > innerWidth).map((one) => one.className));
    assert.deepEqual(wide, []);
    await node.kill();
    const badge = bob.page.locator('[data-testid=connection][data-phase=waiting]');
    await badge.filter({hasText: /\d+ s/}).waitFor();
    assert.deepEqual(await badge.locator(':scope > span').evaluate((one) => [one.scrollWidth - one.clientWidth, one.innerText.replace(/\d+/, 'n')]), [0, 'n s']);
    await node.run();
    await bob.leave_the_browser();
    await ann.leave_the_browser();
});

test('a name from right to left turns nothing around it', async () => {
    const ann = await visit('\u202eevE');
    const bob = await visit('Bob');
    await ann.say('2 + 2');
    const author = bob.page.locator('.message .author').filter({hasText: 'evE'});
    await author.waitFor();
    assert.equal(await author.getAttribute('dir'), 'auto');
    assert.equal(await bob.page.locator('.event').last().textContent(), '\u2068Bob\u2069 joined the room');
    assert.equal(await bob.page.locator('.event').filter({hasText: 'evE'}).last().textContent(), '\u2068evE\u2069 joined the room');
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});
