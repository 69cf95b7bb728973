/** Asks the API server what the caller may do, with one SelfSubjectAccessReview per verb, as `kubectl auth can-i` does. */
import type { AskedAccess } from '../../core/check/check-facts.ts';
import { REQUIRED_ACCESS, type RequiredAccess } from '../../core/safety/required-access.ts';
import { field } from '../../core/values/read.ts';
import { SELF_SUBJECT_ACCESS_REVIEWS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';

/** Throws only on abort; an answer that does not come is undefined. */
export const askAccess = (world: World, wanted: readonly RequiredAccess[] = REQUIRED_ACCESS): Promise<AskedAccess[]> =>
  Promise.all(wanted.map((access) => askOne(world, access)));

async function askOne(world: World, access: RequiredAccess): Promise<AskedAccess> {
  const answers = await softly(world, () => Promise.all(access.verbs.map((verb) => isAllowed(world, access, verb))));
  if (!answers.known) return { access, allowed: undefined, because: answers.because };
  const denied = access.verbs.filter((_verb, index) => answers.value[index] !== true);
  return { access, allowed: denied.length === 0, because: denied.join(',') };
}

async function isAllowed({ kube, signal }: World, access: RequiredAccess, verb: string): Promise<boolean> {
  const { group, resource, subresource, where, names } = access;
  const namespace = where === 'cluster' ? undefined : (where ?? kube.namespace);
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        verb,
        group,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(names?.[0] === undefined ? {} : { name: names[0] }),
      },
    },
  };
  const answer = await kube.create(SELF_SUBJECT_ACCESS_REVIEWS, review, { signal });
  const allowed = field(answer, 'status', 'allowed');
  if (typeof allowed !== 'boolean') throw new Error('the server answered the review without a status');
  return allowed;
}
