/** Edits past every tool that take back themselves, or that others rely on: of weights, of access, of nodes. */
import { asList, asMap, asMaps } from '../../../sandbox/semantics/json.ts';
import type { FaultKind } from '../history.ts';
import { documentOf, RS_WEIGHT } from '../world/service-controller.ts';
import { TARGET } from '../world/stage.ts';
import { podName, type Strike } from './strike.ts';

const DIRECT = 'service.cloud.tencent.com/direct-access';

/** By `size`: the weight of every pod without one of its own, that of another StatefulSet, or that of one pod. */
function edited(text: string | undefined, size: number, proto: string, ordinal: number): string | undefined {
  const document = documentOf(text);
  if (document === undefined) return text;
  if (size < 0.3) return JSON.stringify({ groups: [], ...document, defaultWeight: 15 });
  const groups = asMaps(document['groups']);
  const isHere = (group: Record<string, unknown>): boolean => {
    const key = asMap(group['key']);
    return key['proto'] === proto && key['port'] === 80;
  };
  const here = groups.find(isHere) ?? { key: { proto, port: 80 } };
  const sets = asMaps(here['statefulSets']);
  const name = size < 0.6 ? 'neighbour' : TARGET;
  const own = asMaps(sets.find((each) => each['name'] === name)?.['weights'])
    .map((each) => ({ ...each, podIndexes: asList(each['podIndexes']).filter((index) => index !== ordinal) }))
    .filter(({ podIndexes }) => podIndexes.length > 0);
  const weights = [...own, { weight: 7, podIndexes: [ordinal] }];
  return JSON.stringify({
    defaultWeight: 10,
    ...document,
    groups: [
      ...groups.filter((group) => !isHere(group)),
      { ...here, statefulSets: [...sets.filter((each) => each['name'] !== name), { name, weights }] },
    ],
  });
}

export const EDITS: Partial<Record<FaultKind, Strike>> = {
  'weight-edited': (court, cast, size) => {
    cast.touched.add('weights');
    const ordinal = Number(
      podName(court, (size * 7) % 1)
        .split('-')
        .at(-1),
    );
    cast.edit('service', ({ metadata }) => {
      const text = edited(metadata.annotations?.[RS_WEIGHT], size, court.stage.setting.protocol, ordinal);
      if (text !== undefined) metadata.annotations = { ...metadata.annotations, [RS_WEIGHT]: text };
    });
  },
  // Taken from the Service, seen to be an outage, and given back.
  'access-edited': ({ stage }, cast, size) => {
    cast.touched.add('weights');
    const allow = (direct: boolean): void =>
      cast.edit('service', ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, [DIRECT]: String(direct) };
      });
    allow(false);
    stage.clock.after(500 + size * 20_000, () => allow(true));
  },
  'node-cordoned': (court, cast, size) => {
    cast.touched.add('nodes');
    court.stage.nodes.cordon(court.stage.nodes.of(podName(court, size)));
  },
  // For a moment: pods may come back to them. Where none is cordoned, one is, for as long.
  'node-uncordoned': (court, cast, size) => {
    const { nodes, clock } = court.stage;
    cast.touched.add('nodes');
    const { cordoned } = nodes;
    const one = nodes.of(podName(court, size));
    if (cordoned.length === 0) nodes.cordon(one);
    for (const name of cordoned) nodes.uncordon(name);
    clock.after(2_000 + size * 40_000, () => {
      if (cordoned.length === 0) nodes.uncordon(one);
      for (const name of cordoned) nodes.cordon(name);
    });
  },
};
