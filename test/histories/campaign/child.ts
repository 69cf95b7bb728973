/** The process that runs histories: bundled into one file, so that no import of the program takes time of the machine's. */
import { rbacObjects } from './role.ts';
import { runSeed } from './worker.ts';

const rbac = await rbacObjects();

process.on('message', (message: { seed: number; shrinks: number }) => {
  runSeed(message.seed, rbac, message.shrinks).then(
    (told) => process.send?.(told),
    (error: unknown) =>
      process.send?.({ seed: message.seed, broken: error instanceof Error ? error.stack : String(error) }),
  );
});
process.send?.('ready');
