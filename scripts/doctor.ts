/** `npm run doctor`: whether this installation can serve, and safely so. */
import type { Health } from '../src/admin/doctor.ts';
import { exitOn, runAdmin } from './admin.ts';

async function main(): Promise<void> {
  const { ok, checks } = (await runAdmin('doctor', {})) as Health;
  for (const check of checks) console.log(`${check.ok ? 'ok  ' : 'BAD '} ${check.name.padEnd(14)} ${check.detail}`);
  if (!ok) process.exit(1);
}

main().catch(exitOn);
