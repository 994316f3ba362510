import * as z from 'zod';
import { canonicalize, sha256Hex } from '../../domain/canonical.ts';
import { consistencyProof } from '../../domain/ledger-proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineDocument } from '../operation.ts';
import { hashPath, treeSize } from './schemas.ts';

const size = (of: string) => z.union([z.int().min(1).max(2_147_483_647), z.string().regex(/^[1-9][0-9]{0,8}$/)]).describe(of);

export const getLedgerConsistency = defineDocument({
  name: 'get_ledger_consistency',
  title: 'Get a ledger consistency proof',
  summary: 'That a later checkpoint continues an earlier one',
  description:
    'The RFC 9162 consistency proof between the checkpoints of two sizes: with their roots it shows that nothing of the earlier ledger was ' +
    'changed or taken out of the later one. Public, and the same forever.',
  rest: { method: 'get', path: '/v1/ledger/consistency', status: 200 },
  mcp: false,
  access: 'public',
  input: z.strictObject({ from: size('Size of the earlier checkpoint.'), to: size('Size of the later one.') }),
  output: z.strictObject({ from: treeSize, to: treeSize, path: hashPath }).meta({ id: 'ConsistencyProof' }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  inspect: ({ from, to }) =>
    Number(from) <= Number(to)
      ? ok(undefined)
      : refuse('request.invalid', { issues: [{ pointer: '/from', code: 'order', message: 'The earlier size comes first.' }] }),
  load: (queries, { input }) => ({ proof: queries.consistency(Number(input.from), Number(input.to)) }),
  publish({ proof }, { input }) {
    if (proof === null) return refuse('resource.not_found');
    const [from, to] = [Number(input.from), Number(input.to)];
    const value = { from, to, path: [...consistencyProof(from, to, proof.nodes ?? [])] };
    const body = canonicalize(value);
    return ok({ value, body, etag: `"${sha256Hex(body)}"`, contentType: 'application/json', immutable: true });
  },
});
