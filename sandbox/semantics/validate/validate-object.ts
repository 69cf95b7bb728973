/** The table of checks by kind, and the one function that writes go through. */

import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, type JsonMap } from '../json.ts';
import type { FieldError } from './field-error.ts';
import { validateBudget } from './validate-budget.ts';
import { validateClaim } from './validate-claim.ts';
import { validateDeployment, validateReplicaSet } from './validate-deployment.ts';
import { validateMetadata } from './validate-metadata.ts';
import { validatePod } from './validate-pod.ts';
import { validateService } from './validate-service.ts';
import { validateStatefulSet } from './validate-stateful-set.ts';

export type { FieldError } from './field-error.ts';

/** Checks one kind beyond its metadata; `old` is the live object on updates. */
export type KindValidator = (
  object: JsonMap,
  old: JsonMap | undefined,
  subresource: string | undefined,
) => FieldError[];

/** Of the kinds that a person writes by hand in a rehearsal (sandbox/README.md); every other kind is checked in its metadata and its fields. */
export const VALIDATORS: Readonly<Record<string, KindValidator>> = {
  Pod: validatePod,
  StatefulSet: validateStatefulSet,
  Deployment: validateDeployment,
  ReplicaSet: validateReplicaSet,
  Service: validateService,
  PodDisruptionBudget: validateBudget,
  PersistentVolumeClaim: validateClaim,
};

/**
 * Everything wrong with an object that is to be written, in the real server's words; [] when it may be.
 * Expects an object with its defaults filled in. With `old` it is an update, and what must not change is checked too;
 * which that is depends on the `subresource` written to.
 */
export function validate(kind: string, object: KubeObject, old?: KubeObject, subresource?: string): FieldError[] {
  const errors = validateMetadata(kind, asMap(object.metadata), old === undefined ? undefined : asMap(old.metadata));
  return [...errors, ...(VALIDATORS[kind]?.(object, old, subresource) ?? [])];
}
