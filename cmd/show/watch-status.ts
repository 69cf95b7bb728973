/** `status -w`: looks again and again, until Ctrl-C or until the reader has gone. */

import { ConnectionError, ExitCode, TimeLimitError } from '../../lib/core/errors.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import type { StatusDetails, StatusOfMany, StatusRow } from '../../lib/core/status/status-view.ts';
import { createInPlace } from '../../lib/output/live/in-place.ts';
import { fit } from '../../lib/output/live/live-table.ts';
import { maskingFields } from '../../lib/output/mask-secrets.ts';
import { written } from '../../lib/output/prose.ts';
import { outcomeData } from '../../lib/output/results/print-outcome.ts';
import { createStatusChanges } from '../../lib/output/status/status-changes.ts';
import { rowsOf, statusPrinter } from '../../lib/output/status/status-printer.ts';
import { renderStatusTable } from '../../lib/output/status/status-table.ts';
import { lineWidthOf, sizeOf } from '../../lib/output/streams.ts';
import { visibleIn, visibleJson } from '../../lib/output/visible.ts';
import type { Clock, ConnectionSource, World } from '../../lib/ports.ts';
import type { Context } from '../context.ts';

/** How often everything is read: gentle on the cloud's rate limits, which are shared by a whole account. */
const LOOK_MS = 2_000;
/** How often a terminal is drawn anew: ages run on between two looks. */
const TICK_MS = 1_000;

type StatusOutcome = Outcome<StatusDetails | StatusOfMany>;

export interface Watching {
  format: 'json' | 'yaml' | 'wide' | undefined;
  headers: boolean;
}

/** Watches, and returns what is left to print at the end: nothing. */
export async function watchToTheEnd(
  context: Parameters<typeof watchStatus>[0],
  world: World,
  look: (world: World) => Promise<StatusOutcome>,
  watching: Watching,
): Promise<StatusOutcome> {
  const { paced } = await import('../../lib/sources/paced.ts');
  await watchStatus(context, pacedWorld(world, paced), look, watching);
  const target = { namespace: world.kube.namespace, name: '' };
  const nothing = { results: [], refusals: [], next: [], details: { targets: [] } };
  return { verb: 'status', target, dryRun: 'none', exitCode: ExitCode.done, changed: false, ...nothing };
}

/** In every namespace and cluster the sources are read at their own pace, and are the same ones at every look. */
function pacedWorld(world: World, paced: (source: ConnectionSource, clock: Clock) => ConnectionSource): World {
  const { sources, clock, within, clusters } = world;
  const known = new Map<string, World>();
  const inNamespace = (namespace: string): World | undefined => {
    const inner = known.get(namespace) ?? (within && pacedWorld(within(namespace), paced));
    if (inner !== undefined) known.set(namespace, inner);
    return inner;
  };
  return {
    ...world,
    sources: sources.map((source) => paced(source, clock)),
    ...(within && { within: (namespace: string) => inNamespace(namespace) ?? world }),
    ...(clusters && {
      clusters: clusters.map((each) =>
        'world' in each ? { ...each, world: pacedWorld(withoutClusters(each.world), paced) } : each,
      ),
    }),
  };
}

/** The first of the clusters knows all of them, itself too. */
const withoutClusters = ({ clusters: _clusters, ...world }: World): World => world;

