/** The demo vendor with terms that pay out, too: its own credit bills only. */
import { readFile } from 'node:fs/promises';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { demoHost, type TestWorld } from './world.ts';

/** Pays out of payments in a currency that nobody pays in, so that nothing else of a test changes. */
const rule = {
  id: 'paid-out',
  side: 'referrer',
  model: 'percent',
  kind: 'stripe_transfer',
  percent_bps: 100,
  currency: 'chf',
  cap_minor: null,
};

const done = new WeakSet<TestWorld['world']>();

/** Adds the rule to the demo vendor's program, once; the other vendors of the tests pay out anyway. */
export async function payOut({ world }: TestWorld): Promise<void> {
  if (done.has(world)) return;
  done.add(world);
  const raw = JSON.parse(await readFile(new URL('../../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
  raw.program.reward.rules.push(rule);
  const applied = await applyVendor(world.admin, { raw, origin: 'http://localhost', hosts: [demoHost] });
  if (!applied.ok) throw new Error(JSON.stringify(applied));
}
