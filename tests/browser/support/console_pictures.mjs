// The pictures of the operator's console: two nodes with a crowd that talks for a while.

import {join} from 'node:path';

import {client_page} from './browser.mjs';
import {operator, with_operators} from './operator.mjs';
import {two_nodes} from './two_nodes.mjs';

const minutes = 3; // of talk before the pictures are taken

const herds = [
    {names: ['mina', 'ada', 'tomás', 'priya', '홍길동', 'lena', 'grace', '지훈'], first: 1001, size: 60},
    {names: ['noor', 'kofi', 'yuki', 'sofía', 'emil', 'zoë', 'omar', '수아'], first: 2001, size: 45},
];

// Some talk in the Lobby, which is stored; more talk in topics that are not.
async function crowd(browser, node, {names, first, size}) {
    const page = await client_page(browser, node, ['stompjs-7.js', 'adapters.js']);
    await page.evaluate(
        async ([names, first, size]) => {
            const topics = ['release-train', 'on-call', 'design-reviews', 'lunch', 'music'];
            const open = () => new WebSocket(`${location.origin.replace('http', 'ws')}/ws`);
            for (let at = 0; at < size; ++at) {
                const {adapter} = conversation(adapters['@stomp/stompjs 7'](open));
                const chats = at % 5 === 0;
                const login = chats ? String(first + at) : `${names[at % names.length]}${at < names.length ? '' : at}`;
                await within(adapter.connect({login}), 'CONNECTED');
                adapter.subscribe('/topic/chatroom/1', () => {}, {});
                adapter.subscribe('/user/queue/errors', () => {}, {});
                for (const topic of topics.slice(0, 1 + (at % topics.length))) adapter.subscribe(`/topic/public/${topic}`, () => {}, {});
                const who = {chatRoomId: 1, senderId: first + at, senderNickname: login};
                if (chats) adapter.send('/app/chat.join', {}, JSON.stringify(who));
                const talk = () => {
                    if (chats) adapter.send('/app/chat.sendMessage', {}, JSON.stringify({...who, content: 'Moo.', messageType: 'CHAT'}));
                    else adapter.send(`/topic/public/${topics[at % topics.length]}`, {}, 'Moo.');
                    setTimeout(talk, 500 + 1500 * Math.random() * (1.3 + Math.sin(Date.now() / 25_000 + first)));
                };
                setTimeout(talk, 1000 * Math.random());
            }
        },
        [names, first, size],
    );
    return page;
}

export async function picture_console(browser, directory) {
    const cluster = await two_nodes.start(with_operators());
    try {
        for (const [at, herd] of herds.entries()) await crowd(browser, cluster.nodes[at], herd);
        const look = {viewport: {width: 1280, height: 900}, deviceScaleFactor: 2};
        const [light, dark] = await Promise.all(
            ['light', 'dark'].map((colorScheme) => operator.sign_in(browser, cluster.nodes[0].origin, {context: {...look, colorScheme}})),
        );
        await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
        await dark.page.getByRole('radio', {name: 'Each node'}).check();
        for (const [one, name] of [[light, 'light'], [dark, 'dark']]) {
            await one.plot('Delivery latency').locator('.plot-area').hover({position: {x: 190, y: 90}});
            await one.page.screenshot({path: join(directory, `console-${name}.png`), animations: 'disabled'});
        }
    } finally {
        await cluster.stop();
    }
}
