/** A real kube-apiserver, etcd and kube-controller-manager, with the sandbox's kubelet, service-controller and load balancer as its clients. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority, writePrivate } from '../../../sandbox/apiserver/pki/authority.ts';
import { renderKubeconfig } from '../../../sandbox/apiserver/pki/kubeconfig.ts';
import { issueKubeletCertificate } from '../../../sandbox/apiserver/pki/kubelet-certificate.ts';
import { partsInOrder } from '../../../sandbox/start/start-cluster.ts';
import { startDataPlane } from '../../../sandbox/start/start-data-plane.ts';
import { spdyExec } from '../../spdy/spdy-exec.ts';
import type { E2eCluster, E2eOptions } from './cluster.ts';
import { startControlPlane } from './control-plane.ts';
import { frontDoorOf } from './front-door.ts';
import { startGateWebhook } from './gate-webhook.ts';

/** A real API server refuses loopback addresses in Endpoints and for its pod proxy; the control plane dials these on 127.77. */
const POD_NETWORK = '10.77.';

export async function startRealCluster(options: E2eOptions): Promise<E2eCluster> {
  const stateDir = await mkdtemp(join(tmpdir(), 'zeroloss-real-'));
  const { add, stop } = partsInOrder();
  add({ stop: () => rm(stateDir, { recursive: true, force: true }) });
  try {
    const controlPlane = add(await startControlPlane(stateDir));
    const { kubeconfigFile, url } = controlPlane;
    const certificate = await issueKubeletCertificate(stateDir);
    const how = { ...options, kubeconfigFile, certificate, publicPrefix: POD_NETWORK, execUpgrade: spdyExec };
    const dataPlane = await startDataPlane(how, add);
    const authority = await openAuthority(stateDir);
    add(await startGateWebhook(dataPlane.kube, authority));
    let written = 0;
    return {
      ...dataPlane,
      kind: 'real',
      kubeconfig: kubeconfigFile,
      frontDoor: (service, port) => frontDoorOf(dataPlane, service, port),
      kubeconfigFor: async (user, groups = [], { namespace = 'default' } = {}) => {
        written += 1;
        const cluster = { url, certificateAuthority: authority.certificate };
        const path = join(stateDir, `kubeconfig-${written}`);
        const credential = await authority.issueClient(user, groups);
        await writePrivate(path, renderKubeconfig({ ...cluster, user, credential, namespace }));
        return path;
      },
      restartApiServer: () => controlPlane.restartApiServer(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
