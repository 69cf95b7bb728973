/**
 * Base images for deploy/Dockerfile, made here: Debian from its own packages, and on top of it the Node that this project runs on,
 * with npm. They stand where a mirror's images stand for everybody else.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from './builder.ts';

export const BASE = 'localhost/zeroloss-base';
export const NODE = 'localhost/zeroloss-node';

/** As the Node of package.json brings it. */
const NPM = 'npm@11.21.2';
/** Certificates by which this machine reaches its registry and mirrors. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

const tool = (file: string, words: readonly string[], cwd: string): void => {
  const { status, error } = spawnSync(file, words, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${file} ${words.join(' ')}: ${error?.message ?? `exit ${status}`}`);
};

/** `cache`: a folder in which Debian is found again. `node`: the executable. */
export function makeBaseImages(buildah: Builder, { folder, cache, node }: Record<'folder' | 'cache' | 'node', string>) {
  const debian = join(cache, 'debian-bookworm.tar');
  if (!existsSync(debian)) {
    const draft = `${debian}.${process.pid}.tar`;
    tool('mmdebstrap', ['--mode=root', '--variant=minbase', '--include=ca-certificates', 'bookworm', draft], folder);
    renameSync(draft, debian);
  }
  buildah.commit(BASE, 'scratch', (container) => buildah.run('add', '--quiet', container, debian, '/'));

  tool('npm', ['pack', NPM, '--silent', '--pack-destination', folder], folder);
  tool('tar', ['xzf', `${NPM.replace('@', '-')}.tgz`], folder);
  buildah.commit(NODE, BASE, (container) => {
    buildah.run('copy', '--quiet', container, node, '/usr/local/bin/node');
    buildah.run('copy', '--quiet', container, join(folder, 'package'), '/usr/local/lib/node_modules/npm');
    buildah.run('copy', '--quiet', container, CERTIFICATES, CERTIFICATES);
    const npm = '/usr/local/lib/node_modules/npm/bin/npm-cli.js';
    const link = `chmod +x ${npm} && ln -s ${npm} /usr/local/bin/npm`;
    buildah.run('run', '--isolation', 'chroot', container, '--', 'sh', '-c', link);
    buildah.run('config', '--env', `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, container);
  });
}
