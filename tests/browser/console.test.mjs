// The operator's console, as operators use it, on a node of its own.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {stampede_node} from './support/node.mjs';
import {operator, operator_passcode, token, user, with_operators} from './support/operator.mjs';

let node;
let browser;

before(async () => {
    node = await stampede_node.start({config: with_operators()});
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await node?.stop();
});

const sign_in = (options) => operator.sign_in(browser, node.origin, options);
const connect = (login) => user.connect(browser, node, login);

let last = 0;
const unique = (name) => `${name}-${++last}`;

test('/console leads to the page, which has the policy of the chat page', async () => {
    const moved = await fetch(`${node.origin}/console`, {redirect: 'manual'});
    assert.equal(moved.status, 308);
    assert.equal(moved.headers.get('location'), '/console/');
    const [chat, console_page] = await Promise.all(['/', '/console/'].map((path) => fetch(node.origin + path)));
    assert.equal(console_page.status, 200);
    for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'cache-control'])
        assert.equal(console_page.headers.get(name), chat.headers.get(name), name);
});

test('only an operator gets in, and is told why not', async () => {
    const one = await operator.arrive(browser, node.origin, {expected: [/status of 40[13]/]});
    const reason = one.page.getByTestId('login-reason');
    await one.enter('ops', 'a guess');
    await reason.filter({hasText: /wrong|credentials/i}).waitFor();
    await one.enter('guest', 'guest');
    await reason.filter({hasText: /admin|role/i}).waitFor();
    assert.equal(await one.page.evaluate(() => sessionStorage.length), 0, 'what was refused is not kept');
    await one.enter('ops', operator_passcode);
    await one.inside();

    await one.page.reload();
    await one.inside();
    await one.page.getByTestId('sign-out').click();
    await one.page.getByTestId('login-form').waitFor();
    await one.page.reload();
    await one.page.getByTestId('login-form').waitFor();
    await one.leave();
});

test('a token gets in, and when it is over the form is back and says so', async () => {
    const one = await operator.arrive(browser, node.origin, {expected: [/status of 401/]});
    await one.enter_token(token('boss', ['admin'], 4));
    await one.inside();
    await one.page.getByTestId('login-reason').filter({hasText: /expired/}).waitFor();
    await one.leave();
});

test('the plots draw what the node does, and tell the values under the mark', async () => {
    const one = await sign_in();
    const mina = await connect(unique('mina'));
    const room = `/topic/public/${unique('plots')}`;
    await mina.subscribe(room);
    for (const title of ['Deliveries', 'Frames', 'Connections', 'Memory', 'CPU']) await one.plot(title).locator('path[d*=L]').waitFor({state: 'attached'});
    const deliveries = one.plot('Deliveries');
    await Promise.all([deliveries.locator('output').filter({hasText: /[1-9].*\/s/}).waitFor(), (async () => {
        for (let at = 0; at < 20; ++at) await mina.send(room, `${at}`);
    })()]);

    await one.plot('Connections').locator('.plot-area').focus();
    await one.page.keyboard.press('ArrowRight');
    await one.plot('Connections').locator('.plot-tip b').filter({hasText: /\d/}).waitFor();
    await one.page.getByRole('radio', {name: 'Each node'}).check();
    await one.page.locator('.legend li').first().waitFor();
    await one.page.getByTestId('transports').getByText('websocket').waitFor();
    await mina.leave();
    await one.leave();
});

test('a node shows its state, its links and its figures', async () => {
    const one = await sign_in();
    await one.open('Nodes');
    const card = one.page.getByTestId('node');
    await card.filter({hasText: 'Ready'}).waitFor();
    await card.locator('.links [data-level=good]').first().waitFor();
    await card.locator('dd').filter({hasText: /MiB/}).waitFor();
    await one.page.getByTestId('cluster-state').filter({hasText: '1 of 1 node ready'}).waitFor();
    await one.leave();
});

