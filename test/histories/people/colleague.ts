/** A colleague with the same or another verb, beside the operator and unknown to them. */
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { asMap } from '../../../sandbox/semantics/json.ts';
import type { FaultKind } from '../history.ts';
import type { Court } from '../invariants/witness.ts';
import { NEW_IMAGE, TARGET } from '../world/stage.ts';

import { podName, type Strike } from './strike.ts';
import { stableFor } from './words.ts';

const ordinalOf = (name: string): string => name.split('-').at(-1) ?? '0';

const stable = ({ stage }: Court): string[] => ['--stable-for', stableFor(stage.setting)];

const typed =
  (words: (court: Court, size: number) => string[], ...touched: string[]): Strike =>
  (court, cast, size) => {
    for (const what of ['weights', ...touched]) cast.touched.add(what);
    cast.colleagueTypes(...words(court, size));
  };

export const COLLEAGUE: Partial<Record<FaultKind, Strike>> = {
  'other-upgrade': typed(
    (court, size) => [
      ...['upgrade', TARGET, '--image', `${TARGET}=${NEW_IMAGE}`, '--batch', String(1 + Math.floor(size * 3))],
      ...['--yes', '--timeout', '10m', ...stable(court)],
    ],
    'new-image',
  ),
  'other-window': typed(
    (court, size) => [
      ...[
        'upgrade',
        TARGET,
        '--image',
        `${TARGET}=${NEW_IMAGE}`,
        '--max-unavailable',
        String(1 + Math.floor(size * 2)),
      ],
      ...['--yes', '--timeout', '3m', ...stable(court)],
    ],
    'new-image',
  ),
  'other-node': typed((court, size) => {
    const node = court.stage.nodes.of(podName(court, size));
    court.stage.nodes.cordon(node);
    return ['upgrade', TARGET, '--node', node, '--yes', '--timeout', '3m', ...stable(court)];
  }, 'nodes'),
  'other-force': typed(
    (court, size) => [
      'recreate',
      TARGET,
      ordinalOf(podName(court, size)),
      '--force',
      '--timeout',
      '1m',
      ...stable(court),
    ],
    'pods',
  ),
  'other-drain': typed((court, size) => ['drain', TARGET, ordinalOf(podName(court, size))]),
  'other-restore': typed((court, size) => [
    'restore',
    TARGET,
    ...(size < 0.5 ? [] : [ordinalOf(podName(court, size))]),
  ]),
  'other-recreate': typed((court) => ['recreate', TARGET, ...stable(court)]),
  'other-advance': typed(() => ['advance', TARGET, '--timeout', '1m']),
  'other-surge': typed(
    (_court, size) => ['surge', TARGET, String(1 + Math.floor(size * 2)), '--timeout', '1m'],
    'replicas',
  ),
  'other-scale': typed((court, size) => {
    const replicas = Number(asMap(court.stage.api.get(STATEFUL_SETS, TARGET)?.['spec'])['replicas'] ?? 1);
    const wanted = String(Math.max(1, replicas + (size < 0.5 ? -1 : 1)));
    return ['scale', TARGET, wanted, '--timeout', '2m', ...stable(court)];
  }, 'replicas'),
  'other-rollback': typed(() => ['rollback', TARGET, '--to-revision', '1', '--timeout', '1m'], 'image'),
};
