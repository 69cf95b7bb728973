/** A value that was read, or why it could not be: unknown is never an empty value. */

/** A value, or why it could not be had. */
export type Known<T> = { known: true; value: T } | { known: false; because: string };

export const known = <T>(value: T): Known<T> => ({ known: true, value });
export const unknown = (because: string): Known<never> => ({ known: false, because });
