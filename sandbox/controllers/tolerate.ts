/** Answers of the API server that only say that a controller's copy was old: another event will follow. */
import { StatusError } from '../../lib/core/errors.ts';

/** 404 (already gone), 409 (changed, replaced, or already there) and the 422 of a patch that names the uid of a predecessor. */
export function isOvertaken(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false;
  const { httpStatus, serverMessage } = error;
  return httpStatus === 404 || httpStatus === 409 || (httpStatus === 422 && serverMessage.includes('metadata.uid:'));
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
