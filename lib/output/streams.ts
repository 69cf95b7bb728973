/** Where text goes; Node's own streams fit, and so does a test's array. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Tells of a reader that has gone (EPIPE). */
  once?(event: 'error', listener: () => void): unknown;
  readonly columns?: number | undefined;
  /** Lines of a terminal. */
  readonly rows?: number | undefined;
}

/** stdout carries the result alone; progress, warnings, hints and errors go to stderr. */
export interface Streams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export type Environment = Readonly<Record<string, string | undefined>>;
