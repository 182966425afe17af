// The chat page, as people use it.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {launch, tap} from './support/browser.mjs';
import {stampede_node} from './support/node.mjs';
import {visitor} from './support/visitor.mjs';

let node;
let browser;

before(async () => {
    node = await stampede_node.start({config: 'chat.max_content_length = 300'});
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await node?.stop();
});

// Everybody in a test has a browser of their own, as two people do.
async function visit(nickname, options) {
    return visitor.arrive(browser, node.origin, nickname, options);
}

function with_resolvers() {
    const out = {};
    out.promise = new Promise((resolve) => Object.assign(out, {resolve}));
    return out;
}

test('two people chat in the Lobby, and the history is there after a reload', async () => {
    const ann = await visit('Ann');
    const gil = await visit('홍길동');
    assert.equal(await ann.room_name(), 'Lobby');

    await ann.say('안녕하세요! 👋');
    await gil.sees('안녕하세요! 👋');
    await gil.say('Hello from the other side');
    await ann.sees('Hello from the other side');
    await ann.state_of('안녕하세요! 👋', 'stored');

    await gil.page.reload();
    await gil.connected();
    await gil.sees('안녕하세요! 👋');
    await gil.sees('Hello from the other side');
    assert.equal(await gil.nickname(), '홍길동');
    await gil.assert_each_seq_once();
    await ann.leave_the_browser();
    await gil.leave_the_browser();
});

test('whoever writes is announced to the others, and no longer once the message is there', async () => {
    const ann = await visit('Ann Typing');
    const bob = await visit('Bob');
    // It is shown for a few seconds: who begins to look afterwards may be too late.
    const announced = bob.page.getByTestId('typing').filter({hasText: /Ann Typing\W is typing/}).waitFor();
    await Promise.all([announced, ann.composer().pressSequentially('I am')]);
    assert.equal(await ann.page.getByTestId('typing').textContent(), '', 'not to oneself');
    await ann.composer().press('Enter');
    await bob.sees('I am');
    await bob.page.waitForFunction(() => document.querySelector('[data-testid=typing]').textContent === '');
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});

test('a room is created, found and joined by another, counts what is unread, and is left', async () => {
    const ann = await visit('Ann');
    const bob = await visit('Bob');
    const name = `Plans ${Date.now()}`;
    await ann.create_room(name);
    assert.equal(await ann.room_name(), name);

    await bob.page.reload();
    await bob.connected();
    await bob.open_room(name);
    await bob.page.getByTestId('join').click();
    await bob.composer().waitFor();
    await ann.page.getByText(/Bob\W joined the room/).waitFor();

    await bob.open_room('Lobby');
    await ann.say('one');
    await ann.say('two');
    await bob.unread_of(name, '2');
    await bob.page.waitForFunction(() => document.title.startsWith('(2) '));
    await bob.open_room(name);
    await bob.sees('two');
    await bob.page.getByTestId('new-line').waitFor();
    await bob.unread_of(name, null);
    await ann.page.getByTestId('seen').filter({hasText: /Seen by \WBob/}).waitFor();

    // Read here is read everywhere: the number is the server's, not the page's.
    await bob.page.reload();
    await bob.connected();
    await bob.unread_of(name, null);

    await bob.page.getByTestId('leave').click();
    await bob.page.getByTestId('join').waitFor();
    await ann.page.getByText(/Bob\W left the room/).waitFor();
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});

