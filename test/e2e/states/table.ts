/** Every verb, in the order of the help, with every state in which it can be stopped. */

import type { Row } from './row.ts';
import { reading } from './rows/reading.ts';
import { replacing } from './rows/replacing.ts';
import { upgrading } from './rows/upgrading.ts';
import { windowed } from './rows/windowed.ts';
import { writing } from './rows/writing.ts';

const VERBS = [
  'check',
  'status',
  'plan',
  'upgrade',
  'surge',
  'drain',
  'wait-zero',
  'recreate',
  'verify',
  'advance',
  'restore',
  'scale',
  'rollback',
  'pause',
  'resume',
  'history',
];

const all = [...reading, ...writing, ...replacing, ...upgrading, ...windowed];

export const TABLE: readonly Row[] = VERBS.flatMap((verb) => all.filter((row) => row.verb === verb));
