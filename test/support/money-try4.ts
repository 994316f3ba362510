import { connectPglite } from '../../src/db/drivers/pglite.ts';
import { embeddedOwner, migrateEmbedded } from '../../src/embedded/migrate-embedded.ts';
import { runMoney } from './money-run.ts';
import { openMoneyWorld, brokenMoneyInvariants } from './money-world.ts';
const db = await connectPglite({ prepare: migrateEmbedded, user: embeddedOwner });
const [mode, seed, runs, batches] = [process.argv[2], ...process.argv.slice(3).map(Number)];
let world = await openMoneyWorld(db, () => {});
const inner = world.fetch;
if (mode !== 'none') world = { ...world, fetch: (async (i: any, n: any) => {
  const url = String(i.url ?? i); const method = n?.method ?? i.method;
  if (mode!.includes('blind') && method === 'GET' && /balance_transactions(\?|$)/.test(url)) return new Response(JSON.stringify({ object: 'list', data: [], has_more: false, url: '/' }), { headers: { 'content-type': 'application/json' } });
  if (mode!.includes('keyless') && n?.headers) { const h = new Headers(n.headers); h.delete('idempotency-key'); n = { ...n, headers: h }; }
  return inner(i, n);
}) as any };
let good = 0; const start = performance.now(); const c = process.cpuUsage();
for (let b = 0; b < batches!; b++) {
  try { const f = await runMoney(world, db, seed! + b * runs!, runs!); good += f.runs; console.log(good, Math.round(performance.now() - start), JSON.stringify(f)); }
  catch (e) { console.log(String(e).slice(0, 3500)); break; }
}
const d = process.cpuUsage(c); console.log('good', good, 'cpu/run', (d.user + d.system) / 1000 / good);
console.log(await brokenMoneyInvariants(world));
