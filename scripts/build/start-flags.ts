/**
 * Flags that the executable starts Node with. Most flags of V8 cost more than they gain: under them it refuses the code
 * that Node brings along compiled. These two are none of those (test/scripts/build/packs.test.ts asks V8), and
 * `BENCH_ONLY=build-steps make bench` says what each gains.
 *
 * - The seed. At every start V8 draws one for the hashes of strings, and looks for prime numbers that go with it; how long
 *   that takes hangs on the seed, and this one is among the quickest of the first 256 (`bench/seeds.ts` tries them). A
 *   seed that everybody knows lets somebody choose names that collide: that can slow a server down which reads requests of
 *   strangers for months; this program reads the answers of one cluster for a moment. It would make Math.random the same
 *   in every process, too, so executable-main.cjs replaces that.
 * - The young generation. V8 begins with one of 1 MB and collects whenever it is full; with 4 MB a verb ends before the
 *   first collection, and has touched no more memory by then.
 */
export const START_FLAGS: readonly string[] = ['--random-seed=32', '--min-semi-space-size=4'];

/**
 * Flags of the runs whose compiled code the build keeps. The same code compiles to the same bytes only where nothing runs
 * beside it and strings hash alike; V8 accepts what it compiled so under START_FLAGS (test/scripts/build/packs.test.ts).
 */
export const RECORD_FLAGS: readonly string[] = ['--random-seed=32', '--predictable'];
