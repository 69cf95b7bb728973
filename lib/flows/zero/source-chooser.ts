/** Which sources count the backends of one wait: chosen once, tried again while one could not be asked, and anew for a new backend. */

import { backendKey } from '../../core/facts/backends.ts';
import type { TargetIntent, ZeroIntent } from '../../core/intent/intent.ts';
import { type SourceChoice, sourceLines } from '../../core/zero/zero-view.ts';
import type { CountedBackend, World } from '../../ports.ts';
import { type Assignment, type Chosen, chooseSources, type Offered } from './choose-sources.ts';

/** The pause between two tries of a source that could not be asked. */
export const RETRY_MS = 10_000;

export interface SourceChooser {
  /** Those of the backends that no source has been asked about yet. */
  fresh(backends: readonly CountedBackend[]): readonly CountedBackend[];
  /** Asks every source again at the next `choose`. False: none has been chosen yet. */
  restart(): boolean;
  /** Asks the sources, where one has not answered yet. Shows what each answered. Throws as `chooseSources`. */
  choose(offered: Offered): Promise<void>;
  assignments(): readonly Assignment[];
  /** Those of the backends that a source counts. */
  counted(backends: readonly CountedBackend[]): readonly CountedBackend[];
  sources(): readonly SourceChoice[];
  /** Whether a source has yet to answer: it proves itself on backends that are healthy and have traffic. */
  isOpen(): boolean;
  /** For people: the sources that could not be asked so far, with the reason. */
  openLines(): readonly string[];
}

export function createSourceChooser(world: World, intent: TargetIntent & ZeroIntent): SourceChooser {
  let chosen: Chosen | undefined;
  const asked = new Set<string>();
  let triedAtMs = Number.NEGATIVE_INFINITY;

  return {
    fresh: (backends) => backends.filter((backend) => !asked.has(backendKey(backend))),
    restart() {
      const wasChosen = chosen !== undefined;
      chosen = undefined;
      return wasChosen;
    },
    async choose(offered) {
      const nowMs = world.clock.now();
      // A last try that lies ahead was made by a clock that has been set back since.
      const isDue = nowMs >= triedAtMs + RETRY_MS || nowMs < triedAtMs;
      if (chosen !== undefined && (chosen.open.length === 0 || !isDue)) return;
      triedAtMs = nowMs;
      const before = chosen;
      chosen = await chooseSources(world, offered, intent, before);
      for (const backend of [...offered.backends, ...(offered.inside?.backends ?? [])]) asked.add(backendKey(backend));
      for (const line of sourceLines(answeredSince(before, chosen))) tellOnce(world, line);
    },
    assignments: () => chosen?.assignments ?? [],
    counted(backends) {
      const counted = new Set((chosen?.assignments ?? []).flatMap((each) => each.backends.map(backendKey)));
      return backends.filter((backend) => counted.has(backendKey(backend)));
    },
    sources: () => chosen?.sources ?? [],
    isOpen: () => chosen === undefined || chosen.open.length > 0,
    openLines: () =>
      (chosen?.sources ?? [])
        .filter((source) => isOpenIn(chosen, source))
        .map(({ name, because }) => `source ${name}: ${because}; trying again (--source leaves it out)`),
  };
}

const isOpenIn = (chosen: Chosen | undefined, { name }: SourceChoice): boolean =>
  chosen?.open.some((source) => source.name === name) ?? false;

const answeredSince = (before: Chosen | undefined, now: Chosen): SourceChoice[] =>
  now.sources.filter((source) => !isOpenIn(now, source) && (before === undefined || isOpenIn(before, source)));

/** A work of many waits names its sources once: the same line for another pod is no news. */
function tellOnce({ report, shown }: World, line: string): void {
  const key = line.split(':', 1).join();
  if (shown?.has(key) !== true) report.progress(line);
  shown?.add(key);
}
