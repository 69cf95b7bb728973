/** Something that was started and can be stopped; stopping twice is harmless. */
export interface Running {
  stop(): Promise<void>;
}
