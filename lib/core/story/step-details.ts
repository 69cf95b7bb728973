/** The data of an audit Event beside its sentence: data, so that `history` need not read sentences back. */

import { formatOrdinals } from '../target/ordinals.ts';
import { field, list, number, text } from '../values/read.ts';
import type { ZeroRow } from '../zero/zero-view.ts';

/** Annotation on our own Events: StepDetails as JSON. */
export const STEP_DETAILS = 'kubectl-zeroloss/details';
/** An annotation may be large, but an event should not be: what is longer loses its evidence rows, never its ordinals. */
const MAX_LENGTH = 16_384;

/** The reading of one source for one backend when it counted as zero. */
export interface ZeroEvidence {
  pod: string;
  /** `TCP/80`. */
  listener: string;
  source: string;
  /** The newest number; null: the source gave none. */
  connections: number | null;
  windowSeconds: number;
}

/** An image of the template, before and after. */
export interface ImageChange {
  container: string;
  /** null: unknown. */
  from: string | null;
  to: string;
}

/** `weight` undefined: the weight from before the first drain. */
export interface WeightStep {
  ordinals: readonly number[];
  weight?: number;
}

export interface StepDetails {
  /** RFC 3339 with milliseconds: an Event's own time has seconds only, and several steps fit into one. */
  at?: string;
  weights?: readonly WeightStep[];
  /** Ordinals whose pods are deleted, were replaced, added or scaled away. */
  pods?: readonly number[];
  /** The update revision at that moment. */
  revision?: string;
  evidence?: readonly ZeroEvidence[];
  /** The rules that --force overrode. */
  forced?: readonly string[];
  replicas?: number;
  /** Of the template; `from` null: it was not known. */
  images?: readonly ImageChange[];
  /** Of the template: the restart that begins with this step. */
  restartedAt?: string;
}

export function stepDetailsText(details: StepDetails): string {
  const text = JSON.stringify(details);
  if (text.length <= MAX_LENGTH) return text;
  const { evidence: _rows, forced: _forced, ...rest } = details;
  return JSON.stringify(rest);
}

/** Reads it back; fields of another shape are left out, and what is no JSON at all is empty. */
export function parseStepDetails(source: string | undefined): StepDetails {
  let value: unknown;
  try {
    value = JSON.parse(source ?? '{}');
  } catch {
    return {};
  }
  const numbers = (from: unknown, name: string): number[] =>
    list(from, name).filter((one): one is number => Number.isSafeInteger(one) && (one as number) >= 0);
  const weights = list(value, 'weights').map((step): WeightStep => {
    const weight = number(step, 'weight');
    return { ordinals: numbers(step, 'ordinals'), ...(weight === undefined ? {} : { weight }) };
  });
  // Evidence of a pod without a number can be shown nowhere.
  const rows = list(value, 'evidence').filter((row) => /\d$/.test(text(row, 'pod') ?? ''));
  const evidence = rows.map((row) => ({
    pod: text(row, 'pod') ?? '',
    listener: text(row, 'listener') ?? '',
    source: text(row, 'source') ?? '',
    connections: number(row, 'connections') ?? null,
    windowSeconds: number(row, 'windowSeconds') ?? 0,
  }));
  const at = text(value, 'at');
  const restartedAt = text(value, 'restartedAt');
  const revision = text(value, 'revision');
  const replicas = number(value, 'replicas');
  const images = list(value, 'images').flatMap((one): ImageChange[] => {
    const [container, to] = [text(one, 'container'), text(one, 'to')];
    return container === undefined || to === undefined ? [] : [{ container, from: text(one, 'from') ?? null, to }];
  });
  const forced = list(value, 'forced').filter((one): one is string => typeof one === 'string');
  return {
    ...(at === undefined ? {} : { at }),
    ...(weights.length === 0 ? {} : { weights }),
    ...(field(value, 'pods') === undefined ? {} : { pods: numbers(value, 'pods') }),
    ...(evidence.length === 0 ? {} : { evidence }),
    ...(forced.length === 0 ? {} : { forced }),
    ...(revision === undefined ? {} : { revision }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(images.length === 0 ? {} : { images }),
    ...(restartedAt === undefined ? {} : { restartedAt }),
  };
}

export const evidenceOf = (rows: readonly ZeroRow[]): ZeroEvidence[] =>
  rows.map(({ pod, listener, source, connections, filledMs }) => ({
    pod,
    listener,
    source,
    connections,
    windowSeconds: Math.floor(filledMs / 1000),
  }));

/** `0-3: clb 0 for 180s, pod 0 for 31s`: pods with the same evidence stand together; with the shortest stability window and the largest count of a source. */
export function evidenceText(evidence: readonly ZeroEvidence[]): string {
  const byPod = Map.groupBy(evidence, ({ pod }) => pod);
  const said = [...byPod].map(([pod, rows]) => ({
    ordinal: Number(/\d+$/.exec(pod)?.[0] ?? Number.NaN),
    line: [...Map.groupBy(rows, ({ source }) => source)].map(([source, here]) => sourceText(source, here)).join(', '),
  }));
  return [...Map.groupBy(said, ({ line }) => line)]
    .map(([line, pods]) => `${formatOrdinals(pods.map(({ ordinal }) => ordinal))}: ${line}`)
    .join('; ');
}

function sourceText(source: string, rows: readonly ZeroEvidence[]): string {
  const counts = rows.map(({ connections }) => connections);
  const count = counts.includes(null) ? 'unknown' : Math.max(...counts.map((each) => each ?? 0));
  return `${source} ${count} for ${Math.min(...rows.map(({ windowSeconds }) => windowSeconds))}s`;
}

/** The connections that deleting the pods now would cut: `cuts these 4 connections`. */
export function cutText(rows: readonly Pick<ZeroRow, 'pod' | 'listener' | 'connections'>[]): string {
  const places = Map.groupBy(rows, ({ pod, listener }) => `${pod} ${listener}`);
  const counts = [...places.values()].map((here) => here.flatMap(({ connections }) => connections ?? []));
  const known = counts.reduce((sum, here) => sum + Math.max(0, ...here), 0);
  if (known === 0) return 'cuts an unknown number of connections';
  const more = counts.some((here) => here.length === 0) ? ' and more that no source counts' : '';
  return `cuts ${known === 1 ? 'this connection' : `these ${known} connections`}${more}`;
}
