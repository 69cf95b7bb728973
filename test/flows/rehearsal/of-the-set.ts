/** Read from the StatefulSet of a rehearsal: for asserts on the state that a run leaves. */
import { number } from '../../../lib/core/values/read.ts';
import { SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Rehearsal } from './rehearsal.ts';

export const replicas = ({ kube }: Pick<Rehearsal, 'kube'>): number | undefined =>
  number(kube.object(STATEFUL_SETS, 'nginx'), 'spec', 'replicas');

/** The keys of the bookkeeping that is left on the StatefulSet and on its Service. */
export const bookkeeping = ({ kube }: Pick<Rehearsal, 'kube'>): string[] =>
  [kube.object(SERVICES, 'nginx'), kube.object(STATEFUL_SETS, 'nginx')]
    .flatMap((object) => Object.keys(object?.metadata.annotations ?? {}))
    .filter((key) => key.includes('kubectl-zeroloss/'));
