/**
 * `npm run operator:invite -- --email ada@example.com [--host desk.example.com]`. Prints a link that signs its holder in as an operator,
 * once, within 24 hours. Nothing is mailed.
 */
import { parseArgs } from 'node:util';
import type { OperatorInvited } from '../src/admin/invite-operator.ts';
import type { Result } from '../src/domain/result.ts';
import { explain } from '../src/embedded/seed-demo.ts';
import { configOfShell, exitOn, runAdmin } from './admin.ts';
import { hostOfShell } from './host-of-shell.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { email: { type: 'string' }, host: { type: 'string' } } });
  if (values.email === undefined) throw new Error('Say whom: npm run operator:invite -- --email ada@example.com');
  const wanted = { host: values.host ?? hostOfShell(configOfShell()), email: values.email };
  const invited = (await runAdmin('operator.invite', wanted)) as Result<OperatorInvited>;
  if (!invited.ok) throw new Error(`Nobody was invited.\n${explain(invited)}`);
  console.log(`${invited.value.url}\n\nShown once. Whoever opens it can sign in as the operator, until ${invited.value.expiresAt}.`);
}

main().catch(exitOn);