/** Resolves when the reader of stdout has gone, which the next write after it shows; rejects when the signal aborts, or a look fails for another reason than the network or its time-out. */
export async function watchStatus(
  context: Pick<Context, 'streams' | 'env' | 'commands' | 'prose' | 'report' | 'mask'>,
  world: World,
  look: (world: World) => Promise<StatusOutcome>,
  watching: Watching,
): Promise<void> {
  const { streams, env, report } = context;
  const live = streams.stdout.isTTY === true && env['TERM'] !== 'dumb' && !isData(watching.format);
  const show = live ? drawing(context, watching) : telling(context, watching);
  let last: { outcome: StatusOutcome; atMs: number } | undefined;
  let gone = false;
  streams.stdout.once?.('error', () => {
    gone = true;
  });
  try {
    for (;;) {
      world.signal.throwIfAborted();
      if (gone) return;
      const nowMs = world.clock.now();
      if (last === undefined || nowMs - last.atMs >= LOOK_MS) {
        try {
          last = { outcome: await look(world), atMs: nowMs };
        } catch (error) {
          const mayPass = error instanceof ConnectionError || error instanceof TimeLimitError;
          if (!mayPass || last === undefined) throw error;
          show.end();
          report.warn(`the last look failed, and the one before is shown: ${error.message}`);
          last = { ...last, atMs: nowMs };
        }
      }
      await show.look(last.outcome, world.clock.now());
      await world.clock.sleep(live ? TICK_MS : LOOK_MS, world.signal);
    }
  } finally {
    show.end();
  }
}

const isData = (format: Watching['format']): format is 'json' | 'yaml' => format === 'json' || format === 'yaml';

interface Show {
  look(outcome: StatusOutcome, nowMs: number): Promise<void>;
  /** Other output comes below. */
  end(): void;
}

/** In place. Never more lines than the screen has. */
function drawing(
  { streams, report, mask, prose }: Pick<Context, 'streams' | 'report' | 'mask' | 'prose'>,
  { format, headers }: Watching,
): Show {
  const { stdout } = streams;
  const block = createInPlace(stdout);
  let readAt: { outcome: StatusOutcome; atMs: number } | undefined;
  const look: Show['look'] = async (outcome, nowMs) => {
    if (readAt?.outcome !== outcome) readAt = { outcome, atMs: nowMs };
    const rows = aged(rowsOf(visibleIn(outcome.details)), nowMs - readAt.atMs);
    const table = await renderStatusTable(rows, { wide: format === 'wide', headers, width: lineWidthOf(stdout) });
    // Of several the message has them.
    const noted = statusPrinter.notes?.(visibleIn(outcome.details)) ?? [];
    const said = [
      ...noted.map((note) => `note: ${prose.render(note)}`),
      prose.render(visibleIn(outcome.message ?? '')),
    ];
    const notes = written(stdout, said.join('\n'))
      .split('\n')
      .filter((line) => line !== '');
    const lines = [...table.trimEnd().split('\n'), ...notes].map(mask);
    const room = Math.max(2, sizeOf(stdout).rows - 1);
    const shown =
      lines.length <= room
        ? lines
        : [...lines.slice(0, room - 1), `and ${lines.length - room + 1} lines more: the terminal is too low`];
    report.close();
    block.draw(shown.map((line) => fit(line, sizeOf(stdout).columns)));
  };
  return { look, end: block.end };
}

/** Ages go on between two looks. */
function aged(rows: readonly StatusRow[], passedMs: number): StatusRow[] {
  const seconds = Math.floor(passedMs / 1000);
  return rows.map((row) => (row.ageSeconds === null ? row : { ...row, ageSeconds: row.ageSeconds + seconds }));
}

/** Through a pipe: changes alone, as lines or as documents. */
function telling(
  { streams, commands, mask }: Pick<Context, 'streams' | 'commands' | 'mask'>,
  { format }: Watching,
): Show {
  const changes = createStatusChanges();
  let last = '';
  const look: Show['look'] = async (outcome, nowMs) => {
    if (!isData(format)) {
      for (const line of changes(rowsOf(visibleIn(outcome.details)), nowMs)) streams.stdout.write(mask(line));
      return;
    }
    const data = outcomeData(outcome, commands, statusPrinter);
    const state = JSON.stringify(data, (key, value: unknown) => (key === 'ageSeconds' ? undefined : value));
    if (state === last) return;
    last = state;
    if (format === 'json') streams.stdout.write(`${visibleJson(JSON.stringify(data, maskingFields(mask)))}\n`);
    else {
      const { renderStructured } = await import('../../lib/output/structured.ts');
      streams.stdout.write(`---\n${await renderStructured(data, 'yaml', mask)}`);
    }
  };
  return { look, end: () => undefined };
}
