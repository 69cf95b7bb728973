/** The tables of `cat /proc/net/tcp /proc/net/tcp6` in a pod of a history. */
import { StatusError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import {
  renderProcNetTcp,
  renderProcNetTcp6,
  type SocketRow,
  TcpState,
} from '../../../sandbox/kubelet/container/proc-net.ts';
import { asMap, asText } from '../../../sandbox/semantics/json.ts';
import type { Stage } from './stage.ts';

/** Their text, and the connections that it shows. Throws StatusError when there is no such pod. */
export function socketTables({ api, balancers }: Pick<Stage, 'api' | 'balancers'>, podName: string) {
  const pod = api.get(PODS, podName);
  if (pod === undefined) throw new StatusError(404, 'NotFound', `pods "${podName}" not found`);
  const { uid: podUid = '' } = pod.metadata;
  const connections = balancers.connections.on(podUid);
  const address = asText(asMap(pod['status'])['podIP']) || '10.1.255.1';
  const rows: SocketRow[] = [
    {
      ...{ state: TcpState.listen, localAddress: '0.0.0.0', localPort: 80 },
      ...{ remoteAddress: '0.0.0.0', remotePort: 0, inode: 1 },
    },
    ...connections.map(
      (connection): SocketRow => ({
        ...{ state: TcpState.established, localAddress: address, localPort: connection.port },
        ...{ remoteAddress: connection.peer, remotePort: 1024 + (connection.id % 60_000), inode: 100 + connection.id },
      }),
    ),
  ];
  return { podUid, open: connections.length, text: `${renderProcNetTcp(rows)}${renderProcNetTcp6()}` };
}
