/** Finds a loopback address without a listener. */

import { AddressInUse, openListeners } from '../container/listeners.ts';
import type { AddressPool } from './address-pool.ts';

const MOST_TRIES = 1_000;

/**
 * Takes an address from the pool on which all `ports` can be bound (or cannot be for another reason than being in use,
 * which is for later). Another sandbox on the same system may hold some. Throws AddressInUse after 1,000 tries.
 */
export async function claimAddress(pool: AddressPool, ports: readonly number[]): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const address = pool.take();
    try {
      const listeners = await openListeners(address, ports, (socket) => socket.destroy());
      for (const listener of listeners) listener.close();
      return address;
    } catch (error) {
      pool.release(address);
      if (!(error instanceof AddressInUse) || tries === MOST_TRIES) throw error;
    }
  }
}
