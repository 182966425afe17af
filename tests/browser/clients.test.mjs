// The STOMP clients that browsers use, unchanged, over new SockJS('/ws-chat').

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {client_page, launch, watch} from './support/browser.mjs';
import {stampede_node} from './support/node.mjs';

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

const said = '안녕하세요! Grüße, ¿qué tal? 👋🏽🐃 \u2028 "quoted" back\\slash a:b\ttab\nline';

// The whole life of a client, in the page: what it answers is checked outside.
async function live_through([name, room, user, content]) {
    const {adapter, receipt, new_receipt, inbox} = conversation(adapters[name](() => new SockJS('/ws-chat')));
    const connected = await within(adapter.connect({login: String(user)}), 'CONNECTED');

    const live = new_receipt();
    const messages = inbox();
    const errors = inbox();
    adapter.subscribe('/user/queue/errors', errors.take, {});
    adapter.subscribe(`/topic/chatroom/${room}`, messages.take, {receipt: live});
    await receipt(live);

    const body = (text) => JSON.stringify({chatRoomId: room, senderId: user, senderNickname: '홍길동', content: text, messageType: 'CHAT'});
    const stored = new_receipt();
    adapter.send('/app/chat.sendMessage', {receipt: stored, 'idempotency-key': `key-${user}`}, body(content));
    await receipt(stored);
    const first = await messages.until((one) => JSON.parse(one.body).content === content);

    // The same once more: a retry, which must not be there twice. Then another, as proof of that.
    const again = new_receipt();
    adapter.send('/app/chat.sendMessage', {receipt: again, 'idempotency-key': `key-${user}`}, body(content));
    await receipt(again);
    adapter.send('/app/chat.sendMessage', {}, body('the last one'));
    const last = await messages.until((one) => JSON.parse(one.body).content === 'the last one');

    // Refused: nobody can speak for a room that is not there.
    adapter.send('/app/chat.sendMessage', {receipt: 'refused-1'}, JSON.stringify({...JSON.parse(body('lost')), chatRoomId: 999_999}));
    const refusal = await errors.until(() => true);

    const copies = messages.messages.filter((one) => JSON.parse(one.body).content === content).length;
    await within(adapter.disconnect({}), 'the end');
    return {connected, first, last, copies, refusal: JSON.parse(refusal.body)};
}

const matrix = [
    {name: 'stompjs 2.3.3', scripts: ['sockjs.js', 'stompjs-2.js'], version: '1.1', user: 2101},
    {name: 'webstomp-client 1.2.6', scripts: ['sockjs.js', 'webstomp.js'], version: '1.2', user: 2102},
    {name: '@stomp/stompjs 7', scripts: ['sockjs.js', 'stompjs-7.js'], version: '1.2', user: 2103},
    {name: '@stomp/rx-stomp', scripts: ['sockjs.js', 'rxjs.js', 'uuid.js', 'stompjs-7.js', 'rx-stomp.js'], version: '1.2', user: 2104},
];

