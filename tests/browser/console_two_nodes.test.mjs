// The console of one node, over a cluster of two.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {operator, user, with_operators} from './support/operator.mjs';
import {two_nodes} from './support/two_nodes.mjs';

let cluster;
let browser;

before(async () => {
    cluster = await two_nodes.start(with_operators());
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await cluster?.stop();
});

const sign_in = (options) => operator.sign_in(browser, cluster.nodes[0].origin, options);
const connect = (number, login) => user.connect(browser, cluster.nodes[number - 1], login);

test('both nodes are shown, and rooms are added over them', async () => {
    const one = await sign_in();
    const [here, there] = [await connect(1, 'here'), await connect(2, 'there')];
    for (const each of [here, there]) await each.subscribe('/topic/public/both');
    await one.open('Nodes');
    for (const id of ['node-1', 'node-2']) await one.node(id).and(one.page.locator('[data-condition=ready]')).waitFor();
    await one.node('node-1').getByText('serves this page').waitFor();
    await one.open('Rooms');
    const room = one.row('/topic/public/both');
    await room.filter({hasText: 'node-1 1'}).filter({hasText: 'node-2 1'}).waitFor();
    assert.equal(await room.locator('td.number').textContent(), '2');
    await here.leave();
    await there.leave();
    await one.leave();
});

test('a user of the other node is found, traced, kicked and banned from here', async () => {
    const one = await sign_in({expected: [/status of 404/]});
    const there = await connect(2, 'far-away');
    await there.subscribe('/topic/public/far');
    await one.page.goto(`${cluster.nodes[0].origin}/console/#/trace?user=far-away`);
    await one.page.getByTestId('trace-start').click();
    await one.page.getByTestId('trace-status').filter({hasText: 'on 2 nodes'}).waitFor();
    await there.send('/topic/public/far', 'x');
    await one.page.getByTestId('frames').locator('tr').filter({hasText: 'SEND'}).filter({hasText: 'node-2'}).waitFor();

    await one.find('user', 'far-away');
    await one.row('far-away').filter({hasText: 'node-2'}).getByTestId('kick').click();
    await one.confirm(['far-away', there.session, 'node-2']);
    await there.is_closed();

    const again = await connect(2, 'far-away');
    await one.open('Bans');
    await one.page.getByTestId('ban-user').fill('far-away');
    await one.page.getByTestId('ban-submit').click();
    await one.confirm(['far-away'], 'enough');
    await again.is_closed();
    await assert.rejects(connect(2, 'far-away'));
    await there.leave();
    await again.leave();
    await one.leave();
});

test('a node that was killed is said not to answer, and the rest goes on', async () => {
    const one = await sign_in({expected: [/status of 50[24]/, /status of 404/]});
    const here = await connect(1, 'still-here');
    await one.open('Nodes');
    await one.node('node-2').and(one.page.locator('[data-condition=ready]')).waitFor();
    await cluster.kill(2);
    await one.page.locator('[data-node="node-2"]:is([data-condition=silent], [data-condition=gone])').waitFor();
    await one.page.locator('[data-testid=cluster-state]:is([data-level=bad], [data-level=good])').waitFor();
    await one.node('node-1').and(one.page.locator('[data-condition=ready]')).waitFor();
    await one.find('user', 'still-here');
    await one.row('still-here').filter({hasText: 'node-1'}).waitFor();
    await here.leave();
    await one.leave();
});
