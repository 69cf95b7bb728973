/** How long a command takes that does next to nothing, and one that does what `kubectl annotate` does. */
import type { Installed } from './installed.ts';
import { type Figures, race } from './measure.ts';
import { type BenchServer, createPods } from './pods.ts';

export interface Bench extends Installed {
  kubectl: string;
  rounds: number;
  server: BenchServer;
}

export type Report = (title: string, figures: Figures[]) => void;

export const environment = ({ server }: Bench): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  KUBECONFIG: server.kubeconfigFile,
});

const WEIGHTS =
  '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"web","weights":[{"weight":0,"podIndexes":[0]}]}]}]}';

export async function measureStartUp(bench: Bench, report: Report): Promise<void> {
  const { kubectl, plugin, npm, rounds } = bench;
  await createPods(bench.server.kube, 'web', 10);
  const env = environment(bench);
  const pair = (words: readonly string[]) => [
    { name: `executable ${words.join(' ')}`, command: [plugin, ...words] },
    { name: `npm ${words.join(' ')}`, command: [...npm, ...words] },
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
            'annotate',
            'service',
            'web',
            '--overwrite',
            `service.cloud.tencent.com/lb-rs-weight=${WEIGHTS}`,
          ],
        },
        { name: 'kubectl version', command: [kubectl, 'version'] },
        ...pair(['version']),
        ...pair(['status', 'web', '--no-cloud']),
        ...pair(['status', 'web', '--no-cloud', '-o', 'json']),
      ],
      rounds,
      env,
    ),
  );
}
