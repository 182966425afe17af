// A node that asks for credentials: the page asks its user for them.

import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {after, before, test} from 'node:test';

import {client_page, launch} from './support/browser.mjs';
import {stampede_node} from './support/node.mjs';
import {visitor} from './support/visitor.mjs';

const secret = 'a secret for the tests, long enough to sign with';
const leeway = 30; // seconds, by default

let node;
let browser;

before(async () => {
    node = await stampede_node.start({
        config: `
[auth]
mode = "required"

[auth.jwt]
algorithms = ["HS256"]
secret = "${secret}"
`,
    });
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await node?.stop();
});

function token(user, lasts = 3600) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const text = `${part({alg: 'HS256', typ: 'JWT'})}.${part({sub: String(user), iat: now, exp: now + lasts})}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

async function make_room(name, user) {
    const answer = await fetch(`${node.origin}/api/chat/rooms`, {
        method: 'POST',
        headers: {Authorization: `Bearer ${token(user)}`, 'Content-Type': 'application/json'},
        body: JSON.stringify({name, type: 'PUBLIC', creatorId: user, nickname: 'Owner'}),
    });
    assert.equal(answer.status, 201);
    return (await answer.json()).chatRoomId;
}

test('without credentials there is nothing to see', async () => {
    assert.equal((await node.rest('GET', '/rooms', {as: 41})).status, 401);
    assert.equal((await node.rest('POST', '/rooms', {as: 41, body: {name: 'x', type: 'PUBLIC', creatorId: 41, nickname: 'x'}})).status, 401);
});

test('the page asks for a token, says why one is refused, and chats with a good one', async () => {
    const room = await make_room('Members only', 4100);
    const profile = await browser.newContext();
    const ann = new visitor(await profile.newPage(), [/status of 401/]);
    await ann.page.goto(`${node.origin}/#/room/${room}`);
    await ann.introduce('Ann');
    const sign_in = async (words) => {
        await ann.page.getByTestId('credentials-input').fill(words);
        await ann.page.getByTestId('credentials-submit').click();
    };
    await sign_in('not a token');
    await ann.page.getByTestId('credentials-dialog').getByText(/three parts/).waitFor();
    await sign_in(token(4101));
    await ann.page.getByTestId('join').click();
    await ann.connected();
    assert.equal(await ann.user_id(), 4101, 'the token says who one is');
    await ann.say('signed in');
    await ann.state_of('signed in', 'stored');

    await ann.page.reload();
    await ann.connected();
    await ann.sees('signed in');
    await ann.leave_the_browser();
});

test('two tabs of one browser are two users, each after a reload, too', async () => {
    const room = await make_room('Two tabs', 4104);
    const profile = await browser.newContext();
    const tabs = [];
    for (const user of [4105, 4106]) {
        const one = new visitor(await profile.newPage(), [/status of 401/]);
        await one.page.goto(`${node.origin}/#/room/${room}`);
        if (tabs.length === 0) await one.introduce('Ann');
        await one.page.getByTestId('credentials-input').fill(token(user));
        await one.page.getByTestId('credentials-submit').click();
        await one.page.getByTestId('join').click();
        await one.connected();
        tabs.push(one);
    }
    await tabs[0].page.reload();
    await tabs[0].connected();
    assert.deepEqual([await tabs[0].user_id(), await tabs[1].user_id()], [4105, 4106]);
    assert.equal(await tabs[0].page.evaluate(() => JSON.parse(sessionStorage.getItem('stampede.identity')).id), 4105);
    await tabs[0].say('from the first');
    await tabs[1].sees('from the first');
    assert.equal(await tabs[1].page.locator('.message.mine').count(), 0);
    for (const one of tabs) one.console.assert_none();
    await profile.close();
});

test('a token that names no user by number is said to be no good, and another one is asked for', async () => {
    const room = await make_room('By number', 4107);
    const profile = await browser.newContext();
    const ann = new visitor(await profile.newPage(), [/status of 40[0-9]/]);
    await ann.page.goto(`${node.origin}/#/room/${room}`);
    await ann.introduce('Ann');
    await ann.page.getByTestId('credentials-input').fill(token('a-service'));
    await ann.page.getByTestId('credentials-submit').click();
    await ann.page.getByTestId('credentials-dialog').getByText('name "a-service", and no user of the chat by number').waitFor();
    await ann.page.getByTestId('credentials-input').fill(token(4108));
    await ann.page.getByTestId('credentials-submit').click();
    await ann.page.getByTestId('join').click();
    await ann.connected();
    assert.equal(await ann.user_id(), 4108);
    await ann.leave_the_browser();
});

