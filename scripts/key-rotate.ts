/**
 * `npm run key:rotate -- --purpose referral_tokens [--algorithm EdDSA] [--host desk.example.com]`: a new signing key, the old one retired.
 */
import { parseArgs } from 'node:util';
import type { KeyRotated } from '../src/admin/rotate-key.ts';
import type { Result } from '../src/domain/result.ts';
import { explain } from '../src/embedded/seed-demo.ts';
import { configOfShell, exitOn, runAdmin } from './admin.ts';
import { hostOfShell } from './host-of-shell.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { purpose: { type: 'string' }, algorithm: { type: 'string' }, host: { type: 'string' } } });
  const rotated = (await runAdmin('key.rotate', {
    host: values.host ?? hostOfShell(configOfShell()),
    purpose: values.purpose ?? '',
    ...(values.algorithm ? { algorithm: values.algorithm } : {}),
  })) as Result<KeyRotated>;
  if (!rotated.ok) throw new Error(`No key was rotated.\n${explain(rotated)}`);
  const { purpose, algorithm, kid, retired, revision } = rotated.value;
  console.log(`${purpose} ${algorithm}: ${kid} signs from now on (revision ${revision}).`);
  console.log(retired.length === 0 ? 'There was none before.' : `Retired, still verifying: ${retired.join(', ')}`);
}

main().catch(exitOn);