test('reading on one device empties the badge on the other', async () => {
    const ann = await visit('Ann');
    const room = await node.create_room(`Devices ${Date.now()}`, 2601);
    const bob_at_work = await visit('Bob', {user: 2602});
    await node.join(room, 2602, 'Bob');
    await bob_at_work.page.reload();
    await bob_at_work.connected();
    const bob_at_home = await visit('Bob', {user: 2602, room});
    await bob_at_work.open_room('Lobby');
    await bob_at_home.open_room('Lobby');
    const name = await bob_at_home.name_of(room);

    await node.rest('POST', `/rooms/${room}/join`, {as: await ann.user_id(), body: {userId: await ann.user_id(), nickname: 'Ann'}});
    await ann.page.reload();
    await ann.connected();
    await ann.open_room(name);
    await ann.say('for both of you');
    await bob_at_home.page.locator(`[data-room="${room}"] [data-testid=unread]`).waitFor();
    await bob_at_work.page.locator(`[data-room="${room}"] [data-testid=unread]`).waitFor();
    await bob_at_home.open_room(name);
    await bob_at_home.sees('for both of you');
    await bob_at_work.unread_of(name, null);
    for (const one of [ann, bob_at_home, bob_at_work]) await one.leave_the_browser();
});

test('the history is read page by page while one scrolls up', async () => {
    const writer = 2610;
    const room = await node.create_room(`Long ${Date.now()}`, writer);
    const ann = await visit('Ann', {user: writer, room});
    const lines = Array.from({length: 190}, (_, at) => `line ${at + 1}`);
    await ann.flood(room, lines);
    await ann.sees('line 190');

    await ann.page.reload();
    await ann.connected();
    await ann.sees('line 190');
    assert.equal(await ann.page.getByText('line 3', {exact: true}).count(), 0, 'not everything at once');
    await ann.scroll_to_the_beginning();
    await ann.sees('line 1');
    await ann.assert_each_seq_once();
    assert.deepEqual((await ann.texts()).filter((one) => one.startsWith('line ')), lines);

    // Reading up there, one is not dragged away by what comes in, but told.
    const bob = await visit('Bob');
    await node.join(room, await bob.user_id(), 'Bob');
    await bob.page.reload();
    await bob.connected();
    await bob.open_room(await ann.room_name());
    await bob.say('news from below');
    await ann.page.getByTestId('jump').filter({hasText: 'new message'}).waitFor();
    assert.ok(await ann.in_view('line 1'));
    await ann.page.getByTestId('jump').click();
    await ann.page.waitForFunction(() => document.querySelector('[data-testid=jump]').hidden);
    assert.ok(await ann.in_view('news from below'));
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});

test('a refused message says why, and can be sent again or thrown away', async () => {
    const ann = await visit('Ann');
    const name = `Strict ${Date.now()}`;
    await ann.create_room(name);
    await ann.say('x'.repeat(301));
    const refusal = ann.page.getByTestId('refusal');
    await refusal.waitFor();
    assert.match(await refusal.textContent(), /300/);
    await refusal.getByRole('button', {name: 'Try again'}).click();
    await refusal.waitFor();
    await refusal.getByRole('button', {name: 'Discard'}).click();
    await refusal.waitFor({state: 'detached'});
    await ann.say('short');
    await ann.state_of('short', 'stored');
    await ann.leave_the_browser();
});

test('a user who left a room on another device sees it here, and can join again', async () => {
    const ann = await visit('Ann');
    const name = `Door ${Date.now()}`;
    await ann.create_room(name);
    await ann.say('still inside');
    await ann.state_of('still inside', 'stored');
    const room = await ann.current_room();
    await node.rest('POST', `/rooms/${room}/leave`, {as: await ann.user_id(), body: {userId: await ann.user_id()}});

    await ann.page.getByTestId('join').click();
    await ann.composer().waitFor();
    await ann.say('inside again');
    await ann.state_of('inside again', 'stored');
    await ann.assert_each_seq_once();
    await ann.leave_the_browser();
});

test('a list of rooms that was asked for before one joined and comes after does not put one out', async () => {
    const asked = with_resolvers();
    const late = with_resolvers();
    const given = with_resolvers();
    // The page asks when it starts, when it is connected, and when it has joined its first room.
    const before = async (page) => {
        let lists = 0;
        await page.route(/\/api\/chat\/rooms\?/, async (route) => {
            if (++lists !== 2) return route.continue();
            const answer = await route.fetch();
            asked.resolve();
            await late.promise;
            await route.fulfill({response: answer});
            given.resolve();
        });
        await page.route(/\/join$/, async (route) => {
            await asked.promise;
            await route.continue();
        });
    };
    const ann = await visit('Ann', {before});
    late.resolve();
    await given.promise;
    await ann.page.evaluate(async () => {
        await fetch('/api/chat/rooms?limit=1', {headers: {'X-User-Id': '1'}});
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    });
    assert.ok(await ann.composer().isVisible());
    await ann.say('still here');
    await ann.leave_the_browser();
});

