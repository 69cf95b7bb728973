/** The same requests to the sandbox's API server and to a real one, answer by answer. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clusterKind } from '../cluster/cluster.ts';
import { startRealCluster } from '../cluster/real-cluster.ts';
import { startSandboxCluster } from '../cluster/sandbox-cluster.ts';
import { access } from './cases/access.ts';
import type { Case } from './cases/case.ts';
import { creation } from './cases/create.ts';
import { deletions } from './cases/delete.ts';
import { deployments } from './cases/deployment.ts';
import { ephemeral } from './cases/ephemeral.ts';
import { patches } from './cases/patch.ts';
import { reads } from './cases/read.ts';
import { upgrades } from './cases/upgrade.ts';
import { volumes } from './cases/volumes.ts';
import { watches } from './cases/watch.ts';
import { differencesOf } from './compare.ts';
import { DIFFERENTIAL_NAMESPACE, ownNamespace } from './namespace.ts';
import { type Exchange, Recorder } from './recorder.ts';

const CASES: readonly Case[] = [
  ...creation,
  ...patches,
  ...deletions,
  ...reads,
  ...watches,
  ...upgrades,
  ...deployments,
  ...access,
  ...ephemeral,
  ...volumes,
];
const OWN_KUBECONFIG = process.env['E2E_KUBECONFIG'];

const ends: (() => Promise<void>)[] = [];
const kubeconfigs: string[] = [];
/** The 34 of the real server's 1.34. */
let minor = 0;

before(async () => {
  const sandbox = await startSandboxCluster({});
  ends.push(() => sandbox.stop());
  kubeconfigs.push(sandbox.kubeconfig);
  if (OWN_KUBECONFIG === undefined) {
    assert.equal(
      clusterKind(),
      'real',
      'the comparison needs E2E_CLUSTER=real, or E2E_KUBECONFIG of a cluster of your own',
    );
    const real = await startRealCluster({});
    ends.push(() => real.stop());
    kubeconfigs.push(real.kubeconfig);
  } else kubeconfigs.push(OWN_KUBECONFIG);
  for (const kubeconfig of kubeconfigs) {
    const api = await Recorder.open(kubeconfig, DIFFERENTIAL_NAMESPACE);
    const remove = await ownNamespace(api);
    // The last one asked is the real one.
    minor = await api.minor();
    ends.push(async () => {
      await remove();
      api.close();
    });
  }
});

after(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

for (const each of CASES.filter(({ needsPods }) => needsPods !== true || OWN_KUBECONFIG === undefined)) {
  test(`the sandbox answers as a real API server: ${each.name}`, async () => {
    const [sandbox, real] = await Promise.all(kubeconfigs.map((kubeconfig) => recordingOf(kubeconfig, each)));
    assert.deepEqual(differencesOf(sandbox ?? [], real ?? [], minor), []);
  });
}

async function recordingOf(kubeconfig: string, { run }: Case): Promise<Exchange[]> {
  const api = await Recorder.open(kubeconfig, DIFFERENTIAL_NAMESPACE);
  try {
    await run(api);
    return api.exchanges;
  } finally {
    api.close();
  }
}
