import type { KubeObject } from '../../../lib/ports.ts';

/** A column of a meta.k8s.io/v1 Table. Priority 0 is always shown, 1 with `-o wide`. */
export interface ColumnDefinition {
  name: string;
  type: string;
  format: string;
  description: string;
  priority: number;
}

export type Cell = string | number | boolean;

/** The table of one resource: its columns, and one object's cells in their order. */
export interface Columns {
  readonly definitions: readonly ColumnDefinition[];
  readonly cells: (object: KubeObject, nowMs: number) => readonly Cell[];
}

const column = (name: string, type: string, description: string, priority: number): ColumnDefinition => ({
  name,
  type,
  format: name === 'Name' ? 'name' : '',
  description,
  priority,
});

/** A column of text. */
export const text = (name: string, description: string) => column(name, 'string', description, 0);
/** A column of text for `-o wide`. */
export const wideText = (name: string, description: string) => column(name, 'string', description, 1);
/** A column of numbers. */
export const number = (name: string, description: string) => column(name, 'integer', description, 0);
/** A column of numbers for `-o wide`. */
export const wideNumber = (name: string, description: string) => column(name, 'integer', description, 1);

export const NAME = text('Name', 'The name of the object, unique among those of its kind in a namespace.');
export const AGE = text('Age', 'Time since the object was created.');

/** The text of kubectl for an empty cell. */
export const NONE = '<none>';
export const UNKNOWN = '<unknown>';
export const orNone = (value: string) => (value === '' ? NONE : value);
