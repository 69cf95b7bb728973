/** `node --import tsx bench/requests/main.ts [PODS...]`: prints the table of docs/dev/scale.md. */
import { measureRequests, tableOf } from './measure-requests.ts';

const sizes = process.argv.slice(2).map(Number);
const measured = [];
for (const pods of sizes.length > 0 ? sizes : [10, 100, 1000]) measured.push(...(await measureRequests(pods)));
process.stdout.write(tableOf(measured));
for (const { verb, pods, most, tookMs } of measured)
  process.stderr.write(`${verb} ${pods}: ${most}; ${(tookMs / 1000).toFixed(0)} s on the simulated clock\n`);
