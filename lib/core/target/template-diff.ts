/** The changes between two pod templates, path by path, for people. */

import { createTemplateMask } from '../values/mask.ts';
import { oneLine } from '../values/read.ts';

export interface TemplateChange {
  path: string;
  before: string;
  after: string;
}

/** As differencesOf, but that no value of a variable or a credential of a command is shown: `<masked 1> -> <masked 2>`. */
export function templateDiff(before: unknown, after: unknown): TemplateChange[] {
  const mask = createTemplateMask();
  return differencesOf(mask(before), mask(after));
}

/** Whether no value differs; the order of named things does not count. */
export const isSameTemplate = (one: unknown, other: unknown): boolean => differencesOf(one, other).length === 0;

/** Leaves that differ; a list of named things (containers, env, ports, volumes) is compared by name. `-` stands for absent. */
function differencesOf(before: unknown, after: unknown, path = ''): TemplateChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [left, right] = [named(before), named(after)];
  if (left === undefined || right === undefined) return [{ path, before: shown(before), after: shown(after) }];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((key) => key !== '$patch');
  return keys.flatMap((key) => differencesOf(left[key], right[key], path === '' ? key : `${path}.${key}`));
}

/** Objects as they are, lists by the name of their items or by their place; undefined for what has no parts. */
function named(value: unknown): Record<string, unknown> | undefined {
  if (Array.isArray(value)) {
    return Object.fromEntries(value.map((item: unknown, index) => [nameOf(item) ?? String(index), item]));
  }
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function nameOf(item: unknown): string | undefined {
  const name = typeof item === 'object' && item !== null ? (item as Record<string, unknown>)['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

const shown = (value: unknown): string =>
  value === undefined ? '-' : oneLine(typeof value === 'string' ? value : JSON.stringify(value));
