/** Waits for something that happens in this process, by turns of the event loop and not by time. */
const MAX_TURNS = 5000;

/** Resolves once `check` stops throwing; after MAX_TURNS turns of the event loop it throws what `check` threw last. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (turn >= MAX_TURNS) throw error;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets everything under way in this process come to rest, to see that nothing more happens. */
export async function settled(turns = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
