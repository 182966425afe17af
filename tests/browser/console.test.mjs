// The operator's console, as operators use it, on a node of its own.

import assert from 'node:assert/strict';
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

test('/console leads to the page, which has the policy of the chat page and is framed by nobody', async () => {
    const moved = await fetch(`${node.origin}/console`, {redirect: 'manual'});
    assert.equal(moved.status, 308);
    assert.equal(moved.headers.get('location'), '/console/');
    const [chat, console_page] = await Promise.all(['/', '/console/'].map((path) => fetch(node.origin + path)));
    assert.equal(console_page.status, 200);
    for (const name of ['x-content-type-options', 'referrer-policy', 'cache-control'])
        assert.equal(console_page.headers.get(name), chat.headers.get(name), name);
    const [open, closed] = [chat, console_page].map((page) => page.headers.get('content-security-policy'));
    assert.equal(closed, open.replace("frame-ancestors 'self'", "frame-ancestors 'none'"));
    assert.notEqual(closed, open);
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

test('a token gets in, one that is over does not', async () => {
    const one = await operator.arrive(browser, node.origin, {expected: [/status of 401/]});
    await one.enter_token(token('boss', ['admin'], -60));
    await one.page.getByTestId('login-reason').filter({hasText: /expired/}).waitFor();
    await one.enter_token(token('boss', ['admin']));
    await one.inside();
    await one.leave();
});

test('when the credentials are no longer good the form is back and says so', async () => {
    const own = await stampede_node.start({config: with_operators()});
    try {
        const one = await operator.sign_in(browser, own.origin, {expected: [/status of 40[13]/]});
        await own.reload('');
        await one.page.getByTestId('login-reason').filter({hasText: /\w/}).waitFor();
        assert.equal(await one.page.evaluate(() => sessionStorage.length), 0);
        await one.leave();
    } finally {
        await own.stop();
    }
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
    await one.page.bringToFront(); // where keys go to
    await kick.focus();
    await one.page.keyboard.press('Enter');
    await one.confirmation().waitFor();
    await one.page.keyboard.press('Escape');
    await one.confirmation().waitFor({state: 'detached'});
    assert.ok(await kick.evaluate((one) => one === document.activeElement), 'one is where one was');
    await mina.leave();
    await one.leave();
});

// Whether no two parts of the line on top cover each other.
const bar_is_clear = (page) =>
    page.evaluate(() => {
        const boxes = [...document.querySelectorAll('.bar :is(.name, .chip, .who, button)')].map((one) => one.getBoundingClientRect()).filter((box) => box.width > 0);
        const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
        return boxes.every((one, at) => boxes.slice(at + 1).every((other) => apart(one, other)));
    });

test('on a phone nothing is wider than the screen, and nothing covers anything', async () => {
    const one = await sign_in({context: {viewport: {width: 360, height: 740}, isMobile: true, hasTouch: true}});
    const mina = await connect(unique('a-rather-long-name-without-a-place-to-break-it'));
    await mina.subscribe(`/topic/public/${'x'.repeat(120)}`);
    for (const width of [360, 430, 700]) {
        await one.page.setViewportSize({width, height: 740});
        assert.ok(await bar_is_clear(one.page), `the bar of ${width}`);
        for (const name of ['Nodes', 'Rooms', 'Sessions', 'Trace', 'Bans', 'Broadcast', 'Overview']) {
            await one.open(name);
            await one.page.getByRole('heading', {name, level: 1}).waitFor();
            if (name === 'Rooms' || name === 'Sessions') await one.row(name === 'Rooms' ? 'xxx' : mina.login).waitFor();
            const wide = await one.page.evaluate(() => [document.documentElement, document.querySelector('.content')].some((one) => one.scrollWidth > one.clientWidth));
            assert.equal(wide, false, `${name}, ${width}`);
        }
    }
    await mina.leave();
    await one.leave();
});

test('who has no name does not look as if that were one', async () => {
    const [nobody, somebody] = [await connect(''), await connect('(anonymous)')];
    const one = await sign_in();
    await one.open('Sessions');
    const style_of = (session) => one.row(session).locator('a').first().evaluate((link) => getComputedStyle(link).fontStyle);
    await one.row(nobody.session).waitFor();
    assert.deepEqual([await style_of(nobody.session), await style_of(somebody.session)], ['italic', 'normal']);
    for (const each of [nobody, somebody]) await each.leave();
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
