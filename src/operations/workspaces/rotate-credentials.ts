import * as z from 'zod';
import { randomKey } from '../../domain/claim.ts';
import { ok } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { liveWorkspace, whyHidden, workspaceKey } from '../../domain/workspace.ts';
import { defineWrite } from '../operation.ts';
import { workspaceId } from '../vocabulary.ts';
import { credentials } from './schemas.ts';

export const rotateWorkspaceCredentials = defineWrite({
  name: 'rotate_workspace_credentials',
  title: 'Rotate workspace credentials',
  summary: 'A new workspace key; the old one dies at once',
  description:
    'Gives the workspace a new key, shown once, and ends the old one at once. Use it when a key may have leaked. Once a human has taken the ' +
    'workspace over, only the key that they hold, or the back end of the vendor, can do it.',
  rest: { method: 'post', path: '/v1/workspaces/{workspace_id}/rotate-credentials', status: 200 },
  mcp: false,
  access: { scope: 'workspaces:write' },
  input: z.strictObject({ workspace_id: workspaceId }),
  output: z
    .strictObject({ workspace_id: workspaceId, credentials: credentials.nullable(), credentials_reason: z.string().nullable() })
    .meta({ id: 'RotatedCredentials' }),
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ workspace: queries.workspace(input.workspace_id) }),
  decide({ workspace }, { principal, desk, now }, given) {
    const live = liveWorkspace(workspace, principal, now);
    if (!live.ok) return live;
    const { workspace_id, status } = live.value;
    const key_version = live.value.key_version + 1;
    // What a human holds cannot be derived again, not even by us.
    const random = status === 'claimed' ? randomKey(desk.environment, given) : null;
    const key_hash = secretHash(random ?? workspaceKey(given.derive, desk.environment, workspace_id, key_version));
    return ok({
      subjectId: workspace_id,
      changes: { rekeyed_workspace: { workspace_id, key_version, key_hash } },
      result: { workspace_id, key_version, random: random !== null },
      ...(random === null ? {} : { shown: random }),
    });
  },
  view({ workspace_id, key_version, random }, { desk, now }, replay, shown) {
    if (random) {
      const known = shown === undefined ? null : { type: 'bearer' as const, api_key: shown };
      return { workspace_id, credentials: known, credentials_reason: known ? null : 'shown_once' };
    }
    const hidden = replay ? whyHidden({ keyVersion: key_version, committedAt: replay.committedAt }, replay.workspace, now) : null;
    const api_key = workspaceKey(desk.derive, desk.environment, workspace_id, key_version);
    return { workspace_id, credentials: hidden ? null : { type: 'bearer' as const, api_key }, credentials_reason: hidden };
  },
});
