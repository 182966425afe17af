// The page for whoever uses a keyboard, listens, or has kept it open for long.

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
const focused_room = (one) => one.page.evaluate(() => document.activeElement.dataset.room ?? null);

test('the focus stays on a room that somebody types and writes in', async () => {
    const [ann, bob] = [await visit('Ann'), await visit('Bob')];
    const room = await ann.current_room();
    await ann.page.locator(`[data-room="${room}"]`).focus();
    await bob.composer().pressSequentially('x');
    await ann.page.locator(`[data-room="${room}"].busy`).waitFor();
    assert.equal(await focused_room(ann), String(room));
    await ann.create_room('Another one');
    await ann.say('it comes first');
    await ann.page.locator(`[data-room="${room}"]`).focus();
    await bob.composer_send('now the other one does');
    await ann.page.locator(`li:first-child > [data-room="${room}"]`).waitFor();
    assert.equal(await focused_room(ann), String(room));
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});

test('who listens hears of each author, of the loss of the connection, and no history', async () => {
    const ann = await visit('Ann');
    const bob = await visit('Bob');
    await bob.say('one');
    await bob.say('and another');
    await ann.sees('and another');
    assert.match(await ann.message('and another').last().textContent(), /Bob/);

    const smile = ann.page.getByRole('button', {name: 'Emoji', exact: true});
    await smile.click();
    assert.equal(await smile.getAttribute('aria-expanded'), 'true');
    await ann.page.locator('.picker button').first().click();
    await ann.composer().press('Enter');
    await ann.page.locator('.picker').waitFor({state: 'hidden'});
    assert.equal(await smile.getAttribute('aria-expanded'), 'false');

    const spoken = ann.page.getByTestId('connection-spoken');
    assert.equal(await spoken.textContent(), '');
    await node.kill();
    await spoken.filter({hasText: 'The connection is lost.'}).waitFor();
    await node.run();
    await spoken.filter({hasText: 'Connected again.'}).waitFor();
    await bob.page.locator('[data-phase=online]').waitFor();

    let go;
    await ann.page.route(/\/messages\?/, async (route) => {
        await new Promise((resolve) => (go = resolve));
        await route.continue();
    });
    await ann.page.reload();
    await ann.page.locator('.scroller[aria-busy=true]').waitFor();
    go();
    await ann.page.locator('.scroller:not([aria-busy])').waitFor();
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});

test('one hears what one writes once, however its row changes', async () => {
    const ann = await visit('Ann');
    await ann.say('before it');
    await ann.page.evaluate(() => {
        window.heard = [];
        const log = document.querySelector('[role=log]');
        new MutationObserver((changes) => {
            for (const node of changes.flatMap((one) => [...one.addedNodes]))
                if (!node.parentElement?.closest('[aria-live=off]') && !node.closest?.('[aria-live=off]')) window.heard.push(node.textContent);
        }).observe(log, {childList: true, subtree: true});
    });
    await ann.say('once');
    await ann.state_of('once', 'stored');
    assert.equal((await ann.page.evaluate(() => window.heard)).filter((one) => one.includes('once')).length, 1);
    assert.equal(await ann.message('once').locator('.state').getAttribute('aria-label'), 'Sent');

    await ann.page.evaluate(() => (window.heard = []));
    await ann.paste('w'.repeat(300_000));
    await ann.composer().press('Enter');
    await ann.page.getByTestId('refusal').waitFor();
    const heard = await ann.page.evaluate(() => window.heard);
    assert.equal(heard.filter((one) => one.includes('www')).length, 1);
    assert.equal(heard.filter((one) => one.includes('Try again')).length, 1);
    await ann.page.getByText('Discard').click();
    await ann.leave_the_browser();
});

test('a page that stays open draws the newest messages, and the older ones for whoever scrolls up', async () => {
    const ann = await visit('Ann');
    const bob = await visit('Bob');
    const room = await ann.current_room();
    const texts = Array.from({length: 700}, (_, at) => `long ago ${at + 1}`);
    await bob.flood(room, texts);
    await ann.sees(texts.at(-1));
    await bob.sees(texts.at(-1));
    const drawn = await ann.page.locator('.messages > [data-seq]').count();
    assert.ok(drawn <= 300, `${drawn} messages are drawn`);
    await ann.scroll_to_the_beginning();
    await ann.sees(texts[0]);
    await ann.assert_each_seq_once();
    assert.ok((await ann.seqs()).length >= texts.length);
    await ann.page.getByTestId('jump').click();
    await bob.composer_send('and now');
    await ann.sees('and now');
    await ann.page.waitForFunction(() => document.querySelectorAll('.messages > [data-seq]').length <= 300);
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});
