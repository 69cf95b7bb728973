import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asText } from '../json.ts';
import { renderSince } from './age-cell.ts';
import { type Columns, text, wideNumber, wideText } from './columns.ts';

/** The columns of `kubectl get events` (Kubernetes: printEvent). */
export const EVENT: Columns = {
  definitions: [
    text('Last Seen', 'Time since it last happened.'),
    text('Type', 'Normal or Warning.'),
    text('Reason', 'Why, in one word.'),
    text('Object', 'What it happened to.'),
    wideText('Subobject', 'Which part of that.'),
    wideText('Source', 'Who reports it.'),
    text('Message', 'What happened.'),
    wideText('First Seen', 'Time since it first happened.'),
    wideNumber('Count', 'How often it happened.'),
    wideText('Name', 'The name of the event itself.'),
  ],
  cells(event, nowMs) {
    const object = asMap(event['involvedObject']);
    const first = renderSince(event['firstTimestamp'] ?? event['eventTime'], nowMs);
    const last = event['lastTimestamp'] ?? event['eventTime'];
    return [
      last === undefined ? first : renderSince(last, nowMs),
      asText(event['type']),
      asText(event['reason']),
      [asText(object['kind']).toLowerCase(), asText(object['name'])].filter((part) => part !== '').join('/'),
      asText(object['fieldPath']),
      sourceOf(event),
      asText(event['message']).trim(),
      first,
      Number(event['count'] ?? 1),
      event.metadata.name,
    ];
  },
};

function sourceOf(event: KubeObject): string {
  const { component, host } = asMap(event['source']);
  const source = asText(component) || asText(event['reportingComponent']);
  const instance = asText(host) || asText(event['reportingInstance']);
  return instance === '' ? source : `${source}, ${instance}`;
}
