// Native WebSocket: /ws and SockJS's raw /ws-chat/websocket, every subprotocol, binary bodies, split frames.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {client_page, launch} from './support/browser.mjs';
import {stampede_node} from './support/node.mjs';

let node;
let browser;
let page;

before(async () => {
    node = await stampede_node.start({
        config: `
stomp.heart_beat_send = "1s"
stomp.heart_beat_receive = "1s"

[[broker.access]]
destination = "/topic/open/**"
send = ["*"]
subscribe = ["*"]
`,
    });
    browser = await launch();
    page = await client_page(browser, node, ['stompjs-7.js', 'adapters.js']);
});

after(async () => {
    await browser?.close();
    await node?.stop();
});

const address = (path) => `${node.origin.replace('http', 'ws')}${path}`;

for (const path of ['/ws', '/ws-chat/websocket']) {
    for (const version of ['1.0', '1.1', '1.2']) {
        test(`STOMP ${version} over ${path}, with its subprotocol`, async () => {
            const got = await page.evaluate(
                async ([brokerURL, version]) => {
                    const options = {brokerURL, stompVersions: new StompJs.Versions([version]), heartbeatIncoming: 0, heartbeatOutgoing: 0};
                    const {adapter, receipt, inbox} = conversation(adapters['@stomp/stompjs 7'](null, options));
                    const connected = await within(adapter.connect({login: '2300'}), 'CONNECTED');
                    const protocol = adapter.client.webSocket.protocol;
                    const messages = inbox();
                    adapter.subscribe('/topic/open/plain', messages.take, {receipt: 'live'});
                    await receipt('live');
                    adapter.send('/topic/open/plain', {flavour: 'lemon'}, '안녕 👋');
                    const {body, headers} = await messages.until(() => true);
                    await adapter.disconnect({});
                    return {version: connected.version, protocol, body, flavour: headers.flavour, length: headers['content-length']};
                },
                [address(path), version],
            );
            const expected = version === '1.0' ? [undefined, '1.0'] : [version];
            assert.ok(expected.includes(got.version), `CONNECTED says version ${got.version}`);
            assert.equal(got.protocol, `v${version.replace('.', '')}.stomp`);
            assert.equal(got.body, '안녕 👋');
            assert.equal(got.flavour, 'lemon');
            assert.equal(got.length, String(Buffer.byteLength('안녕 👋')));
        });
    }
}

test('of several subprotocols the first that is known is chosen, and none is needed', async () => {
    const got = await page.evaluate(async (url) => {
        const opened = (protocols) =>
            within(
                new Promise((resolve, reject) => {
                    const socket = new WebSocket(url, protocols);
                    socket.onopen = () => {
                        resolve(socket.protocol);
                        socket.close();
                    };
                    socket.onerror = () => reject(new Error('refused'));
                }),
                'open',
            );
        return [await opened(['v12.stomp', 'v11.stomp', 'v10.stomp']), await opened(['v13.stomp', 'v11.stomp']), await opened([])];
    }, address('/ws'));
    assert.deepEqual(got, ['v12.stomp', 'v11.stomp', '']);
});

test('a body of any bytes comes back as it was sent', async () => {
    const same = await page.evaluate(async (brokerURL) => {
        const {adapter, receipt} = conversation(adapters['@stomp/stompjs 7'](null, {brokerURL}));
        await within(adapter.connect({}), 'CONNECTED');
        const sent = new Uint8Array(70_000).map((_, at) => (at * 7) % 256);
        const arrived = new Promise((resolve) => adapter.client.subscribe('/topic/open/bytes', (message) => resolve(message), {receipt: 'live'}));
        await receipt('live');
        adapter.client.publish({destination: '/topic/open/bytes', binaryBody: sent, headers: {'content-type': 'application/octet-stream'}});
        const message = await within(arrived, 'MESSAGE');
        await adapter.disconnect({});
        const got = message.binaryBody;
        return got.length === sent.length && got.every((byte, at) => byte === sent[at]) && message.headers['content-type'] === 'application/octet-stream';
    }, address('/ws'));
    assert.ok(same);
});

for (const [name, options] of Object.entries({
    'a frame split over many WebSocket messages': {splitLargeFrames: true, maxWebSocketChunkSize: 1000},
    'every frame in a binary WebSocket message': {forceBinaryWSFrames: true},
})) {
    test(`${name} is understood`, async () => {
        const same = await page.evaluate(
            async ([brokerURL, options]) => {
                const {adapter, receipt, inbox} = conversation(adapters['@stomp/stompjs 7'](null, {brokerURL, ...options}));
                await within(adapter.connect({}), 'CONNECTED');
                const messages = inbox();
                adapter.subscribe('/topic/open/large', messages.take, {receipt: 'live'});
                await receipt('live');
                const sent = '가나다라마바사 '.repeat(2500); // no surrogate pairs: the client would cut them in two
                adapter.send('/topic/open/large', {}, sent);
                const {body} = await messages.until(() => true);
                await adapter.disconnect({});
                return body === sent;
            },
            [address('/ws'), options],
        );
        assert.ok(same);
    });
}

test('heart-beats go both ways', async () => {
    const connected = await page.evaluate(async (brokerURL) => {
        let beat;
        const first_beat = new Promise((resolve) => (beat = resolve));
        // A busy machine may stand still for longer than two beats.
        const options = {brokerURL, heartbeatIncoming: 1000, heartbeatOutgoing: 1000, heartbeatToleranceMultiplier: 60, onHeartbeatReceived: () => beat()};
        const {adapter} = conversation(adapters['@stomp/stompjs 7'](null, options));
        const headers = await within(adapter.connect({}), 'CONNECTED');
        await within(first_beat, 'a heart-beat');
        await adapter.disconnect({});
        return headers;
    }, address('/ws'));
    assert.match(connected['heart-beat'], /^[1-9]\d*,[1-9]\d*$/);
});

test('a body over the limit is refused with an ERROR that names the limit', async () => {
    const {message, body, receipt_id} = await page.evaluate(async (brokerURL) => {
        const {adapter} = conversation(adapters['@stomp/stompjs 7'](null, {brokerURL}));
        await within(adapter.connect({}), 'CONNECTED');
        const error = new Promise((resolve) => (adapter.client.onStompError = resolve));
        const closed = new Promise((resolve) => (adapter.client.onWebSocketClose = resolve));
        adapter.send('/topic/open/large', {receipt: 'too-large'}, 'x'.repeat(300 * 1024));
        const frame = await within(error, 'ERROR');
        await within(closed, 'close');
        return {message: frame.headers.message, body: frame.body, receipt_id: frame.headers['receipt-id']};
    }, address('/ws'));
    assert.ok(message, 'ERROR has a message header');
    assert.match(`${message} ${body}`, /262144|256/, `it names the limit: ${message} / ${body}`);
    assert.ok(receipt_id === undefined || receipt_id === 'too-large');
});