test('a user is found with all sessions and subscriptions, and one subscription is ended', async () => {
    const name = unique('finder');
    const one = await sign_in();
    const [first, second] = [await connect(name), await connect(name)];
    const room = `/topic/public/${unique('found')}`;
    await first.subscribe(room, 'mine');
    await first.subscribe('/user/queue/errors');
    await one.find('user', name);
    await one.page.getByTestId('found').filter({hasText: '2 sessions'}).waitFor();
    await one.find('session', second.session);
    await one.page.getByTestId('found').filter({hasText: '1 session'}).waitFor();
    await one.page.getByTestId('find-user').fill('');
    await one.page.getByTestId('find-session').fill('');
    await one.find('destination', room);
    await one.page.getByTestId('found').filter({hasText: '1 session'}).waitFor();

    await one.page.getByRole('link', {name}).click();
    await one.page.getByTestId('session-detail').getByText(first.session).waitFor();
    const subscription = one.row(room);
    await subscription.getByTestId('unsubscribe').click();
    await one.confirm([name, first.session, room]);
    await subscription.waitFor({state: 'detached'});
    await first.hears(room);
    await first.leave();
    await second.leave();
    await one.leave();
});

test('whoever is kicked is named before, and gone after', async () => {
    const name = unique('kicked');
    const one = await sign_in({expected: [/status of 404/]});
    const victim = await connect(name);
    await one.find('user', name);
    await one.row(name).getByTestId('kick').click();
    await one.confirmation().getByText('Cancel').click();
    await one.confirmation().waitFor({state: 'detached'});
    await one.row(name).waitFor();

    await one.row(name).getByTestId('kick').click();
    await one.confirm([name, victim.session]);
    await victim.is_closed();
    await one.row(name).waitFor({state: 'detached'});
    await one.page.goto(`${node.origin}/console/#/sessions/none/${victim.session}`);
    await one.page.getByTestId('session-warning').waitFor();
    await victim.leave();
    await one.leave();
});

test('whoever is banned cannot come back until the ban is lifted', async () => {
    const name = unique('banned');
    const one = await sign_in({expected: [/status of 404/]});
    const victim = await connect(name);
    await one.find('user', name);
    await one.page.getByRole('link', {name}).click();
    await one.page.getByTestId('ban').click();
    await one.confirm([name], 'Too loud <b>everywhere</b>');
    await victim.is_closed();
    await assert.rejects(connect(name));

    await one.open('Bans');
    await one.row('Too loud <b>everywhere</b>').filter({hasText: name}).getByTestId('lift').click();
    await one.confirm([name]);
    await one.row(name).waitFor({state: 'detached'});
    const back = await connect(name);

    const other = unique('never-seen');
    await one.page.getByTestId('ban-user').fill(other);
    await one.page.getByTestId('ban-submit').click();
    await one.confirm([other], '');
    await one.row(other).waitFor();
    await back.leave();
    await victim.leave();
    await one.leave();
});

