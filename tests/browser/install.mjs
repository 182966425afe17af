// Installs the packages of these tests, unless what the lock file names is there already.

import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';

const stamp = new URL('node_modules/.lock-hash', import.meta.url);
const lock = readFileSync(new URL('package-lock.json', import.meta.url));
const wanted = createHash('sha256').update(lock).digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['ci', '--ignore-scripts', ...quietly], {cwd: new URL('.', import.meta.url), stdio: 'inherit'});
    writeFileSync(stamp, wanted);
}
