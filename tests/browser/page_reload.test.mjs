// The page when it is loaded again: what was written and not sent is there.

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
const visit = (nickname, options) => visitor.arrive(browser, node.origin, nickname, {expected, ...options});
const lost = (one) => one.page.locator('[data-testid=connection][data-phase=waiting]').waitFor();

test('a reload loses nothing that was written without a connection, and doubles nothing', async () => {
    const bob = await visit('Bob', {user: 7102});
    const ann = await visit('Ann', {user: 7101});
    await ann.say('before');
    await ann.state_of('before', 'stored');
    await node.kill();
    await lost(ann);
    await ann.say('in the tunnel');
    await ann.say('still in the tunnel');
    await ann.composer().fill('half a sent');
    await node.run();
    await ann.page.reload();
    await ann.connected();
    await ann.state_of('in the tunnel', 'stored');
    await ann.state_of('still in the tunnel', 'stored');
    await bob.sees('still in the tunnel');
    assert.equal(await ann.composer().inputValue(), 'half a sent');

    await ann.page.reload();
    await ann.connected();
    await ann.composer_send('after');
    await bob.sees('after');
    for (const one of [ann, bob])
        assert.deepEqual((await one.texts()).slice(-4), ['before', 'in the tunnel', 'still in the tunnel', 'after']);
    assert.equal(await ann.page.evaluate(() => sessionStorage.getItem('stampede.unsent.7101')), '{"drafts":{},"messages":[]}');
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});

test('what was refused is there after a reload, until it is discarded', async () => {
    const ann = await visit('Ann');
    await ann.paste('z'.repeat(300_000));
    await ann.composer().press('Enter');
    const refusal = ann.page.getByTestId('refusal');
    await refusal.waitFor();
    await ann.page.reload();
    await ann.connected();
    await refusal.getByText('Discard').focus();
    await ann.page.keyboard.press('Enter');
    await refusal.waitFor({state: 'detached'});
    assert.ok(await ann.composer().evaluate((field) => field === document.activeElement), 'one can go on writing');
    await ann.page.reload();
    await ann.connected();
    assert.equal(await refusal.count(), 0);
    await ann.leave_the_browser();
});
