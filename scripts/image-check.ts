/** Builds deploy/Dockerfile as it is, both of its images, and tries them: `image-check.ts`. Needs root, buildah and mmdebstrap. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASE, makeBaseImages, NODE } from './image/base-images.ts';
import { builder } from './image/builder.ts';

const ROOT = join(import.meta.dirname, '..');

if (process.getuid?.() !== 0) throw new Error('image-check needs root: it makes file systems, and enters them');
const folder = mkdtempSync(join(tmpdir(), 'zeroloss-image-'));
const buildah = builder(folder);
try {
  const cache = join(ROOT, '.cache/image');
  mkdirSync(cache, { recursive: true });
  makeBaseImages(buildah, { folder, cache, node: realpathSync(process.execPath) });

  // The sources of a clone, without anything that was built or installed here.
  const sources = join(folder, 'sources');
  mkdirSync(sources);
  const copied = spawnSync('sh', ['-c', 'git -C "$1" archive HEAD | tar x -C "$2"', 'sh', ROOT, sources]);
  if (copied.status !== 0) throw new Error(`git archive: ${copied.stderr}`);
  const words = [
    '-f',
    join(sources, 'deploy/Dockerfile'),
    '--build-arg',
    `NODE=${NODE}`,
    '--build-arg',
    `BASE=${BASE}`,
  ];
  buildah.build('localhost/zeroloss', words, sources);
  buildah.build('localhost/zeroloss-shell', [...words, '--target', 'shell'], sources);

  const env = {
    ...process.env,
    IMAGE_ROOT: buildah.mount('localhost/zeroloss'),
    IMAGE_INSPECTED: buildah.run('inspect', '--type', 'image', 'localhost/zeroloss'),
    SHELL_IMAGE_ROOT: buildah.mount('localhost/zeroloss-shell'),
    E2E_CLUSTER: 'sandbox',
  };
  const tests = ['--import', 'tsx', '--test', '--test-timeout=300000', join(ROOT, 'test/image/image.test.ts')];
  process.exitCode = spawnSync(process.execPath, tests, { env, cwd: ROOT, stdio: 'inherit' }).status ?? 1;
} finally {
  buildah.close();
  rmSync(folder, { recursive: true, force: true });
}
