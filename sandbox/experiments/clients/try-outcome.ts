/** The outcome of one try of one request. */
export type TryOutcome =
  | { status: number }
  /** `answered`: the answer had begun, so that the request must not be sent again. */
  | { failure: string; answered: boolean };
