import * as z from 'zod';
import { canonicalize, sha256Hex } from '../../domain/canonical.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineDocument } from '../operation.ts';
import { checkpoint, showCheckpoint } from './schemas.ts';

export const getLedgerCheckpoint = defineDocument({
  name: 'get_ledger_checkpoint',
  title: 'Get the ledger checkpoint',
  summary: 'The signed head of the sealed ledger',
  description:
    'The latest signed checkpoint: how many blocks the ledger has, the root over them, and the signed note to keep. Whoever kept an older ' +
    'one can ask for the proof that this one continues it, at /v1/ledger/consistency. Public; nothing is there before the first block.',
  rest: { method: 'get', path: '/v1/ledger/checkpoint', status: 200 },
  mcp: false,
  access: 'public',
  input: z.strictObject({}),
  output: checkpoint,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries) => ({ head: queries.checkpoint(null) }),
  publish({ head }, { desk }) {
    if (head === null) return refuse('resource.not_found');
    const value = showCheckpoint(head, desk);
    const body = canonicalize(value);
    return ok({ value, body, etag: `"${sha256Hex(body)}"`, contentType: 'application/json', immutable: false });
  },
});
