/** People who are not at the terminal: flags of the verbs that last long. */
import type { Flags } from '../../lib/cli/define-command.ts';
import { textFlag } from '../../lib/cli/flag.ts';

export const noticeFlags = {
  notifyCommand: textFlag({
    help: 'A command that the shell runs at each step, question, stop and end, with the Event as one line of JSON on stdin. It never holds the verb up, is killed after 30s, and does not get the cloud key or KUBECONFIG from the environment.',
  }),
} satisfies Flags;
