/** `npm run prospect:erase -- --domain northwind.example [--host desk.example.com]`: forgets what people wrote about a prospect. */
import { parseArgs } from 'node:util';
import type { ProspectErased } from '../src/admin/erase-prospect.ts';
import type { Result } from '../src/domain/result.ts';
import { explain } from '../src/embedded/seed-demo.ts';
import { configOfShell, exitOn, runAdmin } from './admin.ts';
import { hostOfShell } from './host-of-shell.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { domain: { type: 'string' }, host: { type: 'string' } } });
  const erased = (await runAdmin('prospect.erase', {
    host: values.host ?? hostOfShell(configOfShell()),
    domain: values.domain ?? '',
  })) as Result<ProspectErased>;
  if (!erased.ok) throw new Error(`Nothing was erased.\n${explain(erased)}`);
  const { prospectId, forgotten, emptied } = erased.value;
  console.log(`${prospectId} is forgotten: ${forgotten} referrals without words or salt, ${emptied} texts emptied.`);
  console.log('The ledger keeps ids, amounts and times; it still verifies.');
}

main().catch(exitOn);
