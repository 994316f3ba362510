/** `npm run key:revoke -- --kid K [--host desk.example.com]`: ends a signing key at once. What it signed verifies no more. */
import { parseArgs } from 'node:util';
import type { KeyRevoked } from '../src/admin/revoke-key.ts';
import type { Result } from '../src/domain/result.ts';
import { explain } from '../src/embedded/seed-demo.ts';
import { configOfShell, exitOn, runAdmin } from './admin.ts';
import { hostOfShell } from './host-of-shell.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { kid: { type: 'string' }, host: { type: 'string' } } });
  const revoked = (await runAdmin('key.revoke', {
    host: values.host ?? hostOfShell(configOfShell()),
    kid: values.kid ?? '',
  })) as Result<KeyRevoked>;
  if (!revoked.ok) throw new Error(`No key was revoked.\n${explain(revoked)}`);
  const { kid, purpose, algorithm, replacedBy, revision } = revoked.value;
  if (revision === null) return console.log(`${purpose} ${algorithm}: ${kid} had been revoked before.`);
  console.log(`${purpose} ${algorithm}: ${kid} is revoked (revision ${revision}).`);
  console.log(replacedBy === null ? 'Another key signs.' : `${replacedBy} signs from now on.`);
}

main().catch(exitOn);
