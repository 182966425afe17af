// What operators do to users from the console, and what those see of it.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {stampede_node} from './support/node.mjs';
import {operator, user, with_operators} from './support/operator.mjs';
import {visitor} from './support/visitor.mjs';

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

test('whoever has the chat page open reads a broadcast there until it is clicked away, and one to a room under its name', async () => {
    const one = await sign_in();
    const ann = await visitor.arrive(browser, node.origin, 'Ann');
    const notice = (text) => ann.page.locator('.toast.notice').filter({hasText: text});
    await one.open('Broadcast');
    await one.page.getByTestId('broadcast-message').fill('Back in <b>five</b> minutes');
    await one.page.getByTestId('broadcast-submit').click();
    await one.confirm(['Everybody']);
    await notice('Back in <b>five</b> minutes').waitFor();

    const room = await ann.current_room();
    await one.page.getByRole('radio', {name: 'A room'}).check();
    await one.page.getByTestId('broadcast-id').fill(String(room));
    await one.page.getByTestId('broadcast-message').fill('Mind the rules');
    await one.page.getByTestId('broadcast-submit').click();
    await one.confirm([`Room ${room}`]);
    await notice(new RegExp(`${await ann.room_name()}\\W: Mind the rules`)).waitFor();

    await notice('Back in').click();
    await notice('Back in').waitFor({state: 'detached'});
    await notice('Mind the rules').waitFor();
    await ann.say('I do');
    await ann.state_of('I do', 'stored');
    await ann.assert_each_seq_once();
    await ann.leave_the_browser();
    await one.leave();
});

test('what users call themselves and their rooms is shown as text, never run', async () => {
    const attack = '<img src=x onerror=window.hit=1>';
    const one = await sign_in();
    const evil = await connect(attack);
    const room = `/topic/public/${attack}`;
    await evil.subscribe(room, attack);
    await one.open('Rooms');
    await one.row(room).waitFor();
    await one.find('user', attack);
    await one.row(attack).waitFor();
    await one.page.getByRole('link', {name: attack}).click();
    await one.page.getByTestId('session-user').filter({hasText: attack}).waitFor();
    await one.row(room).waitFor();
    await one.page.getByTestId('session-detail').getByTestId('kick').click();
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
