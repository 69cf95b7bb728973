/** Gives Services their cluster IPs and node ports, as the real server does on create. */
import type { KubeObject } from '../../../../lib/ports.ts';
import { asMap, asMaps, asText, type JsonMap } from '../../../semantics/json.ts';
import { type ApiError, internalError } from '../../http/api-error.ts';

const NODE_PORTS = { first: 30000, last: 32767 };
/** 10.96.0.1 is the API server's own Service in a real cluster. */
const FIRST_ADDRESS = 10;
const LAST_ADDRESS = 255 * 256 - 2;

export class ServiceAddresses {
  readonly #services: () => readonly KubeObject[];

  /** `services` lists all Services there are, so that nothing has to be given back. */
  constructor(services: () => readonly KubeObject[]) {
    this.#services = services;
  }

  /** The Service with every address it needs; what is already set, or was before, stays. Throws 500 when a range is exhausted. */
  allocate(service: KubeObject, before?: KubeObject): KubeObject {
    const spec = asMap(service['spec']);
    if (spec['type'] === 'ExternalName') return service;
    const clusterIp = asText(spec['clusterIP']) || asText(asMap(before?.['spec'])['clusterIP']) || this.#freeAddress();
    const ports = asMaps(spec['ports']);
    return {
      ...service,
      spec: {
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ...spec,
        clusterIP: clusterIp,
        clusterIPs: [clusterIp],
        ...(ports.length === 0 ? {} : { ports: this.#withNodePorts(spec, ports, before) }),
      },
    };
  }

  #withNodePorts(spec: JsonMap, ports: readonly JsonMap[], before: KubeObject | undefined): readonly JsonMap[] {
    const balanced = spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false;
    if (spec['type'] !== 'NodePort' && !balanced) return ports;
    const former = asMaps(asMap(before?.['spec'])['ports']);
    const taken = new Set(this.#services().flatMap(nodePortsOf));
    return ports.map((port) => {
      const same = former.find((old) => old['port'] === port['port'] && old['protocol'] === port['protocol']);
      const nodePort = port['nodePort'] ?? same?.['nodePort'] ?? free(taken);
      if (typeof nodePort === 'number') taken.add(nodePort);
      return { ...port, nodePort };
    });
  }

  #freeAddress(): string {
    const taken = new Set(this.#services().map((service) => asText(asMap(service['spec'])['clusterIP'])));
    for (let number = FIRST_ADDRESS; number <= LAST_ADDRESS; number += 1) {
      const address = `10.96.${number >> 8}.${number & 0xff}`;
      if (!taken.has(address)) return address;
    }
    throw exhausted('cluster IP addresses');
  }
}

const nodePortsOf = (service: KubeObject): unknown[] =>
  asMaps(asMap(service['spec'])['ports']).map((port) => port['nodePort']);

function free(taken: ReadonlySet<unknown>): number {
  for (let port = NODE_PORTS.first; port <= NODE_PORTS.last; port += 1) {
    if (!taken.has(port)) return port;
  }
  throw exhausted('node ports');
}

const exhausted = (what: string): ApiError => internalError(`failed to allocate: the range of ${what} is full`);
