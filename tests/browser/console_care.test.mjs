// The console while an operator types, changes their mind, or meets users of unusual names.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {stampede_node} from './support/node.mjs';
import {operator, user, with_operators} from './support/operator.mjs';

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

test('a user called ".." loses a subscription called "." and is banned', async () => {
    const one = await sign_in({expected: [/status of 404/]});
    const dots = await connect('..');
    await dots.subscribe('/topic/public/dots', '.');
    await one.find('user', '..');
    await one.page.getByRole('link', {name: '..', exact: true}).click();
    assert.equal(await one.page.getByRole('link', {name: 'Send', exact: true}).count(), 0, 'a broadcast cannot name them');
    const subscription = one.row('/topic/public/dots');
    await subscription.getByTestId('unsubscribe').click();
    await one.confirm(['/topic/public/dots']);
    await subscription.waitFor({state: 'detached'});
    await one.page.getByTestId('ban').click();
    await one.confirm(['..'], 'Dots');
    await dots.is_closed();
    await one.open('Bans');
    await one.row('Dots').getByTestId('lift').click();
    await one.confirm(['..']);
    await one.row('Dots').waitFor({state: 'detached'});
    await dots.leave();
    await one.leave();
});

test('what is typed is asked for when one says so, and the list goes on about what was asked', async () => {
    const one = await sign_in();
    const number = await connect('9301');
    await one.find('user', '9301');
    await one.row('9301').waitFor();
    const again = one.page.waitForRequest(/\/sessions\?/);
    await one.page.getByTestId('find-user').fill('nobody');
    assert.equal(new URL((await again).url()).searchParams.get('user'), '9301');
    await one.row('9301').waitFor();
    await one.row('9301').getByRole('link', {name: '9301'}).click();
    await one.page.getByRole('link', {name: 'Send', exact: true}).waitFor();

    await one.page.goto(`${node.origin}/console/#/trace?user=9301`);
    await one.page.getByTestId('trace-start').click();
    const status = one.page.getByTestId('trace-status');
    await status.and(one.page.locator('[data-state=running]')).waitFor();
    await one.page.getByRole('radio', {name: 'A room'}).check();
    await one.page.getByTestId('trace-whom').fill('/topic/public/other');
    await one.page.getByTestId('trace-pause').click();
    await status.filter({hasText: 'paused'}).waitFor();
    assert.match(await status.textContent(), /^Tracing user 9301 on /);
    await number.leave();
    await one.leave();
});

test('a broadcast keeps its text as one goes from text to JSON and back, and has one', async () => {
    const one = await sign_in();
    const message = one.page.getByTestId('broadcast-message');
    const write = (how) => one.page.getByRole('radio', {name: how, exact: true}).check();
    await one.open('Broadcast');
    await message.fill('   ');
    await one.page.getByTestId('broadcast-submit').click();
    await one.page.getByText('There is nothing to send.').waitFor();
    await message.fill('Soon');
    await write('JSON');
    await write('Text');
    assert.equal(await message.inputValue(), 'Soon');
    await write('JSON');
    for (const json of ['{"eventType": "all.biz-event", "amount": 1}', '{"eventType": "all.biz-ev']) {
        await message.fill(json);
        await write('Text');
        assert.equal(await message.inputValue(), json);
        await message.fill('Soon');
        await write('JSON');
    }
    await one.leave();
});

test('a question does not stay over the form to sign in', async () => {
    const one = await sign_in({expected: [/status of 401/]});
    await one.open('Bans');
    await one.page.getByTestId('ban-user').fill('somebody');
    await one.page.getByTestId('ban-submit').click();
    await one.confirmation().waitFor();
    await one.page.route(/\/console\/api\//, (route) => route.fulfill({status: 401, contentType: 'application/problem+json', body: '{"code": "token_expired", "detail": "Too old."}'}));
    await one.page.getByTestId('login-form').waitFor();
    await one.confirmation().waitFor({state: 'detached'});
    await one.leave();
});
