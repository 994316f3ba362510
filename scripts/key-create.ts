/**
 * `npm run key:create -- --organization acme.example --agent ops-optimizer [--name "Acme"] [--tier domain_verified] [--scope a --scope b]
 * [--host desk.example.com] [--expires 2027-01-01T00:00:00Z]`. Without --organization it is a key for the vendor's own back end.
 */
import { parseArgs } from 'node:util';
import type { KeyCreated } from '../src/admin/create-key.ts';
import type { Result } from '../src/domain/result.ts';
import { explain } from '../src/embedded/seed-demo.ts';
import { configOfShell, exitOn, runAdmin } from './admin.ts';
import { hostOfShell } from './host-of-shell.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      organization: { type: 'string' },
      name: { type: 'string' },
      agent: { type: 'string' },
      tier: { type: 'string' },
      scope: { type: 'string', multiple: true },
      host: { type: 'string' },
      expires: { type: 'string' },
    },
  });
  const created = (await runAdmin('key.create', {
    host: values.host ?? hostOfShell(configOfShell()),
    agentName: values.agent ?? (values.organization ? 'agent' : 'backend'),
    ...(values.organization ? { organization: { domain: values.organization, ...(values.name ? { name: values.name } : {}) } } : {}),
    ...(values.scope ? { scopes: values.scope } : {}),
    ...(values.tier ? { tier: values.tier } : {}),
    ...(values.expires ? { expiresAt: values.expires } : {}),
  })) as Result<KeyCreated>;
  if (!created.ok) throw new Error(`No key was made.\n${explain(created)}`);
  const { key, keyId, organizationId, agentId, scopes, tier } = created.value;
  console.log(
    `${key}\n\nShown once. ${keyId} of ${organizationId ?? 'The vendor’s back end'}, ${agentId}, tier ${tier}\nscopes ${scopes.join(' ')}`,
  );
}

main().catch(exitOn);
