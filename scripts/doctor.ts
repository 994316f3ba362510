/**
 * `npm run doctor`: whether this installation can serve, and safely so. `-- --live [--host desk.example.com]` also looks at every link of
 * the chain between a payment at Stripe and a credit there.
 */
import { parseArgs } from 'node:util';
import type { Health } from '../src/admin/doctor.ts';
import type { Link } from '../src/admin/doctor-live.ts';
import { configOfShell, exitOn, runAdmin } from './admin.ts';
import { hostOfShell } from './host-of-shell.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { live: { type: 'boolean' }, host: { type: 'string' } } });
  const { ok, checks } = (await runAdmin('doctor', {})) as Health;
  const links = values.live
    ? ((await runAdmin('doctor.live', { host: values.host ?? hostOfShell(configOfShell()) })) as readonly Link[])
    : [];
  for (const link of [...checks, ...links]) {
    console.log(`${link.ok ? 'ok  ' : 'BAD '} ${link.name.padEnd(18)} ${link.detail}`);
    if ('fix' in link && link.fix !== null) console.log(`     ${' '.repeat(18)} → ${link.fix}`);
  }
  if (!ok || !links.every((link) => link.ok)) process.exit(1);
}

main().catch(exitOn);
