import { readFile } from 'node:fs/promises';
import { defineCommand } from '../../lib/cli/define-command.ts';
import { choiceFlag, textFlag } from '../../lib/cli/flag.ts';
import { noHeadersFlag } from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { HistoryIntent } from '../../lib/core/intent/intent.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import { type ParsedRecord, parseRecord } from '../../lib/core/story/record.ts';
import { isHistoryDetails } from '../../lib/core/story/story.ts';
import type { Context } from '../context.ts';
import { summaries } from '../summaries.ts';
import { exitCodes, runVerb, targetIntent, targetPositionals, verbFlags } from '../verb.ts';

const { dryRun: _readsOnly, output: _own, ...readFlags } = verbFlags;

export const history = defineCommand({
  name: 'history',
  summary: summaries.history,
  description: [
    'Reads the events that every step leaves on the StatefulSet. The API server keeps events for a limited time, often an hour; a record that --record kept is read with --from and stays for good.',
    'With -o html it is one page that needs nothing else, with a timeline per pod, to attach to a change ticket.',
  ],
  examples: [
    { comment: 'The steps of the upgrade of StatefulSet nginx', command: 'history nginx' },
    { comment: 'With the evidence of zero before each deletion', command: 'history nginx -o wide' },
    {
      comment: 'Keep a record of an upgrade',
      command: 'upgrade nginx --image nginx=nginx:1.25.4 --record upgrade.jsonl',
    },
    { comment: 'Make a page of it', command: 'history nginx --from upgrade.jsonl -o html > upgrade.html' },
  ],
  positionals: targetPositionals,
  flags: {
    from: textFlag({ help: 'A file that --record kept: its steps are told too, and its samples drawn.' }),
    output: choiceFlag({
      short: 'o',
      shown: "''",
      help: 'Output format. One of: (json, yaml, wide, html).',
      values: ['json', 'yaml', 'wide', 'html'],
      absent: undefined,
    }),
    noHeaders: noHeadersFlag,
    ...readFlags,
  },
  exitCodes: exitCodes.interrupted,
  async run(context: Context, { positionals: { target }, flags }) {
    const { output, from, ...rest } = flags;
    const record = from === undefined ? undefined : await readRecord(from);
    const intent: HistoryIntent = {
      ...targetIntent(target.name, { ...rest, output: undefined }),
      ...(record === undefined ? {} : { record }),
    };
    const data = output === 'json' || output === 'yaml' ? output : undefined;
    return runVerb(
      context,
      intent,
      { ...rest, output: data },
      (world) => context.flows.history(world, intent),
      (outcome) => render(outcome, { format: output, headers: !flags.noHeaders, record }),
    );
  },
});

async function readRecord(file: string): Promise<ParsedRecord> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--from ${file}: ${(error as Error).message}`, 'a file that --record wrote');
  }
  return parseRecord(text, file);
}

async function render(
  { details: story, target }: Outcome,
  asked: { format: 'json' | 'yaml' | 'wide' | 'html' | undefined; headers: boolean; record: ParsedRecord | undefined },
): Promise<string> {
  if (!isHistoryDetails(story)) return '';
  if (asked.format !== 'html') {
    const { renderHistoryTable } = await import('../../lib/output/history/history-table.ts');
    return renderHistoryTable(story, { wide: asked.format === 'wide', headers: asked.headers });
  }
  const [{ timelineOf }, { renderHistoryPage }] = await Promise.all([
    import('../../lib/core/story/timeline.ts'),
    import('../../lib/output/history/history-page.ts'),
  ]);
  const timeline = timelineOf(target.name, story.entries, asked.record?.lines ?? []);
  return renderHistoryPage({ target, details: story, timeline, madeAtMs: Date.now() });
}
