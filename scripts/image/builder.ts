/** buildah with a store of its own, so that nothing of it stays on the machine, and no image registry is asked. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface Builder {
  /** Runs `buildah WORDS`; its stdout. Throws with the words of buildah. */
  run(...words: readonly string[]): string;
  /** An image of its own: from `from` (`scratch`, or a name), changed by `change`, which gets the container's name. */
  commit(name: string, from: string, change: (container: string) => void): void;
  /** Builds one stage of a Dockerfile; what it prints goes to stderr. */
  build(name: string, words: readonly string[], context: string): void;
  /** The folder with the files of an image. */
  mount(image: string): string;
  /** Unmounts everything. */
  close(): void;
}

/** `folder`: for the store. Chroot isolation needs no right but root's. A kernel without overlays gets plain copies, which take longer. */
export function builder(folder: string): Builder {
  const by = (driver: string) => [
    ...['--root', join(folder, driver), '--runroot', join(folder, `${driver}-run`), '--storage-driver', driver],
  ];
  const hasOverlay = spawnSync('buildah', [...by('overlay'), 'info'], { stdio: 'ignore' }).status === 0;
  const store = by(hasOverlay ? 'overlay' : 'vfs');
  const run = (...words: readonly string[]): string => {
    const { status, stdout, stderr, error } = spawnSync('buildah', [...store, ...words], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`buildah ${words.join(' ')}: ${error?.message ?? stderr}`);
    return stdout.trim();
  };
  return {
    run,
    commit(name, from, change) {
      const container = run('from', '--pull-never', from);
      change(container);
      run('commit', '--quiet', '--rm', container, name);
    },
    build(name, words, context) {
      // Layers are kept, so that the second stage finds what the first has built.
      const options = ['--isolation', 'chroot', '--pull-never', '--layers', '-t', name];
      const { status } = spawnSync('buildah', [...store, 'build', ...options, ...words, context], {
        stdio: ['ignore', 2, 2],
      });
      if (status !== 0) throw new Error(`buildah build ${words.join(' ')} has failed; its words are above`);
    },
    mount: (image) => run('mount', run('from', '--pull-never', image)),
    close() {
      run('umount', '--all');
      run('rm', '--all');
    },
  };
}
