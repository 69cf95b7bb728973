/** A Kube that notes the pods it reads, when they have changed, and everything it writes. */

import { readyMoments } from '../core/lifecycle/measured-lag.ts';
import { parseStepDetails, STEP_DETAILS } from '../core/story/step-details.ts';
import { ordinalOf } from '../core/target/ordinals.ts';
import { type PodFacts, readPod } from '../core/target/pod.ts';
import { text } from '../core/values/read.ts';
import { overriding } from '../ports/overriding.ts';
import { EVENTS, LEASES, PODS } from '../ports/resources.ts';
import type { Kube, KubeObject, Resource } from '../ports.ts';

/** Takes a line without its time. */
export type Note = (line: object) => void;

/** Pod names by address, as the last list showed them: the load balancer knows addresses only. */
export type AddressBook = Map<string, string>;

export function recordingKube(kube: Kube, target: string, addresses: AddressBook, note: Note): Kube {
  const pods = podNotes(target, addresses, note);
  return overriding(kube, {
    async list(resource, options) {
      const found = await kube.list(resource, options);
      if (resource === PODS) pods(found.items);
      return found;
    },
    create: (resource, object, options) =>
      written(note, 'create', resource, options?.name ?? '', object, options?.dryRun, () =>
        kube.create(resource, object, options),
      ),
    patch: (resource, name, patch, options) =>
      written(note, 'patch', resource, name, patch, options.dryRun, () => kube.patch(resource, name, patch, options)),
    delete: (resource, name, options) =>
      written(note, 'delete', resource, name, { uid: options.uid }, options.dryRun, () =>
        kube.delete(resource, name, options),
      ),
  });
}

function podNotes(target: string, addresses: AddressBook, note: Note): (items: readonly KubeObject[]) => void {
  const known = new Map<string, string>();
  return (items) => {
    const ours = items.flatMap((item): { pod: PodFacts; moments: ReturnType<typeof readyMoments> }[] => {
      const ordinal = ordinalOf(item.metadata.name, target);
      return ordinal === undefined ? [] : [{ pod: readPod(item, ordinal), moments: readyMoments(item) }];
    });
    for (const { pod, moments } of ours) {
      const { name, uid, revision, ready, state: phase, restarts, address } = pod;
      for (const each of pod.addresses) addresses.set(each, name);
      const line = {
        kind: 'pod',
        pod: name,
        uid,
        revision,
        ready: ready && !pod.terminating,
        phase,
        restarts,
        address,
        ...moments,
      };
      if (known.get(name) !== JSON.stringify(line)) note(line);
      known.set(name, JSON.stringify(line));
    }
    for (const name of known.keys()) {
      if (ours.some(({ pod }) => pod.name === name)) continue;
      known.delete(name);
      note({ kind: 'pod-gone', pod: name });
    }
  };
}

/** Renewals of leases are left out: they are no part of the upgrade. An Event is noted with its content. */
async function written<T>(
  note: Note,
  call: string,
  resource: Resource,
  name: string,
  body: object,
  dryRun: boolean | undefined,
  send: () => Promise<T>,
): Promise<T> {
  if (resource === LEASES) return send();
  if (resource === EVENTS) {
    note({
      kind: 'event',
      reason: text(body, 'reason') ?? '',
      message: text(body, 'message') ?? '',
      operator: text(body, 'reportingInstance') ?? '',
      details: parseStepDetails(text(body, 'metadata', 'annotations', STEP_DETAILS)),
    });
    return send();
  }
  const line = { kind: 'write', call, object: `${resource.kind.toLowerCase()}/${name}`, body, dryRun: dryRun === true };
  try {
    const answer = await send();
    note(line);
    return answer;
  } catch (error) {
    note({ ...line, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
