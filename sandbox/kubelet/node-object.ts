/** The Node that a kubelet registers, and the heartbeat that keeps it Ready. */
import { StatusError } from '../../lib/core/errors.ts';
import { NODES } from '../../lib/ports/resources.ts';
import type { Kube } from '../../lib/ports.ts';
import { HOST_IP, timestamp } from './pod/kubelet-status.ts';

export interface NodeOptions {
  name: string;
  /** Port of the kubelet's own HTTPS endpoint. */
  port: number;
  nowMs: number;
}

const CAPACITY = { cpu: '64', memory: '256Gi', pods: '1000', 'ephemeral-storage': '100Gi' };

export function renderNode({ name }: NodeOptions) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/region': 'gz',
        'topology.com.tencent.cloud.csi.cbs/zone': 'ap-guangzhou-3',
      },
    },
    spec: { providerID: `qcloud:///100003/${name}` },
  };
}

export function renderNodeStatus({ name, port, nowMs }: NodeOptions) {
  const at = timestamp(nowMs);
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: at,
  });
  return {
    capacity: CAPACITY,
    allocatable: CAPACITY,
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    addresses: [
      { type: 'InternalIP', address: HOST_IP },
      { type: 'Hostname', address: name },
    ],
    // The API spells this one field with a capital.
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    nodeInfo: {
      architecture: 'amd64',
      operatingSystem: 'linux',
      osImage: 'kubectl-zeroloss sandbox',
      kernelVersion: 'sandbox',
      containerRuntimeVersion: 'containerd://sandbox',
      kubeletVersion: 'v1.34.0-sandbox',
      kubeProxyVersion: 'v1.34.0-sandbox',
      machineID: name,
      systemUUID: name,
      bootID: name,
    },
  };
}

/** Creates the Node if it is missing and writes its status: registration and heartbeat are one and the same. */
export async function postNode(kube: Kube, options: NodeOptions): Promise<void> {
  const status = { status: renderNodeStatus(options) };
  const write = () => kube.patch(NODES, options.name, status, { type: 'strategic', subresource: 'status' });
  try {
    await write();
  } catch (error) {
    if (!(error instanceof StatusError && error.httpStatus === 404)) throw error;
    await kube.create(NODES, renderNode(options));
    await write();
  }
}
