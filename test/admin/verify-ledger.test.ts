import { beforeAll, describe, expect, it } from 'vitest';
import { type StoredLeaf, verifyBlocks } from '../../src/domain/verification/verify-blocks.ts';
import { type Line, makeLedger, signer, tenant } from '../scripts/made-ledger.ts';
import { freshProspect, made201, stageOf } from '../support/examples.ts';
import { sealAt } from '../support/seal.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
beforeAll(async () => {
  t = await openTestWorld();
});

const stored = (lines: readonly Line[]): StoredLeaf[] => {
  const leaves: StoredLeaf[] = [];
  let block: Line | undefined;
  for (const line of lines) {
    if (line.line === 'block') block = line;
    if (line.line !== 'leaf') continue;
    const first = block === undefined ? { header: null, hash: null } : { header: JSON.stringify(block.header), hash: String(block.hash) };
    leaves.push({ block: Number(line.block), index: Number(line.index), leaf: String(line.leaf), body: String(line.body), ...first });
    block = undefined;
  }
  return leaves;
};
const ledger = makeLedger([3, 1, 4, 2], { keys: [signer(), signer()], isForeign: () => false });
const leaves = stored(ledger.export());

describe('verifying stored blocks', () => {
  it('finds them whole, and leaves a block that is cut off for another time', () => {
    expect(verifyBlocks(tenant, leaves, null, true)).toMatchObject({ blocks: 4, leaves: 10, finding: null });
    expect(verifyBlocks(tenant, leaves.slice(0, 6), null, false)).toMatchObject({ blocks: 2, leaves: 4, finding: null });
    expect(verifyBlocks(tenant, leaves.slice(0, 6), null, true)).toMatchObject({ finding: { code: 'block.root', block: 2 } });
  });

  it('goes on from the block before', () => {
    const previous = leaves.find(({ block, hash }) => block === 1 && hash !== null)?.hash ?? null;
    expect(verifyBlocks(tenant, leaves.slice(4), previous, true)).toMatchObject({ blocks: 2, finding: null });
    expect(verifyBlocks(tenant, leaves.slice(4), null, true)).toMatchObject({ finding: { code: 'block.unlinked', block: 2 } });
  });

  it.each([
    [
      'body.edited',
      (leaf: StoredLeaf): StoredLeaf => ({ ...leaf, body: leaf.body?.replace('referral.created', 'referral.qualified') ?? null }),
    ],
    ['leaf.misplaced', (leaf: StoredLeaf): StoredLeaf => ({ ...leaf, index: leaf.index + 1 })],
    ['body.malformed', (leaf: StoredLeaf): StoredLeaf => ({ ...leaf, body: null })],
  ])('names the one that was altered: %s', (code, alter) => {
    const altered = leaves.map((leaf) => (leaf.block === 2 && leaf.index === 2 ? alter(leaf) : leaf));
    expect(verifyBlocks(tenant, altered, null, true)).toMatchObject({ blocks: 2, finding: { code, block: 2, index: 2 } });
  });
});

it('verifies the next blocks with every audit, from the beginning again after the end, and says what it did', async () => {
  const stage = await stageOf(t);
  const grow = async () => {
    await made201(stage, '/v1/referrals', { prospect: freshProspect() });
    await sealAt(t);
  };
  const last = async () => {
    expect(await t.world.schedules.audit?.()).toMatchObject({ failed: 0 });
    const [row] = await sql(t, 'select from_block, to_block, ok from frontdesk.verifications order by verification_id desc limit 1');
    return row;
  };
  await grow();
  await grow();
  expect(await last()).toEqual({ from_block: 0, to_block: 1, ok: true });
  await grow();
  expect(await last()).toEqual({ from_block: 2, to_block: 2, ok: true });
  expect(await last()).toEqual({ from_block: 0, to_block: 2, ok: true });
  expect((await t.send('GET', '/v1/ledger/status', stage)).body.verification).toMatchObject({ from_block: 0, to_block: 2, finding: null });
});
