// Every SockJS transport that Chromium can do, forced one by one.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {client_page, is_firefox, launch, watch} from './support/browser.mjs';
import {free_port, stampede_node} from './support/node.mjs';

let node;
let elsewhere; // an origin that the node lets in
let browser;

before(async () => {
    const port = await free_port();
    elsewhere = `http://localhost:${port}`;
    node = await stampede_node.start({port, config: `http.allowed_origins = ["${elsewhere}"]`});
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await node?.stop();
});

const scripts = ['sockjs.js', 'stompjs-7.js', 'adapters.js'];

// More than one streaming response may carry (128 KiB), so that the client must come back for the rest.
async function talk([address, transport, room, user]) {
    let socket;
    // The client gives a transport up after a few round trips of its first request; a busy machine may pause for longer.
    const open = () => (socket = new SockJS(address, null, {transports: [transport], timeout: 30_000}));
    const {adapter, receipt, new_receipt, inbox} = conversation(adapters['@stomp/stompjs 7'](open));
    const connected = await within(adapter.connect({login: String(user)}), 'CONNECTED');
    const used = socket.transport;
    const live = new_receipt();
    const messages = inbox();
    adapter.subscribe(`/topic/chatroom/${room}`, messages.take, {receipt: live});
    await receipt(live);

    const sent = [];
    for (let n = 0; n < 24; ++n) {
        const content = `${n} 안녕 \u2028\ufeff\u200b👋 `.padEnd(4000, '한');
        sent.push(content);
        adapter.send(
            '/app/chat.sendMessage',
            {receipt: `stored-${n}`},
            JSON.stringify({chatRoomId: room, senderId: user, senderNickname: '홍길동', content, messageType: 'CHAT'}),
        );
    }
    await Promise.all(sent.map((_, n) => receipt(`stored-${n}`)));
    const of_mine = () => messages.messages.map((one) => JSON.parse(one.body)).filter((one) => one.messageType === 'CHAT');
    await messages.until(() => of_mine().length === sent.length);
    const same = of_mine().every((one, n) => one.content === sent[n]);
    const seqs = of_mine().map((one) => one.seq);
    const ends = new Promise((resolve) => (socket.onclose = ((before) => (event) => (before?.(event), resolve(event)))(socket.onclose)));
    await within(adapter.disconnect({}), 'the end');
    const {code, wasClean} = await within(ends, 'close');
    return {version: connected.version, used, same, seqs, code, wasClean};
}

const transports = [
    'websocket',
    'xhr-streaming',
    'eventsource',
    'htmlfile',
    'xhr-polling',
    'jsonp-polling',
    'iframe-eventsource',
    'iframe-htmlfile',
    'iframe-xhr-polling',
];

async function check(page, address, transport, user) {
    const room = await node.create_room(`over ${transport}`, user);
    const console_of = watch(page, [/document\.domain mutation is ignored/]); // as sockjs-client's iframes do
    const got = await page.evaluate(talk, [address, transport, room, user]);
    assert.equal(got.used, transport);
    assert.equal(got.version, '1.2');
    assert.ok(got.same, 'every message arrives as it was sent, in order');
    assert.deepEqual(got.seqs, got.seqs.map((_, at) => got.seqs[0] + at));
    assert.equal(got.code, 1000);
    assert.equal(got.wasClean, true);
    console_of.assert_none();
    await page.context().close();
}

// Its frame sets document.domain and the page does not: to Firefox they are of two origins. SockJS comes to others first there.
const not_here = (transport) => is_firefox && transport === 'htmlfile' && 'Firefox does not let the frame talk to the page';

for (const [at, transport] of transports.entries()) {
    test(`a chat over ${transport}`, {skip: not_here(transport)}, async () => {
        await check(await client_page(browser, node, scripts), '/ws-chat', transport, 2200 + at);
    });
}

for (const [at, transport] of ['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling', 'jsonp-polling', 'iframe-eventsource'].entries()) {
    test(`a chat over ${transport} from a page of another origin`, async () => {
        const page = await client_page(browser, node, scripts, {origin: elsewhere});
        await check(page, `${node.origin}/ws-chat`, transport, 2220 + at);
    });
}

test('SockJS falls back by itself where WebSocket is not let through', async () => {
    const room = await node.create_room('behind a proxy', 2240);
    const page = await client_page(browser, node, scripts, {
        before: (page) => page.routeWebSocket(/\/ws-chat\//, (socket) => socket.close({code: 1001, reason: 'no WebSocket here'})),
    });
    const used = await page.evaluate(
        async ([room]) => {
            let socket;
            const {adapter, receipt, inbox} = conversation(
                adapters['@stomp/stompjs 7'](() => (socket = new SockJS('/ws-chat', null, {timeout: 30_000}))), // as in talk()
            );
            await within(adapter.connect({login: '2240'}), 'CONNECTED');
            const used = socket.transport;
            const messages = inbox();
            adapter.subscribe(`/topic/chatroom/${room}`, messages.take, {receipt: 'live'});
            await receipt('live');
            adapter.send('/app/chat.sendMessage', {}, JSON.stringify({chatRoomId: room, senderId: 2240, senderNickname: 'Ann', content: 'through', messageType: 'CHAT'}));
            await messages.until((one) => JSON.parse(one.body).content === 'through');
            await adapter.disconnect({});
            return used;
        },
        [room],
    );
    assert.equal(used, 'xhr-streaming');
    await page.context().close();
});

test('a page of an origin that is not let in gets nothing, by no transport', async () => {
    const strict = await stampede_node.start();
    const origin = strict.origin.replace('127.0.0.1', 'localhost');
    const page = await client_page(browser, strict, scripts, {origin});
    const outcome = await page.evaluate(async (home) => {
        const by_sockjs = await within(new Promise((resolve) => (new SockJS(`${home}/ws-chat`).onclose = (event) => resolve(event.code))), 'close');
        const by_websocket = await within(
            new Promise((resolve) => {
                const socket = new WebSocket(`${home.replace('http', 'ws')}/ws`, 'v12.stomp');
                socket.onopen = () => resolve('open');
                socket.onerror = () => resolve('refused');
            }),
            'open or error',
        );
        return {by_sockjs, by_websocket};
    }, strict.origin);
    assert.deepEqual(outcome, {by_sockjs: 1002, by_websocket: 'refused'});
    await page.context().close();
    await strict.stop();
});
