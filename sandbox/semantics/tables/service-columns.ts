import { asList, asMap, asMaps, asText, type JsonMap } from '../json.ts';
import { ageOf } from './age-cell.ts';
import { AGE, type Columns, NAME, NONE, orNone, text, wideText } from './columns.ts';
import { renderLabels } from './selector-text.ts';

/** The columns of `kubectl get services` (Kubernetes: printService). */
export const SERVICE: Columns = {
  definitions: [
    NAME,
    text('Type', 'How the Service can be reached.'),
    text('Cluster-IP', 'Its address inside the cluster.'),
    text('External-IP', 'Its addresses outside the cluster.'),
    text('Port(s)', 'Its ports; with a colon, the port on every node.'),
    AGE,
    wideText('Selector', 'Which pods it sends traffic to.'),
  ],
  cells(service, nowMs) {
    const spec = asMap(service['spec']);
    return [
      service.metadata.name,
      asText(spec['type']) || 'ClusterIP',
      orNone(asText(spec['clusterIP'])),
      externalAddress(spec, asMap(service['status'])),
      orNone(asMaps(spec['ports']).map(renderPort).join(',')),
      ageOf(service, nowMs),
      renderLabels(spec['selector']),
    ];
  },
};

function renderPort({ port, nodePort, protocol }: JsonMap): string {
  const onNode = typeof nodePort === 'number' && nodePort > 0 ? `:${nodePort}` : '';
  return `${port}${onNode}/${asText(protocol) || 'TCP'}`;
}

function externalAddress(spec: JsonMap, status: JsonMap): string {
  const given = asList(spec['externalIPs']).map(String);
  switch (spec['type']) {
    case 'ExternalName':
      return orNone(asText(spec['externalName']));
    case 'LoadBalancer': {
      const ingress = asMaps(asMap(status['loadBalancer'])['ingress']);
      const addresses = [
        ...new Set(
          ingress.map((entry) => asText(entry['ip']) || asText(entry['hostname'])).filter((one) => one !== ''),
        ),
        ...given,
      ];
      return addresses.length === 0 ? '<pending>' : addresses.join(',');
    }
    default:
      return given.length === 0 ? NONE : given.join(',');
  }
}
