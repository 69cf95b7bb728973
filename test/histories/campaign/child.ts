/** The process that runs histories: bundled into one file, so that no import of the program takes time of the machine's. */
import { readShipped } from './role.ts';
import { runSeed } from './worker.ts';

const shipped = await readShipped();

process.on('message', (message: { seed: number; shrinks: number }) => {
  runSeed(message.seed, shipped, message.shrinks).then(
    (told) => process.send?.(told),
    (error: unknown) =>
      process.send?.({ seed: message.seed, broken: error instanceof Error ? error.stack : String(error) }),
  );
});
// A terminal interrupts the whole group; the campaign lets each history come to its end.
process.on('SIGINT', () => undefined);
// No one waits for its findings then.
process.on('disconnect', () => process.exit());
process.send?.('ready');
