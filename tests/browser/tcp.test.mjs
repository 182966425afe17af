// stomp.py over plain TCP and over TLS.

import {execFile} from 'node:child_process';
import {after, before, test} from 'node:test';
import {promisify} from 'node:util';

import {make_certificate} from './support/certificate.mjs';
import {free_port, stampede_node} from './support/node.mjs';

const python = process.env.STAMPEDE_PYTHON ?? '/usr/bin/python3'; // where Debian's python3-stomp is
const script = new URL('clients/stomp_py.py', import.meta.url).pathname;

let node;
let plain;
let secure;
let identity;

before(async () => {
    identity = await make_certificate();
    plain = await free_port();
    secure = await free_port();
    node = await stampede_node.start({
        config: `
stomp.heart_beat_send = "1s"
stomp.heart_beat_receive = "1s"

[[listeners]]
address = "127.0.0.1:0"

[[listeners]]
address = "127.0.0.1:${plain}"
protocol = "stomp"

[[listeners]]
address = "127.0.0.1:${secure}"
protocol = "stomp"
tls_certificate = "${identity.certificate}"
tls_key = "${identity.key}"

[[broker.access]]
destination = "/topic/open/**"
send = ["*"]
subscribe = ["*"]
`,
    });
});

after(async () => {
    await node?.stop();
    await identity?.remove();
});

async function run(scenario, port, ...more) {
    try {
        await promisify(execFile)(python, [script, scenario, '127.0.0.1', String(port), ...more], {timeout: 60_000});
    } catch (failed) {
        throw new Error(`${failed.stderr || failed.message}\nthe node's log:\n${node.log}`);
    }
}

const scenarios = {
    talk: 'connects, subscribes, sends, receives and disconnects, in each version',
    chat: 'chats in a room',
    acks: 'acknowledges cumulatively and one by one, and gets again what it refused',
    transactions: 'commits and aborts transactions',
    heart_beats: 'hears heart-beats',
    mistakes: 'is told what it did wrong',
};

for (const [name, what] of Object.entries(scenarios)) test(`stomp.py ${what}`, () => run(name, plain));

test('stomp.py talks over TLS', () => run('talk', secure, '--tls', identity.certificate));
