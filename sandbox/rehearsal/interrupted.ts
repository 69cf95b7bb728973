/** Interruptions of a rehearsal: the reason is shown, not the error of the wait that was cut short. */

/** Runs to the end; once `signal` has aborted, an error of any kind becomes its reason. */
export async function orInterrupted<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
