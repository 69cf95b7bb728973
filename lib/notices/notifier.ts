/** Passes on what happens to a command of the operator's own: a robot in a chat, a pager. It never holds the work up. */
import { runShell, withoutShell } from '../gates/run-shell.ts';

export interface Notifier {
  /** Queues one document for the command; returns at once. */
  tell(document: object): void;
  /** Waits a moment until the command has received everything, then ends it. */
  end(): Promise<void>;
}

export interface NotifierOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Document to one line of JSON, secrets masked. */
  toText: (document: object) => string;
  warn: (line: string) => void;
  /** How long one run of the command may last; default 30 s. */
  timeoutMs?: number;
  /** How long the end waits for what is still to be sent; default 5 s. */
  patienceMs?: number;
}

/** Variables that the command does not need, and could send on: the cloud key and the way into the cluster. */
const KEPT_BACK = /^(TENCENTCLOUD_|TKE_|KUBECONFIG$)/;
/** A command that hangs every time must not gather documents for ever. */
const MOST_WAITING = 200;

/** Runs the command once for each document, one after the other, with the document as one line of JSON on stdin. */
export function commandNotifier(command: string, options: NotifierOptions): Notifier {
  const { toText, warn, timeoutMs = 30_000, patienceMs = 5_000 } = options;
  const env = Object.fromEntries(Object.entries(options.env).filter(([name]) => !KEPT_BACK.test(name)));
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting: string[] = [];
  let running: Promise<void> | undefined;
  let unstarted = '';

  const run = async () => {
    while (!signal.aborted) {
      const input = waiting[0];
      if (input === undefined) break;
      try {
        const because = await runShell(command, { env, timeoutMs, signal, input: `${input}\n` });
        if (because !== undefined) warn(`--notify-command: ${because}`);
      } catch (error) {
        if (signal.aborted) break;
        const because = [error instanceof Error ? error.message : error, withoutShell(error)]
          .filter(Boolean)
          .join('; ');
        // It will not start at the next step either: one warning is enough.
        if (because !== unstarted) warn(`--notify-command could not be started: ${because}`);
        unstarted = because;
      }
      waiting.shift();
    }
    running = undefined;
  };

  return {
    tell(document) {
      if (waiting.length >= MOST_WAITING) {
        warn(`--notify-command is too slow: what happens now is not passed on to it`);
        return;
      }
      waiting.push(toText(document));
      running ??= run();
    },
    async end() {
      if (running === undefined) return;
      const timer = setTimeout(() => stopping.abort(new Error('the verb has ended')), patienceMs);
      await running;
      clearTimeout(timer);
      if (waiting.length > 0) warn(`--notify-command missed ${waiting.length} notices: it did not end in time`);
    },
  };
}