test('what others write is shown as text, never run', async () => {
    const ann = await visit('Ann');
    const bob = await visit('<b>Bob</b>');
    const attack = '<img src=x onerror="window.hit = 1"> <script>window.hit = 1</script> https://example.org/"onmouseover="window.hit=1';
    await bob.say(attack);
    await ann.sees(attack);
    assert.equal(await ann.page.evaluate(() => window.hit), undefined);
    const link = ann.page.locator('[data-testid=message] a').last();
    assert.equal(await link.getAttribute('href'), 'https://example.org/');
    await ann.leave_the_browser();
    await bob.leave_the_browser();
});

test('a second tab can be another guest', async () => {
    const ann = await visit('Ann');
    const [tab] = await Promise.all([
        ann.page.context().waitForEvent('page'),
        ann.page.getByRole('link', {name: 'Open a second tab as another guest'}).click(),
    ]);
    const guest = new visitor(tab);
    await guest.introduce('Guest');
    await guest.connected();
    assert.notEqual(await guest.user_id(), await ann.user_id());
    await guest.say('from the second tab');
    await ann.sees('from the second tab');
    await tab.reload();
    await guest.connected();
    assert.equal(await guest.nickname(), 'Guest');
    await ann.page.reload();
    await ann.connected();
    assert.equal(await ann.nickname(), 'Ann');
    await ann.leave_the_browser();
});

for (const transport of ['xhr-polling', 'jsonp-polling', 'iframe-eventsource']) {
    test(`the page works over ${transport} too`, async () => {
        const ann = await visit('Ann', {query: `?transport=${transport}`, expected: [/document\.domain mutation is ignored/]});
        const bob = await visit('Bob');
        assert.match(await ann.page.getByTestId('connection').getAttribute('title'), new RegExp(transport));
        await ann.say(`by ${transport}`);
        await bob.sees(`by ${transport}`);
        await bob.say(`got it by ${transport}`);
        await ann.sees(`got it by ${transport}`);
        await ann.leave_the_browser();
        await bob.leave_the_browser();
    });
}

test('on a phone the rooms and the room are two screens', async () => {
    const ann = await visit('Ann', {context: {viewport: {width: 390, height: 844}, isMobile: true, hasTouch: true}});
    await ann.say('from my phone');
    await ann.state_of('from my phone', 'stored');
    assert.equal(await ann.page.getByTestId('my-rooms').isVisible(), false);
    await tap(ann.page.getByRole('button', {name: 'All rooms'}));
    await ann.page.getByTestId('my-rooms').waitFor();
    assert.equal(await ann.composer().isVisible(), false);
    const too_wide = await ann.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.equal(too_wide, false);
    await ann.leave_the_browser();
});

test('every control has a name, and the page can be used by keyboard', async () => {
    const ann = await visit('Ann');
    const nameless = await ann.page.evaluate(() =>
        [...document.querySelectorAll('button, a[href], input, textarea')]
            .filter((one) => one.checkVisibility())
            .filter((one) => !(one.getAttribute('aria-label') || one.labels?.[0]?.textContent.trim() || one.textContent.trim()))
            .map((one) => one.outerHTML),
    );
    assert.deepEqual(nameless, []);
    await ann.page.getByTestId('new-room').focus();
    await ann.page.keyboard.press('Enter');
    await ann.page.getByTestId('room-dialog').waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.page.getByTestId('room-dialog').waitFor({state: 'detached'});
    await ann.leave_the_browser();
});
