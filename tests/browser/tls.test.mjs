// The node's own https and wss.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {make_certificate} from './support/certificate.mjs';
import {free_port, stampede_node} from './support/node.mjs';
import {visitor} from './support/visitor.mjs';

let node;
let browser;
let identity;
let origin;

before(async () => {
    identity = await make_certificate();
    const port = await free_port();
    origin = `https://localhost:${port}`;
    node = await stampede_node.start({
        config: `
[[listeners]]
address = "127.0.0.1:0"

[[listeners]]
address = "127.0.0.1:${port}"
tls_certificate = "${identity.certificate}"
tls_key = "${identity.key}"
`,
    });
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await node?.stop();
    await identity?.remove();
});

for (const [transport, query] of [
    ['websocket', '?transport=websocket'],
    ['xhr-streaming', '?transport=xhr-streaming'],
]) {
    test(`the page chats over TLS by ${transport}, with people who came without`, async () => {
        const ann = await visitor.arrive(browser, origin, 'Ann', {query, context: {ignoreHTTPSErrors: true}});
        const bob = await visitor.arrive(browser, node.origin, 'Bob');
        assert.match(await ann.page.getByTestId('connection').getAttribute('title'), new RegExp(transport));
        await ann.say(`안녕 over ${transport}`);
        await bob.sees(`안녕 over ${transport}`);
        await bob.say(`answer to ${transport}`);
        await ann.sees(`answer to ${transport}`);
        await ann.leave_the_browser();
        await bob.leave_the_browser();
    });
}
