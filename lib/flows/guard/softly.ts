/** Reads that may fail without ending the verb: what cannot be read is unknown, with the reason. */

import { StatusError } from '../../core/errors.ts';
import { type Known, known, unknown } from '../../core/values/known.ts';
import type { KubeObject, Resource, World } from '../../ports.ts';

/** The value, or the message of the error as the reason. Throws only on abort: an interrupted verb must not go on. */
export async function softly<T>(world: World, read: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await read());
  } catch (error) {
    world.signal.throwIfAborted();
    return unknown(error instanceof Error ? error.message : String(error));
  }
}

/** Every object of a resource in the target's namespace; none where the server does not serve the resource at all. */
export const listSoftly = (world: World, resource: Resource): Promise<Known<readonly KubeObject[]>> =>
  softly(world, async () => {
    try {
      return (await world.kube.list(resource, { signal: world.signal })).items;
    } catch (error) {
      if (error instanceof StatusError && error.httpStatus === 404) return [];
      throw error;
    }
  });
