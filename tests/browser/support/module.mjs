// A source file of the pages, bundled and loaded without a browser.

import {createRequire} from 'node:module';

const web = new URL('../../../web/', import.meta.url);

export async function load(file) {
    const {build} = createRequire(new URL('package.json', web))('esbuild');
    const made = await build({entryPoints: [new URL(file, web).pathname], bundle: true, write: false, format: 'esm'});
    return import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString('base64')}`);
}
