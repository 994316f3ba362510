import { createApiKey } from '../../operations/api/create-key.ts';
import { listApiKeys } from '../../operations/api/list-keys.ts';
import { revokeApiKey } from '../../operations/api/revoke-key.ts';
import { rotateApiKey } from '../../operations/api/rotate-key.ts';
import { Once } from '../parts/once.tsx';
import { Instant } from '../parts/text.tsx';
import { keysWords } from '../words/keys.ts';
import { shellWords } from '../words/shell.ts';
import { defineAction, definePage, type LedgerAction, type LedgerPage, type Scene } from './definition.ts';
import { KeyList } from './key-list.tsx';

const keys = definePage({
  path: '/ledger/keys',
  nav: 'keys',
  title: (_, { locale }) => shellWords[locale].nav_keys,
  asks: { keys: listApiKeys },
  input: ({ query }) => ({ keys: { organization_id: query('organization_id'), cursor: query('cursor') } }),
  render: ({ keys: page }, scene) => <KeyList page={page} scene={scene} />,
});

const home = () => '/ledger/keys';

const create = defineAction({
  path: '/ledger/keys/create',
  operation: createApiKey,
  input: (form) => ({
    scopes: form.getAll('scopes'),
    ...(form.get('expires_at') && { expires_at: form.get('expires_at') }),
    // Staff name an organization, or none; others have only their own.
    ...(form.has('organization_id') && { organization_id: form.get('organization_id')?.trim() || null }),
  }),
  page: home,
  shown: ({ key }, scene) => ({ title: keysWords[scene.locale].newKey, body: <Shown secret={key} scene={scene} /> }),
});

const rotate = defineAction({
  path: '/ledger/keys/{key_id}/rotate',
  operation: rotateApiKey,
  input: (form, { key_id }) => ({ key_id, overlap_hours: Number(form.get('overlap_hours') || Number.NaN) }),
  page: home,
  shown: ({ key, replaced_until }, scene) => ({
    title: keysWords[scene.locale].newKey,
    body: <Shown secret={key} scene={scene} until={replaced_until} />,
  }),
});

const revoke = defineAction({
  path: '/ledger/keys/{key_id}/revoke',
  operation: revokeApiKey,
  input: (_, { key_id }) => ({ key_id }),
  page: home,
});

/** A key that was just made, with a call that shows what it opens. */
function Shown({ secret, scene: { desk, locale }, until }: { secret: string | null; scene: Scene; until?: string }) {
  const words = keysWords[locale];
  const call = `curl ${desk.origin}/v1/me -H 'Authorization: Bearer ${secret ?? ''}'`;
  return (
    <Once title={words.newKey} secret={secret} call={call} back={home()} locale={locale}>
      {until === undefined ? null : (
        <p>
          {words.oldUntil}: <Instant at={until} locale={locale} />
        </p>
      )}
    </Once>
  );
}

/** API keys. */
export const keysPages: readonly LedgerPage[] = [keys];
export const keysActions: readonly LedgerAction[] = [create, rotate, revoke];