test('a refusal that comes when one has signed in does not ask again', async () => {
    const room = await make_room('Late', 4103);
    const profile = await browser.newContext();
    const ann = new visitor(await profile.newPage(), [/status of 401/]);
    let first = true;
    let let_go;
    const released = new Promise((resolve) => (let_go = resolve));
    let given;
    const was_given = new Promise((resolve) => (given = resolve));
    await ann.page.route(/\/api\/chat\/rooms\?/, async (route) => {
        if (!first) return route.continue();
        first = false;
        const answer = await route.fetch();
        assert.equal(answer.status(), 401);
        await released;
        await route.fulfill({response: answer});
        given();
    });
    await ann.page.goto(`${node.origin}/#/room/${room}`);
    await ann.introduce('Ann');
    await ann.page.getByTestId('credentials-input').fill(token(4103));
    await ann.page.getByTestId('credentials-submit').click();
    await ann.connected();
    let_go();
    await was_given;
    await ann.page.evaluate(async () => {
        await fetch('/api/chat/rooms?limit=1');
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    });
    assert.equal(await ann.page.getByTestId('credentials-dialog').count(), 0);
    await ann.say('still here');
    await ann.leave_the_browser();
});

for (const [how, headers] of Object.entries({
    'in the Authorization header of CONNECT': {Authorization: `Bearer ${token(4102)}`},
    'as the passcode of CONNECT': {passcode: token(4102)},
})) {
    test(`a client gives its token ${how}`, async () => {
        const page = await client_page(browser, node, ['sockjs.js', 'stompjs-7.js', 'adapters.js']);
        const connected = await page.evaluate(async (headers) => {
            const {adapter} = conversation(adapters['@stomp/stompjs 7'](() => new SockJS('/ws-chat')));
            const answer = await within(adapter.connect(headers), 'CONNECTED');
            await adapter.disconnect({});
            return answer;
        }, headers);
        assert.equal(connected['user-name'], '4102');
        await page.context().close();
    });
}

test('nobody speaks for somebody else', async () => {
    const room = await make_room('No masks', 4110);
    const page = await client_page(browser, node, ['sockjs.js', 'stompjs-7.js', 'adapters.js']);
    const refusal = await page.evaluate(
        async ([room, Authorization]) => {
            const {adapter, receipt, inbox} = conversation(adapters['@stomp/stompjs 7'](() => new SockJS('/ws-chat')));
            await within(adapter.connect({Authorization}), 'CONNECTED');
            const errors = inbox();
            adapter.subscribe('/user/queue/errors', errors.take, {receipt: 'live'});
            await receipt('live');
            const body = {chatRoomId: room, senderId: 4111, senderNickname: 'Somebody else', content: 'x', messageType: 'CHAT'};
            adapter.send('/app/chat.sendMessage', {'idempotency-key': 'mask'}, JSON.stringify(body));
            const {body: told} = await errors.until(() => true);
            await adapter.disconnect({});
            return JSON.parse(told);
        },
        [room, `Bearer ${token(4110)}`],
    );
    assert.equal(refusal.code, 'sender_mismatch');
    assert.equal(refusal.idempotencyKey, 'mask');
    await page.context().close();
});

test('a token that runs out ends the session, with the reason', async () => {
    const page = await client_page(browser, node, ['sockjs.js', 'stompjs-7.js', 'adapters.js']);
    let told = null;
    // Seconds for which it is good. A busy machine may need longer to connect: then once more.
    for (const good of [2, 6, 12]) {
        const began = Date.now();
        told = await page.evaluate(async (Authorization) => {
            const {adapter} = conversation(adapters['@stomp/stompjs 7'](() => new SockJS('/ws-chat')));
            try {
                await within(adapter.connect({Authorization}), 'CONNECTED');
            } catch (error) {
                return {late: String(error)};
            }
            const frame = await within(new Promise((resolve) => (adapter.client.onStompError = resolve)), 'ERROR');
            return {code: frame.headers.code, message: frame.headers.message};
        }, `Bearer ${token(4120, good - leeway)}`);
        if (!told.late) break;
        assert.ok(Date.now() - began > (good - 1) * 1000, told.late);
    }
    assert.match(`${told.code} ${told.message}`, /expired/);
    await page.context().close();
});
