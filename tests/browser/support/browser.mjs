// Debian's Chromium, or its Firefox with STAMPEDE_BROWSER=firefox, and pages in it that fail a test when they report an
// error.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {chromium, firefox} from 'playwright-core';

export const is_firefox = process.env.STAMPEDE_BROWSER === 'firefox';

export function launch() {
    return is_firefox ? launch_firefox() : launch_chromium();
}

// By WebDriver BiDi, which Firefox speaks as it is.
function launch_firefox() {
    return firefox.launch({
        executablePath: process.env.STAMPEDE_FIREFOX ?? '/usr/bin/firefox-esr',
        channel: 'moz-firefox',
        // As root it does not start in the home of somebody else.
        env: {...process.env, ...(process.getuid() === 0 && {HOME: '/root'})},
    });
}

function launch_chromium() {
    return chromium.launch({
        executablePath: process.env.STAMPEDE_CHROMIUM ?? '/usr/bin/chromium',
        args: [
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
        ],
    });
}

// Firefox does nothing about touches that come by WebDriver BiDi.
export function tap(what) {
    return is_firefox ? what.click() : what.tap();
}

// What the page said on its console that it should not have. `expected`: patterns that are fine.
export function watch(page, expected = []) {
    const complaints = [];
    const note = (text) => expected.some((one) => one.test(text)) || complaints.push(text);
    page.on('pageerror', (error) => note(String(error.stack ?? error)));
    page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') note(`${message.text()} (${message.location().url})`);
    });
    return {assert_none: () => assert.deepEqual(complaints, [])};
}

const libraries = {
    'sockjs.js': 'sockjs-client/dist/sockjs.min.js',
    'stompjs-2.js': 'stompjs/lib/stomp.min.js',
    'webstomp.js': 'webstomp-client/dist/webstomp.min.js',
    'stompjs-7.js': '@stomp/stompjs/bundles/stomp.umd.min.js',
    'rxjs.js': 'rxjs/dist/bundles/rxjs.umd.min.js',
    'rx-stomp.js': '@stomp/rx-stomp/bundles/rx-stomp.umd.min.js',
};

// Files of the tests themselves.
const own = {
    'adapters.js': () => readFile(new URL('adapters.js', import.meta.url), 'utf8'),
    // rx-stomp's bundle expects the package uuid as a global; that package has no bundle.
    'uuid.js': () => 'window.uuid = {v4: () => crypto.randomUUID()};',
};

// A page of the node's own origin, so that '/ws-chat' is meant as written, that has loaded the given client
// libraries. SockJS's greeting serves as the page: it is the node's, and has no policy of its own.
// `before`: what to do with the page before it is loaded.
export async function client_page(browser, node, names, {origin = node.origin, before} = {}) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await before?.(page);
    await page.goto(`${origin}/ws-chat/`);
    for (const name of names) {
        const content = await (own[name]?.() ?? readFile(new URL(`../node_modules/${libraries[name]}`, import.meta.url), 'utf8'));
        await page.addScriptTag({content: `${content}\n//# sourceURL=${name}`});
    }
    return page;
}
