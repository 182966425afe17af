// Takes the pictures of the pages that the documentation shows.
//
// usage: node pictures.mjs [DIRECTORY [chat | console]]   (default: docs/images, and both; wants the fonts fonts-inter,
//                                                          fonts-noto-cjk and fonts-noto-color-emoji)

import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';

import {client_page, launch} from './support/browser.mjs';
import {picture_console} from './support/console_pictures.mjs';
import {stampede_node} from './support/node.mjs';
import {visitor} from './support/visitor.mjs';

const directory = process.argv[2] ?? new URL('../../docs/images', import.meta.url).pathname;

const people = [
    {id: 11, name: 'Mina'},
    {id: 12, name: '홍길동'},
    {id: 13, name: 'Ada'},
    {id: 14, name: 'Tomás'},
    {id: 15, name: 'Priya'},
];

const lobby = [
    [0, 'Morning! The new build is on staging ☀️'],
    [1, '안녕하세요! 지금 휴대폰으로 테스트하고 있어요 📱'],
    [2, 'Works for me on Firefox, tablet and laptop.'],
    [4, 'We pulled the cable of node 2 during the demo. Nobody noticed 🎉'],
    [2, '🐃🐃🐃'],
    [4, 'Notes are here: https://example.org/notes/demo'],
];

const rooms = [
    ['release-train', [0, 2, 4], [[0, 'Branch is cut.'], [2, 'Canary looks healthy'], [4, 'Shipping at four ⛴️']]],
    ['저녁 메뉴', [1, 3], [[3, '¿Qué comemos?'], [1, '국밥 어때요?']]],
    ['design-reviews', [0, 4], []],
    ['on-call', [2], []],
];

async function populate(node, page) {
    const said = [];
    for (const one of people) await node.join(1, one.id, one.name);
    for (const [who, content] of lobby) said.push({room: 1, ...people[who], content});
    for (const [name, members, messages] of rooms) {
        const room = await node.create_room(name, people[members[0]].id);
        for (const who of members.slice(1)) await node.join(room, people[who].id, people[who].name);
        for (const [who, content] of messages) said.push({room, ...people[who], content});
    }
    await page.evaluate(async (said) => {
        const {adapter, receipt} = conversation(adapters['@stomp/stompjs 7'](() => new SockJS('/ws-chat')));
        await within(adapter.connect({}), 'CONNECTED');
        for (const [at, one] of said.entries()) {
            const body = {chatRoomId: one.room, senderId: one.id, senderNickname: one.name, content: one.content, messageType: 'CHAT'};
            adapter.send('/app/chat.sendMessage', {receipt: `${at}`}, JSON.stringify(body));
            await receipt(`${at}`);
        }
        await adapter.disconnect({});
    }, said);
}

async function picture_chat() {
    const node = await stampede_node.start();
    try {
        await populate(node, await client_page(browser, node, ['sockjs.js', 'stompjs-7.js', 'adapters.js']));

        const arrive = (nickname, colorScheme, more = {}) =>
            visitor.arrive(browser, node.origin, nickname, {context: {viewport: {width: 1180, height: 760}, deviceScaleFactor: 2, colorScheme, ...more}});
        const grace = await arrive('Grace', 'light');
        const jihun = await arrive('지훈', 'dark');
        for (const name of ['release-train', '저녁 메뉴']) {
            await grace.open_room(name);
            await grace.page.getByTestId('join').click();
            await grace.composer().waitFor();
        }
        await grace.open_room('Lobby');
        await jihun.say('안녕하세요! 저는 지훈입니다 👋');
        await grace.say('Welcome 지훈! Glad you made it.');
        await grace.say('The herd is on the same page, whichever node it talks to.');
        await jihun.open_room('release-train');
        await jihun.page.getByTestId('join').click();
        await jihun.composer().waitFor();
        await jihun.say('Shall I press the button?');
        await jihun.say('🚀');
        await jihun.open_room('Lobby');
        await grace.unread_of('release-train', '3');
        await grace.page.mouse.move(700, 300);
        await jihun.page.mouse.move(700, 300);

        const phone = await arrive('Lena', 'dark', {viewport: {width: 390, height: 760}, isMobile: true, hasTouch: true});
        await phone.sees('The herd is on the same page, whichever node it talks to.');
        await grace.page.getByText(/Lena\W joined the room/).waitFor();
        await phone.page.screenshot({path: join(directory, 'chat-phone.png')});

        await jihun.composer().pressSequentially('네, 이제');
        await grace.page.getByTestId('typing').filter({hasText: '지훈'}).waitFor();
        await grace.page.screenshot({path: join(directory, 'chat-light.png'), animations: 'disabled'});
        await grace.composer().pressSequentially('And');
        await jihun.page.getByTestId('typing').filter({hasText: 'Grace'}).waitFor();
        await jihun.page.screenshot({path: join(directory, 'chat-dark.png'), animations: 'disabled'});
    } finally {
        await node.stop();
    }
}

const browser = await launch();
try {
    await mkdir(directory, {recursive: true});
    const which = process.argv[3];
    if (which !== 'console') await picture_chat();
    if (which !== 'chat') await picture_console(browser, directory);
} finally {
    await browser.close();
}
