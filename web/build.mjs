// Bundles the node's pages, the chat and the operator's console, and writes them as C++.
//
// usage: node build.mjs OUTPUT_DIRECTORY
//
// Leaves in OUTPUT_DIRECTORY: site/ (the files as they are served, handy for a look),
// assets.bin (all their bytes, one after the other) and asset_table.cpp (which embeds that file
// through the assembler and says what is where: compiling takes no time, whatever the size).

import {build} from 'esbuild';
import {createHash} from 'node:crypto';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {dirname, extname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const output = resolve(process.argv[2] ?? join(here, '../build/web'));
const modules = join(here, 'node_modules');

const content_types = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.svg': 'image/svg+xml',
};

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

async function bundle(entry) {
    const result = await build({
        entryPoints: [join(here, entry)],
        bundle: true,
        minify: true,
        write: false,
        format: 'iife',
        target: ['es2022', 'chrome100', 'firefox100', 'safari15.4'],
        legalComments: 'none',
        logLevel: 'warning',
        charset: 'utf8',
    });
    return Buffer.from(result.outputFiles[0].contents);
}

// The client libraries are served as they are published, less the pointer to a source map that is not served.
async function vendor(file) {
    const text = await readFile(join(modules, file), 'utf8');
    return Buffer.from(text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n'));
}

// [path, bytes, immutable]. Scripts and styles of a page carry their hash in the name, so that a browser never
// mixes the files of two versions.
async function page(path, name, html, script, style) {
    const app = await bundle(script);
    const look = await bundle(style);
    const names = {
        '{{app.js}}': `/assets/${name}-${hash(app)}.js`,
        '{{app.css}}': `/assets/${name}-${hash(look)}.css`,
    };
    let text = await readFile(join(here, html), 'utf8');
    for (const [mark, asset] of Object.entries(names)) {
        if (!text.includes(mark)) throw new Error(`${html} does not mention ${mark}`);
        text = text.replaceAll(mark, asset);
    }
    return [
        [path, Buffer.from(text), false],
        [names['{{app.js}}'], app, true],
        [names['{{app.css}}'], look, true],
    ];
}

// The libraries keep their names, since other pages use them.
async function collect() {
    return [
        ...(await page('/', 'app', 'src/index.html', 'src/main.ts', 'src/style.css')),
        ...(await page('/console/', 'console', 'src/console/index.html', 'src/console/main.ts', 'src/console/console.css')),
        ['/favicon.svg', await readFile(join(here, 'src/favicon.svg')), false],
        ['/vendor/sockjs.min.js', await vendor('sockjs-client/dist/sockjs.min.js'), false],
        ['/vendor/stomp.umd.min.js', await vendor('@stomp/stompjs/bundles/stomp.umd.min.js'), false],
    ];
}

function table(files) {
    const pieces = [];
    let size = 0;
    const place = (bytes) => {
        const view = `piece(${size}, ${bytes.length})`;
        pieces.push(bytes);
        size += bytes.length;
        return view;
    };
    const rows = files.map(([path, bytes, immutable]) => {
        const type = content_types[extname(path) || '.html'];
        if (!type) throw new Error(`no content type is known for ${path}`);
        const zipped = gzipSync(bytes, {level: 9});
        const gzip = zipped.length < bytes.length * 0.9 ? place(zipped) : '{}';
        return `    {"${path}", "${type}", "\\"${hash(bytes)}\\"", ${place(bytes)}, ${gzip}, ${immutable}},`;
    });
    const source = `// Written by web/build.mjs.
#include "web/assets.hpp"

asm(".pushsection .rodata\\n"
    ".global stampede_web_assets\\n"
    ".balign 16\\n"
    "stampede_web_assets:\\n"
    ".incbin \\"${join(output, 'assets.bin')}\\"\\n"
    ".byte 0\\n"
    ".popsection\\n");

extern "C" char const stampede_web_assets[];

namespace web {
namespace {

std::string_view piece(std::size_t offset, std::size_t size) { return {stampede_web_assets + offset, size}; }

}  // namespace

std::span<asset const> assets() noexcept {
    static asset const all[] = {
${rows.map((row) => '    ' + row).join('\n')}
    };
    return all;
}

}  // namespace web
`;
    return {source, blob: Buffer.concat(pieces)};
}

const files = (await collect()).sort(([a], [b]) => (a < b ? -1 : 1));

await rm(join(output, 'site'), {recursive: true, force: true});
for (const [path, bytes] of files) {
    const file = join(output, 'site', path.endsWith('/') ? `${path}index.html` : path);
    await mkdir(dirname(file), {recursive: true});
    await writeFile(file, bytes);
}
const {source, blob} = table(files);
await writeFile(join(output, 'assets.bin'), blob);
await writeFile(join(output, 'asset_table.cpp'), source);
