/** Everything of a rehearsal cluster that is a client of its API server: load balancer, cloud API, kubelet, service-controller. */
import { type ConnectedKube, connectKube } from '../../lib/kube/connect-kube.ts';
import type { Kube } from '../../lib/ports.ts';
import { type CloudApi, startCloudApi } from '../clb/api/start-cloud-api.ts';
import { type Clb, startBalancers } from '../clb/balancers/balancers.ts';
import type { Carrier } from '../clb/plane-world.ts';
import { claimVipRange } from '../clb/vip-range.ts';
import type { Running } from '../common/running.ts';
import type { Launch } from '../kubelet/container/container-process.ts';
import type { ExecUpgrade } from '../kubelet/exec/exec-stream.ts';
import type { KubeletCertificate } from '../kubelet/kubelet-endpoint.ts';
import type { Kubelet } from '../kubelet/start-kubelet.ts';
import { startNodes } from '../kubelet/start-nodes.ts';
import { publishConfig } from '../service-controller/config.ts';
import { type ServiceController, startServiceController } from '../service-controller/start-service-controller.ts';

export const REGION = 'ap-guangzhou';

export interface DataPlaneOptions {
  /** An administrator's kubeconfig of any control plane. */
  kubeconfigFile: string;
  certificate: KubeletCertificate;
  /** How long the load balancer takes to follow a change, ms; default 300. */
  lagMs?: number | undefined;
  /** Finest period of connection counts, seconds; the cloud's is 60, the default 1. */
  monitorPeriodSeconds?: number | undefined;
  /** Another load balancer for layer 4 in the place of the sandbox's own proxy. */
  carrier?: Carrier | undefined;
  /** First half of the addresses that pods are known by, where the API server takes no loopback ones: '10.77.'. */
  publicPrefix?: string | undefined;
  /** A serverless cluster: Services bind pods without the direct-access annotation, and there is no controller configuration. */
  serverless?: boolean | undefined;
  /** Another way to open an exec in a pod than the WebSocket. */
  execUpgrade?: ExecUpgrade | undefined;
  /** How many nodes the pods are spread over; default 1. */
  nodes?: number | undefined;
  /** Runs the processes of images that are real ones. */
  launch?: Launch | undefined;
  log?: ((line: string) => void) | undefined;
}

export interface RunningDataPlane {
  kube: Kube;
  clb: Clb;
  cloud: CloudApi;
  /** One a node. */
  kubelets: readonly Kubelet[];
  serviceController: ServiceController;
  /** The environment variables for kubectl and the plugin. */
  environment: Readonly<Record<string, string>>;
}

/** Hands every started part to `add`, in the order of starting, so that the caller can stop them in the opposite one. */
export async function startDataPlane(
  options: DataPlaneOptions,
  add: <T extends Running>(part: T) => T,
): Promise<RunningDataPlane> {
  const { kubeconfigFile, certificate, publicPrefix, serverless = false } = options;
  const logged = options.log === undefined ? {} : { log: options.log };
  const connect = async (fieldManager: string) => add(closable(await connectAs(kubeconfigFile, fieldManager)));
  const { prefix: vipPrefix } = add(await claimVipRange());
  const clb = add(
    startBalancers({
      vipPrefix,
      lagMs: options.lagMs ?? 300,
      monitorPeriodSeconds: options.monitorPeriodSeconds ?? 1,
      healthIntervalMs: 250,
      carrier: options.carrier,
    }),
  );
  const cloud = add(await startCloudApi(clb, {}));
  const kubeletOptions = {
    certificate,
    ...logged,
    ...(publicPrefix === undefined ? {} : { publicPrefix }),
    ...(options.launch === undefined ? {} : { launch: options.launch }),
    ...(options.execUpgrade === undefined ? {} : { execUpgrade: options.execUpgrade }),
  };
  const kubelets = await startNodes(
    options.nodes ?? 1,
    kubeletOptions,
    async () => (await connect('kubelet')).kube,
    add,
  );
  const controllerKube = (await connect('service-controller')).kube;
  if (!serverless) await publishConfig(controllerKube);
  const serviceController = add(startServiceController(controllerKube, clb, { region: REGION, serverless, ...logged }));
  const { kube } = await connect('kubectl-zeroloss-sandbox');
  const environment = environmentOf(kubeconfigFile, cloud);
  return { kube, clb, cloud, kubelets, serviceController, environment };
}

/** A client of the administrator's under the name that `managedFields` and the server's log show. */
export function connectAs(kubeconfigFile: string, fieldManager: string): Promise<ConnectedKube> {
  return connectKube({ flags: { kubeconfig: kubeconfigFile }, env: {}, fieldManager, userAgent: fieldManager });
}

/** A client as a part that is stopped with the others. */
export const closable = (kube: ConnectedKube): Running & { kube: Kube } => ({ kube, stop: () => kube.close() });

function environmentOf(kubeconfigFile: string, cloud: CloudApi): Record<string, string> {
  return {
    KUBECONFIG: kubeconfigFile,
    TENCENTCLOUD_SECRET_ID: cloud.credentials.secretId,
    TENCENTCLOUD_SECRET_KEY: cloud.credentials.secretKey,
    TENCENTCLOUD_REGION: REGION,
    ZEROLOSS_CLOUD_ENDPOINT: cloud.url,
  };
}
