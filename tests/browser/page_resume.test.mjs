// The page when the connection or the node goes away: it comes back by itself, misses nothing, doubles nothing.

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

// Browsers complain on the console about every attempt that fails.
const expected = [/WebSocket connection to/, /Failed to load resource/, /ERR_(CONNECTION|INTERNET|INCOMPLETE|EMPTY)/];
const visit = (nickname, options) => visitor.arrive(browser, node.origin, nickname, {expected, ...options});
const waiting = (one) => one.page.locator('[data-testid=connection]:not([data-phase=online])').waitFor();

async function count_of(one, text) {
    return (await one.texts()).filter((each) => each === text).length;
}

test('after kill -9 and a restart on the same port the pages go on, and nothing is missing or doubled', async () => {
    const ann = await visit('Ann');
    const bob = await visit('Bob');
    for (let n = 1; n <= 5; ++n) await ann.say(`before ${n}`);
    await ann.state_of('before 5', 'stored');
    await bob.sees('before 5');

    await node.kill();
    await Promise.all([waiting(ann), waiting(bob)]);
    await ann.say('written while nobody listened');
    await bob.say('so was this');
    await ann.state_of('written while nobody listened', 'sending');

    await node.run();
    await Promise.all([ann.connected(), bob.connected()]);
    for (const one of [ann, bob]) {
        await one.sees('written while nobody listened');
        await one.sees('so was this');
    }
    await ann.state_of('written while nobody listened', 'stored');
    await bob.say('and on it goes');
    await ann.sees('and on it goes');
    await bob.state_of('and on it goes', 'stored');

    for (const one of [ann, bob]) {
        for (const text of ['before 1', 'before 5', 'written while nobody listened', 'so was this', 'and on it goes'])
            assert.equal(await count_of(one, text), 1, text);
        await one.assert_each_seq_once();
    }
    assert.deepEqual(await ann.texts(), await bob.texts());
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});

test('a node that ends in order sends its pages on, and they find the next one', async () => {
    const ann = await visit('Ann');
    await ann.say('before the update');
    await ann.state_of('before the update', 'stored');
    node.child.kill('SIGTERM');
    assert.deepEqual(await node.ended, {code: 0, signal: null});
    await waiting(ann);
    await node.run();
    await ann.connected();
    await ann.say('after the update');
    await ann.state_of('after the update', 'stored');
    await ann.assert_each_seq_once();
    await ann.leave_the_browser();
});

// A page whose link can be cut, and that nothing can reach while it is.
async function visit_with_link(nickname, options) {
    const links = new Set();
    const one = {links, to_page: () => true, to_node: () => {}};
    const profile_ready = (page) =>
        page.routeWebSocket(/\/ws-chat\//, (link) => {
            const server = link.connectToServer();
            links.add(link);
            server.onMessage((message) => one.to_page(String(message)) && link.send(message));
            link.onMessage((message) => {
                server.send(message);
                one.to_node(String(message));
            });
        });
    // By WebSocket alone: SockJS would go on to another transport, which this does not see, were the machine slow.
    const query = '?transport=websocket';
    one.visitor = await visitor.arrive(browser, node.origin, nickname, {expected, before: profile_ready, query, ...options});
    one.cut = async () => {
        await one.visitor.page.context().setOffline(true);
        for (const link of links) await link.close({code: 1001, reason: 'cable pulled'});
        links.clear();
    };
    one.mend = () => one.visitor.page.context().setOffline(false);
    return one;
}

test('a page that was cut off gets everything it missed, once and in order', async () => {
    const bob = await visit('Bob');
    await bob.create_room(`Busy ${Date.now()}`);
    const room = await bob.current_room();
    const ann = await visit_with_link('Ann', {user: 2701});
    await node.join(room, 2701, 'Ann');
    await ann.visitor.page.reload();
    await ann.visitor.connected();
    await ann.visitor.open_room(await bob.room_name());
    await bob.say('to begin with');
    await ann.visitor.sees('to begin with');

    await ann.cut();
    await waiting(ann.visitor);
    const missed = Array.from({length: 120}, (_, at) => `missed ${at + 1}`);
    await bob.flood(room, missed);
    await bob.sees('missed 120');
    await ann.visitor.say('from the tunnel');
    assert.equal(await count_of(ann.visitor, 'missed 1'), 0);

    await ann.mend();
    await ann.visitor.connected();
    await ann.visitor.sees('missed 120');
    await ann.visitor.state_of('from the tunnel', 'stored');
    await bob.sees('from the tunnel');
    await ann.visitor.assert_each_seq_once();
    assert.deepEqual((await ann.visitor.texts()).filter((one) => one.startsWith('missed ')), missed);
    assert.equal(await count_of(bob, 'from the tunnel'), 1);
    await ann.visitor.leave_the_browser();
    await bob.leave_the_browser();
});

test('a message that was stored, but whose receipt was lost, is there once', async () => {
    const bob = await visit('Bob');
    const ann = await visit_with_link('Ann');
    const text = 'was I heard?';
    const left = new Promise((resolve) => (ann.to_node = (message) => message.includes(text) && resolve()));
    ann.to_page = () => !hearing_nothing;
    let hearing_nothing = true;
    await ann.visitor.say(text);
    await left;
    await bob.sees(text);
    await ann.visitor.state_of(text, 'sending');

    await ann.cut();
    await waiting(ann.visitor);
    hearing_nothing = false;
    await ann.mend();
    await ann.visitor.connected();
    await ann.visitor.state_of(text, 'stored');
    await ann.visitor.say('good');
    await bob.sees('good');
    for (const one of [ann.visitor, bob]) {
        assert.equal(await count_of(one, text), 1);
        await one.assert_each_seq_once();
    }
    await ann.visitor.leave_the_browser();
    await bob.leave_the_browser();
});
