import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { startPostgres } from './postgres.ts';
import { appUrl, createTemplate } from './postgres-template.ts';
import { rowsOf } from './postgres-world.ts';
import { runMoney } from './money-run.ts';
import { openMoneyWorld } from './money-world.ts';
import { brokenInvariants } from './ledger-invariants.ts';
const t0 = performance.now();
const server = await startPostgres();
const template = await createTemplate(server.adminUrl);
let trips = 0;
const inner = connectPostgres(appUrl(template), { max: 8 });
const db = { ...inner, batch: ((c, s) => { trips++; return inner.batch(c, s); }) as typeof inner.batch };
const world = await openMoneyWorld(db, () => {});
console.log('world', performance.now() - t0);
const [seed, runs, batches] = process.argv.slice(2).map(Number);
for (let b = 0; b < (batches ?? 1); b++) {
  const s = performance.now();
  trips = 0;
  try {
  const f = await runMoney(world, db, (seed ?? 1) + b * (runs ?? 10), runs ?? 10);
  console.log(Math.round(performance.now() - s), 'ms', JSON.stringify(f), 'trips', trips);
  } catch (e) { console.log(String(e).slice(0, 6000)); break; }
}
const s = performance.now();
console.log(await brokenInvariants((text) => rowsOf(template.adminUrl, text), world.t.world.deps.now()));
console.log('invariants', performance.now() - s);
await db.close(); await server.stop();
