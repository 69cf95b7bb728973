/** How long a command takes that does next to nothing, and one that does what `kubectl annotate` does. */
import { join } from 'node:path';
import type { Installed } from '../installed.ts';
import { type Figures, race } from '../measure.ts';

export interface StartUpOptions extends Installed {
  kubectl: string;
  rounds: number;
  env: NodeJS.ProcessEnv;
  /** With ten pods of the StatefulSet `web` and its Service. */
  namespace: string;
}

const NODE_FLOOR = join(import.meta.dirname, '../node-floor.cjs');

const WEIGHTS =
  '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"web","weights":[{"weight":0,"podIndexes":[0]}]}]}]}';

export async function measureStartUp(
  { kubectl, plugin, npm, rounds, env, namespace }: StartUpOptions,
  report: (title: string, figures: Figures[]) => void,
): Promise<void> {
  const pair = (words: readonly string[], ...more: readonly string[]) => [
    { name: `executable ${words.join(' ')}`, command: [plugin, ...words, ...more] },
    { name: `npm ${words.join(' ')}`, command: [...npm, ...words, ...more] },
  ];
  report(
    'no server',
    await race(
      [
        { name: 'kubectl --help', command: [kubectl, '--help'] },
        { name: 'kubectl version --client', command: [kubectl, 'version', '--client'] },
        ...pair(['--help']),
        ...pair(['version', '--client']),
        { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
      ],
      rounds,
      env,
    ),
  );
  report(
    'one server',
    await race(
      [
        {
          name: 'kubectl annotate',
          command: [
            kubectl,
            '-n',
            namespace,
            'annotate',
            'service',
            'web',
            '--overwrite',
            `service.cloud.tencent.com/lb-rs-weight=${WEIGHTS}`,
          ],
        },
        { name: 'kubectl version', command: [kubectl, 'version'] },
        ...pair(['version']),
        ...pair(['status', 'web', '--no-cloud'], '-n', namespace),
        ...pair(['status', 'web', '--no-cloud', '-o', 'json'], '-n', namespace),
      ],
      rounds,
      env,
    ),
  );
  report(
    'status over Node alone',
    await race(
      [
        { name: 'node, the requests of status', command: [process.execPath, NODE_FLOOR, namespace] },
        ...pair(['status', 'web', '--no-cloud'], '-n', namespace),
      ],
      rounds,
      env,
    ),
  );
}
