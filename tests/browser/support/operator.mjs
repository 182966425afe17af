// An operator at the console: what they do and what they see, waiting for what happens. And what a node needs for one.

import {execFileSync} from 'node:child_process';
import {createHmac} from 'node:crypto';

import {client_page, watch} from './browser.mjs';
import {binary} from './node.mjs';

export const operator_passcode = 'operators only';
const secret = 'a secret for the tests, long enough to sign with';

const hash = (passcode) => execFileSync(binary, ['--hash-passcode'], {input: `${passcode}\n`}).toString().trim();

// Settings for a node: an account that may use the console, one that may not, and tokens.
export function with_operators() {
    return `
[[auth.accounts]]
login = "ops"
passcode_hash = "${hash(operator_passcode)}"
roles = ["admin"]

[[auth.accounts]]
login = "guest"
passcode_hash = "${hash('guest')}"

[auth.jwt]
algorithms = ["HS256"]
secret = "${secret}"
leeway = "0 s"
`;
}

// `lasts`: seconds.
export function token(subject, roles, lasts = 3600) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({alg: 'HS256', typ: 'JWT'})}.${part({sub: subject, roles, exp: Math.floor(Date.now() / 1000) + lasts})}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

// A STOMP client, in a page of its own: a user of the node.
export class user {
    static async connect(browser, node, login) {
        const one = new user();
        one.login = login;
        one.page = await client_page(browser, node, ['sockjs.js', 'stompjs-7.js', 'adapters.js']);
        one.session = await one.page.evaluate(async (login) => {
            window.talk = conversation(adapters['@stomp/stompjs 7'](() => new WebSocket(`${location.origin.replace('http', 'ws')}/ws`)));
            window.heard = talk.inbox();
            const {session} = await within(talk.adapter.connect({login}), 'CONNECTED');
            window.closed = new Promise((resolve) => (talk.adapter.client.onWebSocketClose = (event) => resolve(event.code)));
            talk.adapter.client.onStompError = (frame) => (window.told = frame.headers);
            return session;
        }, login);
        return one;
    }

    async subscribe(destination, id) {
        await this.page.evaluate(
            async ([destination, id]) => {
                const receipt = talk.new_receipt();
                talk.adapter.subscribe(destination, heard.take, {receipt, ...(id && {id})});
                await talk.receipt(receipt);
            },
            [destination, id],
        );
    }

    async send(destination, body) {
        await this.page.evaluate(
            async ([destination, body]) => {
                const receipt = talk.new_receipt();
                talk.adapter.send(destination, {receipt}, body);
                await talk.receipt(receipt);
            },
            [destination, body],
        );
    }

    // The first MESSAGE whose body has the text.
    hears = (text) => this.page.evaluate((text) => heard.until((one) => one.body.includes(text)), text);
    // The headers of the ERROR frame before the end, if there was one.
    is_closed = () => this.page.evaluate(async () => (await within(closed, 'the end of the connection'), window.told ?? null));
    leave = () => this.page.context().close();
}

export class operator {
    constructor(page, expected = []) {
        this.page = page;
        this.console = watch(page, expected);
        page.setDefaultTimeout(20_000);
    }

    // `expected`: what the browser's console may say.
    static async arrive(browser, origin, {expected, context = {}, address = ''} = {}) {
        const profile = await browser.newContext({locale: 'en-GB', viewport: {width: 1280, height: 800}, ...context});
        const one = new operator(await profile.newPage(), expected);
        await one.page.goto(`${origin}/console/${address}`);
        await one.page.getByTestId('login-form').waitFor();
        return one;
    }

    static async sign_in(browser, origin, options) {
        const one = await operator.arrive(browser, origin, options);
        await one.enter('ops', operator_passcode);
        await one.inside();
        return one;
    }

    async enter(login, passcode) {
        await this.page.getByTestId('login').fill(login);
        await this.page.getByTestId('passcode').fill(passcode);
        await this.page.getByTestId('sign-in').click();
    }

    async enter_token(text) {
        await this.page.getByRole('radio', {name: 'Token'}).check();
        await this.page.getByTestId('token').fill(text);
        await this.page.getByTestId('sign-in').click();
    }

    inside = () => this.page.getByTestId('cluster-state').waitFor();
    open = (name) => this.page.getByRole('link', {name, exact: true}).first().click();
    node = (id) => this.page.locator(`[data-testid=node][data-node="${id}"]`);
    plot = (title) => this.page.locator(`[data-plot="${title}"]`);
    rows = () => this.page.locator('main tbody tr');
    row = (text) => this.rows().filter({hasText: text});
    confirmation = () => this.page.getByTestId('confirm');

    async find(what, text) {
        await this.open('Sessions');
        await this.page.getByTestId(`find-${what}`).fill(text);
        await this.page.getByTestId('find').click();
    }

    // Answers the open question; `named`: what it must say.
    async confirm(named, answer) {
        const dialog = this.confirmation();
        for (const text of named) await dialog.getByText(text).first().waitFor();
        if (answer !== undefined) await dialog.getByTestId('confirm-input').fill(answer);
        await dialog.getByTestId('confirm-submit').click();
        await dialog.waitFor({state: 'detached'});
    }

    async leave() {
        this.console.assert_none();
        await this.page.context().close();
    }
}
