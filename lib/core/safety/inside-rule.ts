/** The rule about clients that no weight stops: they are gone, or --ignore-port names their port. */

import type { Refusal } from '../errors.ts';
import { type InsidePort, serviceText } from '../facts/inside.ts';
import type { ServiceFacts } from '../facts/service-facts.ts';
import { type Advice, kubectl, own } from '../values/command.ts';
import type { CountedBackend } from '../zero/connection-series.ts';
import { type ZeroRow, zeroLine } from '../zero/zero-view.ts';

const RULE = 'no-inside-client';

/** The word that leaves a port out: its name, else its number. */
export const portWord = ({ name, port }: Pick<InsidePort, 'name' | 'port'>): string => name ?? String(port);

/** Said by every verb that has to do with zero: which Services lead past the load balancer. */
export const insideLines = (services: readonly ServiceFacts[]): string[] =>
  services.map(
    (service) => `${serviceText(service)} leads clients inside the cluster to the same pods: no weight stops them`,
  );

/** A Service of type LoadBalancer has an address inside the cluster too, which its load balancer knows nothing of. */
export const ownAddressLines = (services: readonly ServiceFacts[]): string[] =>
  services
    .filter(({ hasAddress }) => hasAddress)
    .map(
      ({ name }) =>
        `clients inside the cluster that use the cluster address of service/${name} are seen by no source here: no weight stops them (--source pod counts them)`,
    );

/** Ports that a Service leads to, and no source counts; one refusal for all of them. */
export function uncountedRule(uncounted: readonly CountedBackend[], name: string, why: readonly string[]): Refusal[] {
  const ports = new Map(uncounted.map((backend) => [backend.port, backend]));
  return [...ports.values()].map((backend): Refusal => {
    const { inside } = backend;
    const pods = [...new Set(uncounted.filter(({ port }) => port === backend.port).map(({ pod }) => pod))].join(', ');
    return {
      rule: RULE,
      message: `${(inside?.leads ?? []).join(', ')} ${inside?.leads.length === 1 ? 'leads' : 'lead'} clients inside the cluster to port ${backend.port} of ${pods}: no weight stops them, and no source counts their connections (${why.join('; ')})`,
      override: `--ignore-port ${portWord({ ...inside, port: backend.port })}`,
      cure: own('wait-zero', name, '--source', 'clb,pod').note(
        "the pod's own sockets show them; of pods without cat: --debug-image busybox",
      ),
    };
  });
}

/** A port on which connections remain. */
export const heldRule = (row: ZeroRow): Refusal => ({
  rule: RULE,
  message: zeroLine(row),
  override: `--ignore-port ${portWord({ ...row.inside, port: row.inside?.port ?? 0 })}`,
  cure: insideCure(row),
});

/** Which clients, and how they can be made to leave. */
const insideCure = ({ pod, holders, inside }: ZeroRow): Advice => {
  const peer = holders[0]?.peer;
  const which = peer === undefined ? [] : ['--field-selector', `status.podIP=${peer}`];
  const question = `who holds port ${inside?.port} of ${pod}? Its clients have to leave by themselves`;
  return kubectl('get', 'pods', '-A', '-o', 'wide', ...which).note(question);
};
