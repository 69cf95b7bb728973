/** How time and memory grow with the number of pods, against `kubectl get pods` on the same server. */
import { race } from './measure.ts';
import { createPods } from './pods.ts';
import { type Bench, environment, type Report } from './start-up.ts';

export async function measureGrowth(bench: Bench & { sizes: readonly number[] }, report: Report): Promise<void> {
  const { kubectl, plugin, server, rounds, sizes } = bench;
  for (const size of sizes) {
    const name = `set-${size}`;
    await createPods(server.kube, name, size);
    report(
      `${size} pods`,
      await race(
        [
          { name: 'kubectl get pods', command: [kubectl, 'get', 'pods', '-l', `app=${name}`] },
          { name: 'kubectl get pods -o json', command: [kubectl, 'get', 'pods', '-l', `app=${name}`, '-o', 'json'] },
          { name: 'status --no-cloud', command: [plugin, 'status', name, '--no-cloud'] },
          { name: 'status --no-cloud -o json', command: [plugin, 'status', name, '--no-cloud', '-o', 'json'] },
        ],
        // A process that runs for seconds needs fewer runs for a median that stands.
        size >= 1000 ? Math.min(rounds, 5) : rounds,
        environment(bench),
      ),
    );
  }
}