for (const {name, scripts, version, user} of matrix) {
    test(`${name} connects, subscribes, sends, receives and disconnects`, async () => {
        const room = await node.create_room(`for ${name}`, user);
        const page = await client_page(browser, node, [...scripts, 'adapters.js']);
        const console_of = watch(page);

        const {connected, first, last, copies, refusal} = await page.evaluate(live_through, [name, room, user, said]);

        assert.equal(connected.version, version);
        assert.match(connected['heart-beat'], /^\d+,\d+$/);
        const body = JSON.parse(first.body);
        assert.deepEqual(Object.keys(body), ['chatRoomId', 'messageId', 'seq', 'senderId', 'senderNickname', 'content', 'messageType', 'createdAt']);
        assert.equal(body.content, said);
        assert.equal(body.senderNickname, '홍길동');
        assert.equal(body.senderId, user);
        assert.equal(body.messageType, 'CHAT');
        assert.match(body.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.equal(first.headers.seq, String(body.seq));
        assert.equal(first.headers.destination, `/topic/chatroom/${room}`);
        assert.equal(first.headers['content-type'], 'application/json');
        assert.equal(copies, 1, 'a retry under the same idempotency key is stored once');
        assert.equal(JSON.parse(last.body).seq, body.seq + 1);
        assert.equal(refusal.code, 'no_such_room');
        assert.equal(refusal.receipt, 'refused-1');
        assert.equal(refusal.destination, '/app/chat.sendMessage');

        const history = await node.rest('GET', `/rooms/${room}/messages?limit=10`, {as: user});
        assert.deepEqual(
            history.body.messages.filter((one) => one.messageType === 'CHAT').map((one) => one.content),
            ['the last one', said],
        );
        console_of.assert_none();
        await page.context().close();
    });
}

test('stompjs 2.3.3 works word for word as in its users\' pages', async () => {
    const page = await client_page(browser, node, ['sockjs.js', 'stompjs-2.js']);
    const got = await page.evaluate(
        () =>
            new Promise((resolve, reject) => {
                const client = Stomp.over(new SockJS('/ws-chat'));
                client.debug = null;
                client.connect(
                    {},
                    () => {
                        client.subscribe('/topic/chatroom/1', (message) => {
                            const body = JSON.parse(message.body);
                            if (body.messageType === 'JOIN')
                                client.send('/app/chat.sendMessage', {}, JSON.stringify({chatRoomId: 1, senderId: 123, senderNickname: '홍길동', content: '안녕하세요!', messageType: 'CHAT'}));
                            if (body.messageType === 'CHAT') client.disconnect(() => resolve(body));
                        });
                        client.send('/app/chat.join', {}, JSON.stringify({chatRoomId: 1, senderId: 123, senderNickname: '홍길동', content: '', messageType: 'JOIN'}));
                    },
                    (error) => reject(new Error(String(error.body ?? error))),
                );
            }),
    );
    assert.equal(got.chatRoomId, 1);
    assert.equal(got.senderId, 123);
    assert.equal(got.content, '안녕하세요!');
    await page.context().close();
});

test('a DISCONNECT with a receipt is answered before the connection ends, to old clients too', async () => {
    for (const {name, scripts} of matrix.slice(0, 2)) {
        const page = await client_page(browser, node, [...scripts, 'adapters.js']);
        await page.evaluate(async (name) => {
            const {adapter, receipt} = conversation(adapters[name](() => new SockJS('/ws-chat')));
            await within(adapter.connect({login: '2110'}), 'CONNECTED');
            adapter.client._transmit('DISCONNECT', {receipt: 'bye'});
            await receipt('bye');
        }, name);
        await page.context().close();
    }
});

test('a client that comes back with x-last-seq gets what it missed, in order, and then what is new', async () => {
    const room = await node.create_room('resume', 2120);
    const page = await client_page(browser, node, ['sockjs.js', 'stompjs-7.js', 'adapters.js']);
    const seqs = await page.evaluate(async (room) => {
        const message = (content) => JSON.stringify({chatRoomId: room, senderId: 2120, senderNickname: 'Ann', content, messageType: 'CHAT'});
        const connect = async () => {
            const {adapter, receipt, new_receipt, inbox} = conversation(adapters['@stomp/stompjs 7'](() => new SockJS('/ws-chat')));
            await within(adapter.connect({login: '2120'}), 'CONNECTED');
            return {adapter, receipt, new_receipt, inbox};
        };
        const writer = await connect();
        const write = async (count) => {
            for (let n = 1; n < count; ++n) writer.adapter.send('/app/chat.sendMessage', {}, message(`message ${n}`));
            const stored = writer.new_receipt();
            writer.adapter.send('/app/chat.sendMessage', {receipt: stored}, message('the last of them'));
            await writer.receipt(stored);
        };
        await write(3);

        const first = await connect();
        const seen = first.inbox();
        first.adapter.subscribe(`/topic/chatroom/${room}`, seen.take, {'x-last-seq': '0'});
        await seen.until((one) => JSON.parse(one.body).content === 'the last of them');
        const before = seen.messages.map((one) => Number(one.headers.seq));
        await first.adapter.disconnect({});

        await write(60);
        const second = await connect();
        const rest = second.inbox();
        const live = second.new_receipt();
        second.adapter.subscribe(`/topic/chatroom/${room}`, rest.take, {'x-last-seq': String(before.at(-1)), receipt: live});
        await second.receipt(live);
        await write(1);
        await rest.until((one) => Number(one.headers.seq) === before.at(-1) + 61);
        return {before, after: rest.messages.map((one) => Number(one.headers.seq))};
    }, room);

    assert.deepEqual(seqs.before, seqs.before.map((_, at) => at + 1));
    assert.deepEqual(seqs.after, seqs.after.map((_, at) => seqs.before.length + at + 1));
    assert.equal(seqs.after.length, 61);
    await page.context().close();
});
