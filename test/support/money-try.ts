import { connectPglite } from '/work/main/src/db/drivers/pglite.ts';
import { embeddedOwner, migrateEmbedded } from '/work/main/src/embedded/migrate-embedded.ts';
import { runMoney } from '/work/main/test/support/money-run.ts';
import { openMoneyWorld } from '/work/main/test/support/money-world.ts';
import { brokenInvariants } from '/work/main/test/support/ledger-invariants.ts';
import { sql } from '/work/main/test/support/sql.ts';
const t0 = performance.now();
const db = await connectPglite({ prepare: migrateEmbedded, user: embeddedOwner });
console.log('pglite', performance.now() - t0);
const world = await openMoneyWorld(db, () => {});
console.log('world', performance.now() - t0);
const [seed, runs, batches] = process.argv.slice(2).map(Number);
for (let b = 0; b < (batches ?? 1); b++) {
  const s = performance.now();
  const trips = world.t.roundTrips();
  const f = await runMoney(world, db, (seed ?? 1) + b * (runs ?? 10), runs ?? 10);
  console.log(Math.round(performance.now() - s), 'ms', JSON.stringify(f), 'door trips', world.t.roundTrips() - trips);
}
const s = performance.now();
console.log(await brokenInvariants((text) => sql(world.t, text) as never, world.t.world.deps.now()));
console.log('invariants', performance.now() - s);
