import { list, number, text } from '../../../lib/core/values/read.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { ListenerOptions } from '../../clb/model.ts';
import { Annotation } from '../annotations.ts';
import { SyncError } from '../sync-error.ts';

/** One port of a Service, as declared there. */
export interface DeclaredPort {
  protocol: string;
  port: number;
  targetPort: number | string;
  nodePort: number | undefined;
}

/** A listener that a Service asks for. */
export interface WantedListener {
  protocol: string;
  port: number;
  /** Domains of a layer-7 listener. */
  hosts: readonly string[];
  targetType: NonNullable<ListenerOptions['targetType']>;
  servicePort: DeclaredPort;
  /** By which protocol the weights of this listener are named: that of the Service port, or, of several listeners on it, what carries this one. */
  weightProtocol: string;
}

export const isLoadBalancer = (service: KubeObject): boolean => text(service, 'spec', 'type') === 'LoadBalancer';

/** One listener per Service port, or as specify-protocol says. Throws SyncError when that cannot be read. */
export function planListeners(service: KubeObject): WantedListener[] {
  const annotations = service.metadata.annotations ?? {};
  const specified = parseSpecifyProtocol(annotations[Annotation.specifyProtocol]);
  const targetType = annotations[Annotation.targetGroups] === undefined ? 'NODE' : 'TARGETGROUP';
  return servicePorts(service).flatMap((servicePort) => {
    const wish = specified.get(servicePort.port);
    const protocols = wish === undefined || wish.protocols.length === 0 ? [servicePort.protocol] : wish.protocols;
    return protocols.map((protocol) => ({
      protocol,
      port: servicePort.port,
      hosts: protocol === 'HTTP' || protocol === 'HTTPS' ? (wish?.hosts ?? []) : [],
      targetType,
      servicePort,
      weightProtocol: protocols.length < 2 ? servicePort.protocol : isDatagram(protocol) ? 'UDP' : 'TCP',
    }));
  });
}

const isDatagram = (protocol: string): boolean => protocol === 'UDP' || protocol === 'QUIC';

function servicePorts(service: KubeObject): DeclaredPort[] {
  return list(service, 'spec', 'ports').flatMap((entry) => {
    const port = number(entry, 'port');
    if (port === undefined) return [];
    const targetPort = number(entry, 'targetPort') ?? text(entry, 'targetPort') ?? port;
    return [{ protocol: text(entry, 'protocol') ?? 'TCP', port, targetPort, nodePort: number(entry, 'nodePort') }];
  });
}

interface ProtocolWish {
  protocols: string[];
  hosts: string[];
}

/** `{"80":{"protocol":["HTTP"],"hosts":{"a.example":{}}}}` (TKE, Service extended protocol). */
function parseSpecifyProtocol(annotation: string | undefined): Map<number, ProtocolWish> {
  if (annotation === undefined || annotation === '') return new Map();
  let parsed: unknown;
  try {
    parsed = JSON.parse(annotation);
  } catch {
    throw new SyncError('E4012', 'specify-protocol is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) throw new SyncError('E4012', 'specify-protocol is not an object');
  return new Map(
    Object.entries(parsed).map(([port, wish]) => [
      Number(port),
      {
        protocols: list(wish, 'protocol').filter((protocol) => typeof protocol === 'string'),
        hosts: Object.keys(Object(wish?.hosts)),
      },
    ]),
  );
}
