/** Answers of the API server that only say that a controller's copy was old: another event will follow. */
import { StatusError } from '../../lib/errors.ts';

/** 404 (already gone) and 409 (changed, replaced, or already there). */
export function isOvertaken(error: unknown): boolean {
  return error instanceof StatusError && (error.httpStatus === 404 || error.httpStatus === 409);
}

/** Runs a write; true when it took effect, false when it was overtaken. Every other error is thrown. */
export async function tolerate(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isOvertaken(error)) return false;
    throw error;
  }
}
