/** Reads small files of this machine. node:fs/promises would load readline along with it, at the start of every command. */
import { readFileSync } from 'node:fs';

/** The bytes of a file; rejects with the system's error. */
export const readBytes = async (path: string): Promise<Buffer> => readFileSync(path);

/** A file of UTF-8 text; rejects with the system's error. */
export const readText = async (path: string): Promise<string> => readFileSync(path, 'utf8');
