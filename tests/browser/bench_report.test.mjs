// The pages that the load tester writes, opened from disk as people open them.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';

import {launch, watch} from './support/browser.mjs';

let browser;
let folder;

before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-report-'));
    execFileSync(process.env.STAMPEDE_BENCH_PAGES, [folder], {stdio: 'ignore'});
    browser = await launch();
});

after(async () => {
    await browser?.close();
    if (folder) await rm(folder, {recursive: true, force: true});
});

// Opens a page, hands it over, and expects that it complained of nothing and asked for nothing.
async function look(file, options, see) {
    const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
    const page = await context.newPage();
    const console_of = watch(page);
    const asked = [];
    page.on('request', (one) => asked.push(one.url()));
    const address = pathToFileURL(join(folder, file)).href;
    await page.goto(address);
    await page.locator('.uplot canvas').first().waitFor();
    await see(page);
    console_of.assert_none();
    assert.deepEqual(asked.filter((one) => one !== address && !one.startsWith('data:')), []);
    await context.close();
}

// In the page: the plots whose canvas has something in this colour of the page; false until one of them is `including`.
function painted({colour, including}) {
    const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(colour).trim();
    probe.fillRect(0, 0, 1, 1);
    const wanted = probe.getImageData(0, 0, 1, 1).data;
    const shows = (canvas) => {
        [probe.canvas.width, probe.canvas.height] = [canvas.width, canvas.height];
        probe.drawImage(canvas, 0, 0);
        const {data} = probe.getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) {
            if ([0, 1, 2, 3].every((k) => Math.abs(data[i + k] - wanted[k]) < 12)) count++;
        }
        return count > 50;
    };
    const names = [...document.querySelectorAll('[data-testid^=plot-]')]
        .filter((one) => shows(one.querySelector('canvas')))
        .map((one) => one.dataset.testid.slice('plot-'.length));
    return including && !names.includes(including) ? false : names;
}

const plots_with = (page, colour) => page.evaluate(painted, {colour});

const plot_names = (page) => page.locator('[data-testid^=plot-]').evaluateAll((all) => all.map((one) => one.dataset.testid.slice(5)));

for (const colorScheme of ['light', 'dark']) {
    test(`a run's page draws its plots and shows its figures, ${colorScheme}`, async () => {
        const {figures, command, warnings} = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'));
        await look('run.html', {colorScheme}, async (page) => {
            assert.deepEqual(await plot_names(page),
                ['throughput', 'latency-delivery', 'latency-receipt', 'percentiles', 'cpu', 'memory', 'errors'])
            assert.deepEqual(await plots_with(page, '--blue'), ['throughput', 'latency-delivery', 'latency-receipt', 'percentiles', 'cpu']);
            assert.deepEqual(await plots_with(page, '--violet'), ['memory']);
            assert.deepEqual(await plots_with(page, '--red'), ['errors']);

            const shown = page.getByTestId('figures').locator('[data-figure]');
            assert.deepEqual((await shown.evaluateAll((all) => all.map((one) => one.dataset.figure))).sort(), Object.keys(figures).sort());
            assert.equal(await page.getByTestId('figures').locator('[data-figure=lost] td').textContent(), '4');
            assert.match(await page.getByTestId('figures').locator('[data-figure=sent_rate] td').textContent(), /^1,0\d\d\/s$/);
            assert.equal(await page.getByTestId('command').textContent(), command);
            assert.match(await page.getByTestId('warnings').textContent(), new RegExp(warnings[0].slice(0, 20)));
            assert.equal(await page.getByTestId('verdict').textContent(), 'failed');
            assert.match(await page.getByTestId('expectations').textContent(), /failedlost == 0 4/);
            assert.match(await page.getByTestId('error-texts').textContent(), /closed by the server: 1011 "internal"/);
        });
    });
}

test('a page fits a phone, and follows when light turns to dark', async () => {
    await look('run.html', {viewport: {width: 375, height: 700}, colorScheme: 'light'}, async (page) => {
        const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.equal(await overflow(), 0);
        const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        await page.emulateMedia({colorScheme: 'dark'});
        await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, light);
        // The plots are drawn anew after the style has turned.
        await page.waitForFunction(painted, {colour: '--blue', including: 'throughput'});
        await page.setViewportSize({width: 320, height: 700});
        await page.waitForFunction(() => document.querySelector('.uplot').getBoundingClientRect().width < 300);
        assert.equal(await overflow(), 0);
    });
});

test('what the mouse points at is told below the plot', async () => {
    await look('run.html', {}, async (page) => {
        const card = page.getByTestId('plot-throughput');
        await card.locator('.u-over').hover();
        await card.locator('.u-value').filter({hasText: /^1\d s$/}).waitFor();
        await card.locator('.u-value').filter({hasText: /^\d\d,\d{3}\/s$/}).first().waitFor();
    });
});

test('a comparison shows ratios with their spread, and the plots of any round over each other', async () => {
    await look('comparison.html', {}, async (page) => {
        const row = page.getByTestId('compared').locator('[data-figure=delivery_p50]');
        assert.match(await row.textContent(), /^delivery_p50\d+ µs\d+(\.\d+)? ms4\d\.\d× 3\d\.\d× to 4\d\.\d×$/);
        assert.equal(await row.locator('.ratio.bad').count(), 1);
        assert.equal(await page.locator('[data-figure=lost] .ratio').textContent(), '–');
        assert.match(await page.getByTestId('expectations').textContent(), /passedRound 1: delivery_p50 < 500 us .*failedRound 2: /);
        for (const colour of ['--blue', '--orange']) {
            assert.ok((await plots_with(page, colour)).includes('percentiles-delivery'), colour);
        }
        await page.getByRole('button', {name: 'Round 1'}).click();
        await page.locator('.uplot canvas').first().waitFor();
        assert.equal(await page.getByRole('button', {name: 'Round 1'}).getAttribute('aria-pressed'), 'true');
        assert.ok((await plots_with(page, '--orange')).includes('latency-delivery'));
    });
});
