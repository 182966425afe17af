// Starts the built node, on a free port and a temporary directory of its own.

import {spawn} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import assert from 'node:assert/strict';

export const binary = process.env.STAMPEDE_BINARY ?? new URL('../../../build/release/bin/stampede', import.meta.url).pathname;
const start_limit = 30_000; // ms

// A port that stays free while its node is down: the system gives outgoing connections higher ones, and the other tests'
// servers take theirs from 20,000 on.
const given = new Set();
export async function free_port() {
    const server = createServer();
    for (;;) {
        const port = randomInt(10_000, 20_000);
        if (given.has(port)) continue;
        try {
            server.listen(port, '127.0.0.1');
            await once(server, 'listening'); // rejects on 'error'
        } catch {
            continue;
        }
        server.close();
        await once(server, 'close');
        given.add(port);
        return port;
    }
}

export class stampede_node {
    // `config`: the text of a TOML file. The address of its first HTTP listener is given on the command line.
    static async start({config = null, port} = {}) {
        const node = new stampede_node();
        node.directory = await mkdtemp(join(tmpdir(), 'stampede-browser-'));
        node.arguments = ['--data', join(node.directory, 'data')];
        node.address = `127.0.0.1:${port ?? (await free_port())}`;
        if (config) {
            const file = join(node.directory, 'stampede.toml');
            await writeFile(file, config);
            node.arguments.push('--config', file);
        }
        await node.run();
        return node;
    }

    // Also after kill(): on the same port, with the same data.
    async run() {
        const child = spawn(binary, ['--listen', this.address, ...this.arguments], {stdio: ['ignore', 'pipe', 'pipe']});
        this.child = child;
        this.log = '';
        this.ended = new Promise((resolve) => {
            child.on('exit', (code, signal) => resolve({code, signal}));
            child.on('error', (error) => resolve({code: null, signal: null, error}));
        });
        const keep = (text) => (this.log = (this.log + text).slice(-20_000));
        child.stderr.setEncoding('utf8').on('data', keep);
        const ready = new Promise((resolve) => {
            createInterface({input: child.stdout}).on('line', (line) => {
                keep(`${line}\n`);
                const found = /^ready (http:\/\/\S+:(\d+))/.exec(line);
                if (found) resolve(found);
            });
        });
        const late = new Promise((resolve) => setTimeout(resolve, start_limit, 'late').unref());
        const first = await Promise.race([ready, this.ended, late]);
        if (!Array.isArray(first)) {
            child.kill('SIGKILL');
            throw new Error(`the node did not start (${JSON.stringify(first)}):\n${this.log}`);
        }
        this.origin = first[1];
        this.address = new URL(this.origin).host;
    }

    // With another configuration, as far as it can be changed while the node runs.
    async reload(config) {
        await writeFile(join(this.directory, 'stampede.toml'), config);
        this.child.kill('SIGHUP');
    }

    // As a crash does: nothing is flushed, nobody is told.
    async kill() {
        this.child.kill('SIGKILL');
        await this.ended;
    }

    async stop() {
        const running = this.child.exitCode === null && this.child.signalCode === null;
        this.child.kill('SIGTERM');
        const how = await this.ended;
        await rm(this.directory, {recursive: true, force: true});
        if (running) assert.deepEqual(how, {code: 0, signal: null}, `SIGTERM must end the node with 0:\n${this.log}`);
    }

    async rest(method, path, {as, body} = {}) {
        const answer = await fetch(`${this.origin}/api/chat${path}`, {
            method,
            headers: {...(as && {'X-User-Id': String(as)}), ...(body && {'Content-Type': 'application/json'})},
            body: body && JSON.stringify(body),
        });
        const text = await answer.text();
        return {status: answer.status, body: text === '' ? null : JSON.parse(text)};
    }

    async create_room(name, creator) {
        const answer = await this.rest('POST', '/rooms', {as: creator, body: {name, type: 'PUBLIC', creatorId: creator, nickname: `user ${creator}`}});
        assert.equal(answer.status, 201, JSON.stringify(answer.body));
        return answer.body.chatRoomId;
    }

    async join(room, user, nickname = `user ${user}`) {
        const answer = await this.rest('POST', `/rooms/${room}/join`, {as: user, body: {userId: user, nickname}});
        assert.ok(answer.status < 300, JSON.stringify(answer.body));
    }
}
