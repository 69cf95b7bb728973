/** One step of a plan, and what the plan is asked for. */

import type { MinServing } from '../intent/intent.ts';
import { commandText } from '../values/command.ts';
import type { HeldCanaries } from '../weights/held-canaries.ts';

export interface PlanStep {
  /** Batch number from 1; 0: before the first or after the last. */
  batch: number;
  /** `zeroloss` verbs carry their words, `kubectl` steps their whole arguments. */
  tool: 'zeroloss' | 'kubectl';
  words: readonly string[];
  touches: readonly string[];
  /** The pods that it is about; empty: it is about none in particular. */
  ordinals: readonly number[];
  /** The thing that a person should look at before or after it. */
  look: string;
  /** Part of the loop that the window is: again and again, until `advance` says 3. */
  loop?: true;
  /** Exit code 3 is the expected end of this step too. */
  mayEnd?: true;
  /** The least time it takes, where that can be known. */
  leastMs?: number;
  /** Open connections that a wait begins with; null: unknown. */
  connections?: number | null;
}

/** The step as a command, for people; a script adds the flags that it needs. */
export const stepCommand = ({ tool, words }: Pick<PlanStep, 'tool' | 'words'>): string =>
  commandText({ tool: tool === 'zeroloss' ? 'kubectl zeroloss' : 'kubectl', words });

export interface PlanWish {
  images: Readonly<Record<string, string>>;
  /** RFC 3339: restart every pod, with this time in the template; absent: no restart is asked for. */
  restartedAt?: string;
  /** The earlier revision that the images bring back: pods of it are not replaced. */
  revisionBack?: string;
  batch: number;
  /** Nodes that are to be emptied: the pods there are due. */
  nodes?: readonly string[];
  /** A window in place of batches: how many pods may be out of service at once. */
  maxUnavailable?: number;
  /** The share of the replicas that the size of the window was asked for as: `25%`; absent: a number of pods was. */
  share?: string;
  surge: number;
  /** Updated pods at which this run pauses: nothing behind that is in the plan, and a surplus stays; absent: at the end. */
  most?: number;
  soakMs: number;
  services: readonly string[];
  /** Flags of every step that counts connections, as words: `--stable-for`, `3m`. */
  countingWords: readonly string[];
  /** Every step that drains ignores Ingresses. */
  ignoreIngress?: boolean;
  /** Every step that drains may drain the only pod behind these Services. */
  allowAlone?: readonly string[];
  /** Every step that drains keeps this floor. */
  minServing?: MinServing;
  /** Ordinals at weight 0 now, by any writer: they come first. */
  drainSet?: readonly number[];
  /** Those of them that somebody drained by hand: once updated they stay as they are. */
  byHand?: readonly number[];
  /** Pods that a canary holds at a part of their weight; absent: none. */
  canaries?: readonly HeldCanaries[];
}
