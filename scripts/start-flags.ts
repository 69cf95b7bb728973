/**
 * Flags that the executable starts Node with.
 *
 * At every start V8 draws a seed for the hashes of strings, and looks for prime numbers that go with it; how long that
 * takes hangs on the seed, and this one is among the quickest of the first 256 (`bench/seeds.ts` tries them). A seed that
 * everybody knows lets somebody choose names that collide: that can slow a server down which reads requests of strangers
 * for months; this program reads the answers of one cluster for a moment. It would make Math.random the same in every
 * process, too, so executable-main.cjs replaces that. Other flags would cost what they gain: under them V8 refuses the
 * code that Node brings along compiled.
 */
export const START_FLAGS: readonly string[] = ['--random-seed=32'];
