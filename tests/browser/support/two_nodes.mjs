// Two nodes of a cluster, started by the library that the cluster's own tests use.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';

import {binary} from './node.mjs';

export class two_nodes {
    // `more`: settings of both.
    static async start(more) {
        const one = new two_nodes();
        const script = new URL('two_nodes.py', import.meta.url).pathname;
        // Debian's own python, which has its packages.
        one.child = spawn('/usr/bin/python3', ['-B', script, more], {stdio: ['pipe', 'pipe', 'pipe'], env: {...process.env, STAMPEDE_BINARY: binary}});
        one.said = '';
        one.child.stderr.setEncoding('utf8').on('data', (text) => (one.said = (one.said + text).slice(-20_000)));
        one.ended = once(one.child, 'exit');
        one.lines = createInterface({input: one.child.stdout})[Symbol.asyncIterator]();
        const [ready, ...urls] = (await one.line()).split(' ');
        if (ready !== 'ready') throw new Error(`the cluster did not start: ${ready}\n${one.said}`);
        one.nodes = urls.map((origin) => ({origin}));
        return one;
    }

    // `number`: 1 or 2.
    async kill(number) {
        this.child.stdin.write(`kill ${number}\n`);
        await this.line();
    }

    async stop() {
        this.child.stdin.end();
        await this.ended;
    }

    async line() {
        const {value, done} = await this.lines.next();
        if (done) throw new Error(`the cluster ended:\n${this.said}`);
        return value;
    }
}