test('a trace shows the frames of a user as they pass, pauses, stops, and is saved', async () => {
    const name = unique('traced');
    const one = await sign_in();
    const mina = await connect(name);
    const room = `/topic/public/${unique('trace')}`;
    await mina.subscribe(room);
    await one.page.goto(`${node.origin}/console/#/trace?user=${name}`);
    await one.page.getByTestId('trace-start').click();
    await one.page.getByTestId('trace-status').and(one.page.locator('[data-state=running]')).waitFor();
    await mina.send(room, 'the body is not shown');
    const frames = one.page.getByTestId('frames');
    await frames.locator('tr[data-direction=in]').filter({hasText: 'SEND'}).filter({hasText: room}).waitFor();
    await frames.locator('tr[data-direction=out]').filter({hasText: 'MESSAGE'}).filter({hasText: room}).waitFor();
    assert.equal(await frames.getByText('the body is not shown').count(), 0);

    await one.page.getByTestId('trace-pause').click();
    const status = one.page.getByTestId('trace-status');
    const seen = async () => Number(/([\d,]+) frame/.exec(await status.textContent())[1].replace(',', ''));
    const before = await seen();
    const shown = await frames.locator('tr').count();
    await mina.send(room, 'while it is paused');
    await one.page.waitForFunction((before) => Number(/(\d+) frame/.exec(document.querySelector('[data-testid=trace-status]').textContent)[1]) >= before + 3, before);
    assert.equal(await frames.locator('tr').count(), shown);
    await one.page.getByTestId('trace-pause').click();
    await one.page.waitForFunction((shown) => document.querySelectorAll('[data-testid=frames] tr').length >= shown + 3, shown);

    await one.page.getByTestId('trace-stop').click();
    await status.filter({hasText: 'is over'}).waitFor();
    const [download] = await Promise.all([one.page.waitForEvent('download'), one.page.getByTestId('trace-save').click()]);
    assert.match(download.suggestedFilename(), new RegExp(`^trace-${name}-.*\\.ndjson$`));
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.ok(lines.some((line) => line.command === 'SEND' && line.headers.destination === room && line.user === name && line.node));
    await mina.leave();
    await one.leave();
});

test('a room is traced, too', async () => {
    const one = await sign_in();
    const mina = await connect(unique('mina'));
    const room = `/topic/public/${unique('heard')}`;
    await mina.subscribe(room);
    await one.open('Rooms');
    await one.row(room).getByRole('link', {name: 'Trace'}).click();
    await one.page.getByTestId('trace-start').click();
    await one.page.getByTestId('trace-status').and(one.page.locator('[data-state=running]')).waitFor();
    await mina.send(room, 'x');
    await one.page.getByTestId('frames').locator('tr').filter({hasText: 'MESSAGE'}).filter({hasText: room}).waitFor();
    await mina.leave();
    await one.leave();
});

test('a broadcast reaches everybody after it was confirmed, and one user only if it is for them', async () => {
    const one = await sign_in({expected: [/status of 400/]});
    const [mina, paul] = [await connect('9001'), await connect('9002')];
    for (const each of [mina, paul]) await each.subscribe('/user/queue/notifications');
    await one.open('Broadcast');
    await one.page.getByTestId('broadcast-message').fill('Back in five minutes');
    await one.page.getByTestId('broadcast-submit').click();
    await one.confirm(['Everybody', 'Back in five minutes']);
    for (const each of [mina, paul]) {
        const {body} = await each.hears('Back in five minutes');
        assert.deepEqual(JSON.parse(body).eventType, 'all.service-check');
    }

    await one.page.getByRole('radio', {name: 'A user'}).check();
    await one.page.getByTestId('broadcast-id').fill('9002');
    await one.page.getByRole('radio', {name: 'JSON'}).check();
    await one.page.getByTestId('broadcast-message').fill('{"eventType": "person.payment", "amount": 9900');
    await one.page.getByTestId('broadcast-submit').click();
    await one.page.getByText('This is no JSON').waitFor();
    await one.page.getByTestId('broadcast-message').fill('{"eventType": "person.payment", "amount": 9900}');
    await one.page.getByTestId('broadcast-submit').click();
    await one.confirm(['User 9002']);
    await paul.hears('9900');
    const got = await mina.page.evaluate(() => heard.messages.map((one) => one.body).join());
    assert.ok(!got.includes('9900'));
    await mina.leave();
    await paul.leave();
    await one.leave();
});

