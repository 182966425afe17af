// A certificate for localhost and 127.0.0.1 that nobody has signed.

import {execFile} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

export async function make_certificate() {
    const directory = await mkdtemp(join(tmpdir(), 'stampede-certificate-'));
    const certificate = join(directory, 'certificate.pem');
    const key = join(directory, 'key.pem');
    const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost';
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:TRUE'];
    await promisify(execFile)('openssl', [...request.split(' '), ...names, '-keyout', key, '-out', certificate]);
    return {certificate, key, remove: () => rm(directory, {recursive: true, force: true})};
}
