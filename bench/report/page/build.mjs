// Bundles the page of a report and writes it as C++.
//
// usage: node build.mjs OUTPUT_DIRECTORY
//
// Leaves in OUTPUT_DIRECTORY: page.html (whole, with a mark where the data goes) and
// page_bytes.cpp, which embeds that file through the assembler.

import {build} from 'esbuild';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const output = resolve(process.argv[2] ?? join(here, '../../../build/report'));

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
    return result.outputFiles[0].text.trim();
}

const parts = {
    '{{style}}': await bundle('src/style.css'),
    '{{script}}': await bundle('src/main.ts'),
};
let page = await readFile(join(here, 'src/index.html'), 'utf8');
for (const [mark, text] of Object.entries(parts)) {
    if (page.split(mark).length !== 2) throw new Error(`src/index.html must mention ${mark} once`);
    if (/<\/(script|style)/i.test(text)) throw new Error(`${mark} would end its own element`);
    page = page.replace(mark, () => text);
}
if (page.split('{{data}}').length !== 2) throw new Error('src/index.html must mention {{data}} once');

const source = `// Written by bench/report/page/build.mjs.
#include <string_view>

asm(".pushsection .rodata\\n"
    ".global stampede_bench_page\\n"
    "stampede_bench_page:\\n"
    ".incbin \\"${join(output, 'page.html')}\\"\\n"
    ".byte 0\\n"
    ".popsection\\n");

extern "C" char const stampede_bench_page[];

namespace bench {

std::string_view page_bytes() noexcept;
std::string_view page_bytes() noexcept { return {stampede_bench_page, ${Buffer.byteLength(page)}}; }

}  // namespace bench
`;
await mkdir(output, {recursive: true});
await writeFile(join(output, 'page.html'), page);
await writeFile(join(output, 'page_bytes.cpp'), source);