test('what users call themselves and their rooms is shown as text, never run', async () => {
    const attack = '<img src=x onerror=window.hit=1>';
    const one = await sign_in();
    const evil = await connect(attack);
    const room = `/topic/public/${attack}`;
    await evil.subscribe(room, attack);
    await one.open('Rooms');
    await one.row(attack).waitFor();
    await one.find('user', attack);
    await one.row(attack).waitFor();
    await one.page.getByRole('link', {name: attack}).click();
    await one.page.getByTestId('session-user').filter({hasText: attack}).waitFor();
    await one.row(attack).waitFor();
    await one.page.getByTestId('kick').click();
    await one.confirmation().getByText(attack).first().waitFor();
    await one.confirmation().getByText('Cancel').click();
    await one.page.getByRole('link', {name: 'Trace', exact: true}).last().click();
    await one.page.getByTestId('trace-start').click();
    await one.page.getByTestId('trace-status').and(one.page.locator('[data-state=running]')).waitFor();
    await evil.send(room, attack);
    await one.page.getByTestId('frames').getByText(attack).first().waitFor();
    assert.equal(await one.page.locator('main img').count(), 0);
    assert.equal(await one.page.evaluate(() => window.hit), undefined);
    await evil.leave();
    await one.leave();
});

test('every control has a name, and the page can be used by keyboard', async () => {
    const one = await sign_in();
    const mina = await connect(unique('keys'));
    for (const name of ['Overview', 'Nodes', 'Rooms', 'Sessions', 'Trace', 'Bans', 'Broadcast']) {
        await one.open(name);
        await one.page.getByRole('heading', {name, level: 1}).waitFor();
        const nameless = await one.page.evaluate(() =>
            [...document.querySelectorAll('button, a[href], input, select, textarea, [tabindex="0"]')]
                .filter((one) => one.checkVisibility())
                .filter((one) => !(one.getAttribute('aria-label') || one.labels?.[0]?.textContent.trim() || one.textContent.trim()))
                .map((one) => one.outerHTML),
        );
        assert.deepEqual(nameless, [], name);
    }
    await one.find('user', mina.login);
    const kick = one.row(mina.login).getByTestId('kick');
    await kick.focus();
    await one.page.keyboard.press('Enter');
    await one.confirmation().waitFor();
    await one.page.keyboard.press('Escape');
    await one.confirmation().waitFor({state: 'detached'});
    assert.ok(await kick.evaluate((one) => one === document.activeElement), 'one is where one was');
    await mina.leave();
    await one.leave();
});

test('on a phone nothing is wider than the screen', async () => {
    const one = await sign_in({context: {viewport: {width: 390, height: 844}, isMobile: true, hasTouch: true}});
    const mina = await connect(unique('a-rather-long-name-without-a-place-to-break-it'));
    await mina.subscribe(`/topic/public/${'x'.repeat(120)}`);
    for (const name of ['Nodes', 'Rooms', 'Sessions', 'Trace', 'Bans', 'Broadcast', 'Overview']) {
        await one.open(name);
        await one.page.getByRole('heading', {name, level: 1}).waitFor();
        if (name === 'Rooms' || name === 'Sessions') await one.row(name === 'Rooms' ? 'xxx' : mina.login).waitFor();
        const wide = await one.page.evaluate(() => [document.documentElement, document.querySelector('.content')].some((one) => one.scrollWidth > one.clientWidth));
        assert.equal(wide, false, name);
    }
    await mina.leave();
    await one.leave();
});

test('a node that crashed is shown as silent, and after its restart the page goes on', async () => {
    const own = await stampede_node.start({config: with_operators()});
    try {
        const one = await operator.sign_in(browser, own.origin, {expected: [/ERR_CONNECTION|Failed to load|ERR_EMPTY/]});
        await one.open('Nodes');
        const card = one.page.getByTestId('node');
        await card.and(one.page.locator('[data-condition=ready]')).waitFor();
        await own.kill();
        await card.and(one.page.locator('[data-condition=silent]')).waitFor();
        await one.page.locator('[data-testid=cluster-state][data-level=bad]').waitFor();
        await own.run();
        await card.and(one.page.locator('[data-condition=ready]')).waitFor();
        await one.open('Overview');
        await one.plot('Frames').locator('output').filter({hasText: /^[\d.]+\/s$/}).waitFor();
        await one.leave();
    } finally {
        await own.stop();
    }
});
