/**
 * Progress of flows, on stderr. On a terminal a line that differs from the one before in its numbers alone
 * is rewritten in place, and so is a block of lines by the next block. Through a pipe every change is one plain line,
 * but for numbers that run, which are shown every ten seconds: a log of a long wait stays readable.
 */
import type { Advice } from '../../core/values/command.ts';
import type { Reporter } from '../../ports.ts';
import type { Paint } from '../colour.ts';
import type { Mask } from '../mask-secrets.ts';
import { written } from '../prose.ts';
import { type OutputStream, sizeOf } from '../streams.ts';
import { visible, visibleIn } from '../visible.ts';
import { createChangeLines } from './change-lines.ts';
import { createInPlace } from './in-place.ts';
import { fit, renderLiveTable } from './live-table.ts';
import { renderLiveWindow } from './live-window.ts';
import { createWindowLines } from './window-lines.ts';

export interface ReporterOptions {
  stream: OutputStream;
  /** -v: traces of this level and below are shown. */
  verbosity: number;
  paint: Paint;
  mask: Mask;
  /** Whether a line may be rewritten (a terminal that is not dumb). */
  live: boolean;
  /** A warning as prose, its commands with the flags that reach this cluster. Absent: without them. */
  render?: (advice: string | Advice) => string;
  /** Milliseconds of any clock that does not stand still. */
  now: () => number;
}

/** A reporter that must be closed before anything else writes to the terminal. */
export interface StreamReporter extends Reporter {
  /** Traces above this level are not shown, so that they need not be made. */
  readonly verbosity: number;
  /** Ends a line that is still being rewritten. */
  close(): void;
  /** Writes lines of prose below everything so far; each ends with a newline. */
  prose(text: string): void;
}

const NUMBERS_EVERY_MS = 10_000;

export function createReporter({
  stream,
  verbosity,
  paint,
  mask,
  live,
  render = String,
  now,
}: ReporterOptions): StreamReporter {
  let last: string | undefined;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let held: string | undefined;
  const warned = new Set<string>();
  const block = createInPlace(stream);
  /** The block that is drawn in place now: only its like is drawn over it. */
  let drawn: 'progress' | 'table' | 'window' | undefined;
  let wasCut = false;
  const changesIn = createChangeLines();
  const movesIn = createWindowLines();

  const write = (line: string) => {
    stream.write(`${written(stream, line)}\n`);
  };
  const close = () => {
    // A line that stays is shown whole, even if it wraps: nothing is drawn over it any longer.
    if (drawn === 'progress' && wasCut) block.draw(written(stream, last ?? '').split('\n'));
    wasCut = false;
    // Results stand one under the other, and the window below all of them: it is drawn again at the next look.
    if (drawn === 'window') block.erase();
    block.end();
    drawn = undefined;
    if (held !== undefined) write(held);
    held = undefined;
  };
  const tell = (line: string, numbersOnly: boolean) => {
    if (numbersOnly && now() - toldAtMs < NUMBERS_EVERY_MS) {
      held = line;
      return;
    }
    if (numbersOnly) held = undefined;
    else close();
    toldAtMs = now();
    write(line);
  };
  const plain = (line: string) => {
    close();
    write(line);
  };

  return {
    verbosity,
    progress(said) {
      const line = mask(visible(said));
      if (line === last) return;
      const before = last ?? '';
      const numbersOnly = shape(line) === shape(before);
      if (!live) {
        last = line;
        tell(line, numbersOnly);
        return;
      }
      // A block of several lines is a little table: the next one takes its place, with any change in it.
      const rewritten = numbersOnly || (line.includes('\n') && before.includes('\n'));
      if (!rewritten || drawn !== 'progress') close();
      last = line;
      const parts = line.split('\n');
      const fitting = parts.map((part) => fit(part, sizeOf(stream).columns));
      wasCut = fitting.some((part, index) => part !== parts[index]?.trimEnd());
      block.draw(fitting);
      drawn = 'progress';
    },
    table(raw) {
      const view = visibleIn(raw);
      if (!live) {
        last = undefined;
        for (const line of changesIn(view)) plain(mask(line));
        return;
      }
      if (drawn !== 'table') close();
      last = undefined;
      block.draw(renderLiveTable(view, { ...sizeOf(stream), paint }).map(mask));
      drawn = 'table';
    },
    window(raw) {
      const view = visibleIn(raw);
      last = undefined;
      if (!live) {
        for (const line of movesIn(view)) plain(mask(line));
        return;
      }
      if (drawn !== 'window') close();
      block.draw(renderLiveWindow(view, { ...sizeOf(stream), paint }).map(mask));
      drawn = 'window';
    },
    warn(advice) {
      const line = mask(visible(render(advice)));
      // The API server repeats its warnings with every answer; once is enough (client-go deduplicates them too). A look that is
      // taken again warns with other ages, and the cloud answers under another number: that is no news.
      const news = withoutAges(line);
      if (warned.has(news)) return;
      warned.add(news);
      plain(`${paint.warn('Warning:')} ${line}`);
    },
    trace(level, text) {
      if (level > verbosity) return;
      close();
      // A body of an answer may be copied: it is not broken.
      stream.write(`${paint.dim(`v${level}: ${mask(visible(text))}`)}\n`);
    },
    prose(text) {
      close();
      stream.write(written(stream, text));
    },
    close,
  };
}

/** Without durations (`12s`, `1h5m`), which a name may end with but does not consist of, and without the cloud's number of a request. */
const withoutAges = (line: string): string =>
  line
    .replaceAll(/(?<![\w.-])(\d+(\.\d+)?(ms|s|m|h|d))+(?![\w-])/g, '#')
    .replaceAll(/RequestId [\w-]+/g, 'RequestId #');

const shape = (line: string): string => line.replaceAll(/\d+(\.\d+)?/g, '#');
