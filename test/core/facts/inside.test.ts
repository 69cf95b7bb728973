import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { insidePorts, insideServices, isIgnored, serviceText } from '../../../lib/core/facts/inside.ts';
import { readService } from '../../../lib/core/facts/service-facts.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { pod, service, statefulSet } from '../../builders.ts';

const set = statefulSet();
const facts = readStatefulSet(set);
const podWith = (spec: Record<string, unknown>, labels: Record<string, string> = {}) => {
  const [read] = readPods([pod({ statefulSet: set, ordinal: 0, merge: { metadata: { labels }, spec } })], facts);
  assert.ok(read);
  return read;
};
const nginx = { name: 'nginx', ports: [{ containerPort: 80 }] };
const inside = (name: string, options: Parameters<typeof service>[0] = {}) =>
  readService(service({ name, type: 'ClusterIP', selector: { app: 'nginx' }, directAccess: false, ...options }));
const headless = { merge: { spec: { clusterIP: 'None' } } };

describe('ports of a pod that clients reach past its load balancer', () => {
  it('are those that a Service of any type leads to, by number or by name, and those that a container declares', () => {
    const containers = [
      nginx,
      {
        name: 'broker',
        ports: [
          { name: 'amqp', containerPort: 5672 },
          { name: 'metrics', containerPort: 9090 },
        ],
      },
    ];
    const services = [
      inside('rabbit', { ports: [{ port: 56, targetPort: 'amqp' }] }),
      inside('rabbit-nodes', { ports: [{ port: 5672 }], ...headless }),
      inside('web', { type: 'NodePort', ports: [{ port: 80 }] }),
      inside('nowhere', { ports: [{ port: 1, targetPort: 'unknown' }] }),
    ];
    assert.deepEqual(insidePorts(podWith({ containers }), services), [
      { port: 80, container: 'nginx', leads: ['service/web (NodePort)'] },
      {
        port: 5672,
        container: 'broker',
        name: 'amqp',
        leads: ['service/rabbit (ClusterIP)', 'service/rabbit-nodes (headless)'],
      },
      { port: 9090, container: 'broker', name: 'metrics', leads: [] },
    ]);
  });
  it('are also those of a sidecar among the init containers, of a port of the node, and of a port that no container declares', () => {
    const ports = (containerPort: number, more = {}) => [{ containerPort, ...more }];
    const read = podWith({
      containers: [{ name: 'a', ports: ports(80, { hostPort: 8080 }) }],
      initContainers: [
        { name: 'side', restartPolicy: 'Always', ports: ports(15_090) },
        { name: 'once', ports: ports(1) },
      ],
    });
    assert.deepEqual(
      insidePorts(read, [inside('admin', { ports: [{ port: 9999 }] })]).map(({ port, leads }) => [port, leads]),
      [
        [80, ['port 8080 of its node']],
        [9999, ['service/admin (ClusterIP)']],
        [15_090, []],
      ],
    );
  });
  it('are of TCP: sockets of UDP are no evidence about connections', () => {
    const containers = [{ name: 'dns', ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }] }];
    const services = [inside('dns', { ports: [{ port: 53, protocol: 'UDP', targetPort: 'dns' }] })];
    assert.deepEqual(insidePorts(podWith({ containers }), services), []);
  });
  it('are those of the Services that select this very pod', () => {
    const one = inside('active', { selector: { role: 'active' }, ports: [{ port: 8200 }] });
    const containers = [nginx];
    const ports = (labels: Record<string, string>) => insidePorts(podWith({ containers }, labels), [one]).length;
    assert.deepEqual([ports({ role: 'active' }), ports({ role: 'standby' })], [2, 1]);
  });
  it('are ignored by the name or the number that is given, and by nothing else', () => {
    const port = { port: 5672, name: 'amqp', leads: [] };
    assert.ok(isIgnored(port, ['amqp']) && isIgnored(port, ['80', '5672']));
    for (const other of ['amq', '567', 'all', '*', '']) assert.ok(!isIgnored(port, [other]));
  });
});

describe('Services that lead past the load balancer', () => {
  const own = readService(service());
  const read = podWith({ containers: [nginx] });
  const found = (...services: ReturnType<typeof readService>[]): string[] =>
    insideServices([own, ...services], [own], facts, [read]).map(({ name }) => name);
  it('are of any type, but those that bind pods to a load balancer of their own', () => {
    const nodes = readService(service({ name: 'by-nodes', selector: { app: 'nginx' }, directAccess: false }));
    const left = readService(service({ name: 'left-out', selector: { app: 'nginx' } }));
    assert.deepEqual(found(inside('a'), inside('b', headless), inside('c', { type: 'NodePort' }), nodes, left), [
      'a',
      'b',
      'c',
      'by-nodes',
    ]);
  });
  it('select a pod, or those to come; one without selector leads nowhere', () => {
    assert.deepEqual(found(inside('none', { selector: {} }), inside('other', { selector: { app: 'other' } })), []);
    assert.deepEqual(found(inside('now', { selector: { 'controller-revision-hash': read.revision } })), ['now']);
  });
  it('are shown with their ports', () => {
    const shown = serviceText(
      inside('a', {
        ports: [
          { port: 80, targetPort: 'http' },
          { port: 81, protocol: 'UDP' },
        ],
      }),
    );
    assert.equal(shown, 'service/a (ClusterIP, TCP/80 to port http, UDP/81)');
  });
});
