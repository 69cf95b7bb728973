import { choiceFlag, textFlag } from '../../lib/cli/flag.ts';
import { lookFlag, noHeadersFlag } from '../../lib/cli/verb-flags.ts';
import type { HistoryIntent } from '../../lib/core/intent/intent.ts';
import type { ParsedRecording } from '../../lib/core/story/recording.ts';
import type { HistoryDetails } from '../../lib/core/story/story.ts';
import type { OutcomePrinter } from '../../lib/output/results/outcome-printer.ts';
import { defineVerb } from '../define-verb.ts';
import { readRecording } from '../flags/from-recording.ts';
import { exitCodes, targetFlags, targetIntent, targetPositionals } from '../flags/target-flags.ts';

export const history = defineVerb({
  readsOnly: true,
  description: [
    'Reads the events that every step leaves on the StatefulSet. The API server keeps events for a limited time, often an hour. A recording, written by --record and read by --from, stays.',
    'With -o html it prints one self-contained page with a timeline per pod, to attach to a change ticket.',
  ],
  examples: [
    { comment: 'The steps of the upgrade of StatefulSet nginx', command: 'history nginx' },
    { comment: 'With the evidence of zero before each deletion', command: 'history nginx -o wide' },
    {
      comment: 'Keep a recording of an upgrade',
      command: 'upgrade nginx --image nginx=nginx:1.25.4 --record upgrade.jsonl',
    },
    { comment: 'Turn it into a page', command: 'history nginx --from upgrade.jsonl -o html > upgrade.html' },
  ],
  positionals: targetPositionals,
  flags: {
    from: textFlag({
      help: 'A file written by --record. Shows the steps of its time alone, and draws its samples.',
    }),
    output: choiceFlag({
      short: 'o',
      shown: "''",
      help: 'Output format. One of: (json, yaml, wide, html).',
      values: ['json', 'yaml', 'wide', 'html'],
      absent: undefined,
    }),
    noHeaders: noHeadersFlag,
    timeout: lookFlag,
    ...targetFlags,
  },
  exitCodes: { ...exitCodes.notYet, ...exitCodes.interrupted },
  async intent({ positionals: { target }, flags }, { signal }): Promise<HistoryIntent> {
    const intent = targetIntent(target.name, flags);
    const limits = { signal, timeoutMs: flags.timeout };
    return flags.from === undefined ? intent : { ...intent, recording: await readRecording(flags.from, limits) };
  },
  flow: async (world, intent) => (await import('../../lib/flows/verbs/history.ts')).history(world, intent),
  printer: (_, { recording }) => printerFor(recording),
});

const printerFor = (recording: ParsedRecording | undefined): OutcomePrinter<HistoryDetails> => ({
  async text({ details, target }, { format, headers, width }) {
    if (format !== 'html') {
      const { renderHistoryTable } = await import('../../lib/output/history/history-table.ts');
      return renderHistoryTable(details, { wide: format === 'wide', headers, width });
    }
    const [{ timelineOf }, { renderHistoryPage }] = await Promise.all([
      import('../../lib/core/story/timeline.ts'),
      import('../../lib/output/history/history-page.ts'),
    ]);
    const timeline = timelineOf(target.name, details.entries, recording?.lines ?? []);
    return renderHistoryPage({ target, details, timeline, madeAtMs: Date.now() });
  },
});
