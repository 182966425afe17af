// Somebody who uses the chat page: what they do and what they see, waiting for what happens.

import assert from 'node:assert/strict';

import {watch} from './browser.mjs';

export class visitor {
    constructor(page, expected = []) {
        this.page = page;
        this.console = watch(page, expected);
        page.setDefaultTimeout(20_000);
    }

    // With a browser profile of their own. `user`: a certain user id; `room`: the room to open;
    // `expected`: what the console may say; `before`: what to do with the page before it is loaded.
    static async arrive(browser, origin, nickname, {user, room, query = '', expected, before, context = {}} = {}) {
        const profile = await browser.newContext({locale: 'en-GB', ...context});
        if (user)
            await profile.addInitScript(
                ([identity]) => {
                    if (!location.host) return; // the empty page of before, which has no storage
                    if (!localStorage.getItem('stampede.identity')) localStorage.setItem('stampede.identity', identity);
                },
                [JSON.stringify({id: user, nickname})],
            );
        const one = new visitor(await profile.newPage(), expected);
        await before?.(one.page);
        await one.page.goto(`${origin}/${query}${room ? `#/room/${room}` : ''}`);
        if (!user) await one.introduce(nickname);
        await one.connected();
        return one;
    }

    async introduce(nickname) {
        await this.page.getByTestId('nickname-input').fill(nickname);
        await this.page.getByTestId('nickname-submit').click();
    }

    // Connected, with the first page of history on the screen.
    async connected() {
        await this.page.locator('[data-testid=connection][data-phase=online]').waitFor();
        await this.page.locator('.messages[data-loaded]').waitFor({state: 'attached'});
    }

    composer = () => this.page.getByTestId('composer');
    message = (text) => this.page.getByTestId('message').filter({has: this.page.getByText(text, {exact: true})});

    async composer_send(text) {
        await this.composer().fill(text);
        await this.composer().press('Enter');
    }

    // Into the composer, all at once: a driver may type long texts letter by letter.
    async paste(text) {
        await this.composer().evaluate((composer, text) => {
            composer.value = text;
            composer.dispatchEvent(new Event('input', {bubbles: true}));
        }, text);
    }

    // Within the page, where no other is loaded that a driver could wait for.
    go_back = () => this.page.evaluate(() => history.back());

    // Writes, and sees it among the messages at once.
    async say(text) {
        await this.composer_send(text);
        await this.sees(text);
    }

    // Many messages into a room, past the composer but from this page; done when all are stored.
    async flood(room, texts) {
        await this.page.addScriptTag({url: '/vendor/stomp.umd.min.js'});
        const sender = {senderId: await this.user_id(), senderNickname: await this.nickname()};
        await this.page.evaluate(
            ([room, sender, texts]) =>
                new Promise((resolve, reject) => {
                    const client = new StompJs.Client({webSocketFactory: () => new SockJS('/ws-chat'), connectHeaders: {login: String(sender.senderId)}});
                    client.onStompError = (frame) => reject(new Error(frame.headers.message));
                    client.onConnect = () => {
                        client.watchForReceipt('last', () => resolve(client.deactivate()));
                        for (const [at, content] of texts.entries()) {
                            const body = JSON.stringify({chatRoomId: room, ...sender, content, messageType: 'CHAT'});
                            client.publish({destination: '/app/chat.sendMessage', body, headers: at + 1 === texts.length ? {receipt: 'last'} : {}});
                        }
                    };
                    client.activate();
                }),
            [room, sender, texts],
        );
    }

    sees = (text) => this.message(text).last().waitFor();
    state_of = (text, state) => this.message(text).last().and(this.page.locator(`[data-state=${state}]`)).waitFor();
    texts = () => this.page.locator('[data-testid=message] .text').allTextContents();
    room_name = () => this.page.getByTestId('room-name').textContent();
    nickname = () => this.page.locator('.self .nickname').textContent();
    user_id = async () => Number((await this.page.getByTestId('user-id').textContent()).slice(1));
    current_room = async () => Number(/room\/(\d+)/.exec(this.page.url())[1]);
    name_of = (room) => this.page.locator(`[data-room="${room}"] .title`).textContent();

    async open_room(name) {
        await this.page.locator('[data-room]').filter({has: this.page.getByText(name, {exact: true})}).click();
        await this.page.getByTestId('room-name').filter({hasText: name}).waitFor();
    }

    async create_room(name) {
        await this.page.getByTestId('new-room').click();
        await this.page.getByTestId('room-input').fill(name);
        await this.page.getByTestId('room-submit').click();
        await this.page.getByTestId('room-name').filter({hasText: name}).waitFor();
        await this.composer().waitFor();
    }

    // `count` null: no badge.
    async unread_of(name, count) {
        const badge = this.page.locator('[data-room]').filter({has: this.page.getByText(name, {exact: true})}).getByTestId('unread');
        if (count === null) await badge.waitFor({state: 'detached'});
        else await badge.filter({hasText: new RegExp(`^${count}$`)}).waitFor();
    }

    async scroll_to_the_beginning() {
        await this.page.waitForFunction(() => {
            const scroller = document.querySelector('.scroller');
            scroller.scrollTop = 0;
            return !document.querySelector('.beginning').hidden;
        });
        await this.page.evaluate(() => (document.querySelector('.scroller').scrollTop = 0));
    }

    in_view(text) {
        return this.message(text)
            .last()
            .evaluate((one) => {
                const box = one.getBoundingClientRect();
                const frame = document.querySelector('.scroller').getBoundingClientRect();
                return box.bottom > frame.top && box.top < frame.bottom;
            });
    }

    seqs = () => this.page.locator('.messages > [data-seq]').evaluateAll((all) => all.map((one) => Number(one.dataset.seq)));

    // What is on the page is a stretch of the room without gap, without double, in order.
    async assert_each_seq_once() {
        const seqs = await this.seqs();
        assert.ok(seqs.length > 0);
        assert.deepEqual(seqs, seqs.map((_, at) => seqs[0] + at));
    }

    async leave_the_browser() {
        this.console.assert_none();
        await this.page.context().close();
    }
}
