/** `ensure-programs.ts PROGRAM…`: fails unless each is there afterwards. */
import { ensureProgram } from './build/debian-program.ts';

for (const program of process.argv.slice(2)) ensureProgram(program);
