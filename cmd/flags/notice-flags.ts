/** People who are not at the terminal: flags of the verbs that last long. */
import type { Flags } from '../../lib/cli/arguments.ts';
import { textFlag } from '../../lib/cli/flag.ts';

export const noticeFlags = {
  notifyCommand: textFlag({
    help: 'A command that the shell runs at each step, question, stop and end, with the Event as one line of JSON on stdin. It never holds the verb up, is killed after 30s, and does not get the cloud key or KUBECONFIG from the environment.',
  }),
  metricsTextfile: textFlag({
    help: "A file to keep up to date in the format of Prometheus' textfile collector: state, pods done and out of service, longest wait, time of the last step. It is written whole or not at all; the collector reads files that end with .prom. Only a new file, or one that this flag wrote, is replaced.",
  }),
} satisfies Flags;
