import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendNodes,
  consistencyPathFromNodes,
  emptyRoot,
  frontierNodes,
  frontierRoot,
  inclusionPath,
  inclusionPathFromNodes,
  type NodeLookup,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../src/domain/merkle.ts';

const sha = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(typeof part === 'string' ? Buffer.from(part, 'hex') : part);
  return hash.digest('hex');
};
const leafOf = (hex: string): string => sha('00', hex);
const some = (size: number): string[] => Array.from({ length: size }, (_, at) => leafOf(at.toString(16).padStart(8, '0')));
const flip = (hash: string): string => `${hash[0] === '0' ? '1' : '0'}${hash.slice(1)}`;
const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

/** RFC 9162 §2.1.1, §2.1.3.1 and §2.1.4.1 word for word. Leaves differ, so the first and how many there are name a range. */
const known = new Map<string, string>();
function root(leaves: readonly string[]): string {
  const range = `${leaves[0]} ${leaves.length}`;
  const hash = known.get(range) ?? computed(leaves);
  known.set(range, hash);
  return hash;
}
function computed(leaves: readonly string[]): string {
  if (leaves.length < 2) return leaves[0] ?? sha();
  const split = splitOf(leaves.length);
  return sha('01', root(leaves.slice(0, split)), root(leaves.slice(split)));
}
function path(index: number, leaves: readonly string[]): string[] {
  if (leaves.length < 2) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...path(index, left), root(right)] : [...path(index - split, right), root(left)];
}
function subproof(from: number, leaves: readonly string[], isWhole: boolean): string[] {
  if (from === leaves.length) return isWhole ? [] : [root(leaves)];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return from <= split ? [...subproof(from, left, isWhole), root(right)] : [...subproof(from - split, right, false), root(left)];
}

/** A tree grown leaf by leaf: every complete subtree, and for each size its frontier and root. */
function grow(leaves: readonly string[]) {
  const nodes = new Map<string, string>();
  const sizes: { frontier: readonly string[]; root: string }[] = [{ frontier: [], root: emptyRoot }];
  leaves.forEach((leaf, size) => {
    const grown = appendNodes(size, leaf, sizes.at(-1)?.frontier ?? []);
    for (const { level, index, hash } of grown.nodes) nodes.set(`${level}/${index}`, hash);
    sizes.push(grown);
  });
  return { nodes, sizes, lookup: ((level, index) => nodes.get(`${level}/${index}`)) satisfies NodeLookup };
}

const largest = 130;
const leaves = some(largest);
const grown = grow(leaves);
const roots = Array.from({ length: largest + 1 }, (_, size) => root(leaves.slice(0, size)));
const rootOf = (size: number): string => roots[size] ?? '';
const sizes = Array.from({ length: largest }, (_, at) => at + 1);

describe('the vectors of RFC 6962 implementations', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(leafOf);
  const expected = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];

  it.each(expected.map((hash, size) => [size, hash] as const))('give the root of %i leaves', (size, hash) => {
    expect(treeRoot(inputs.slice(0, size))).toBe(hash);
    expect(grow(inputs.slice(0, size)).sizes.at(-1)?.root).toBe(hash);
  });

  it('give an inclusion path', () => {
    expect(inclusionPath(inputs, 0)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
  });

  it('give a consistency path', () => {
    expect(consistencyPathFromNodes(6, 8, grow(inputs).lookup)).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });
});

describe(`trees of 1 to ${largest} leaves, against the words of RFC 9162`, () => {
  it('have the same root, at once and leaf by leaf', () => {
    for (const size of sizes) expect([treeRoot(leaves.slice(0, size)), grown.sizes[size]?.root]).toEqual([rootOf(size), rootOf(size)]);
  });

  it('have the same inclusion path for every leaf, from all leaves and from stored subtrees, and it verifies', () => {
    for (const size of sizes) {
      const part = leaves.slice(0, size);
      for (let index = 0; index < size; index++) {
        const expected = path(index, part);
        if (size % 7 === 1) expect(inclusionPath(part, index)).toEqual(expected);
        expect(inclusionPathFromNodes(index, size, grown.lookup)).toEqual(expected);
        expect(verifyInclusion(leaves[index] ?? '', index, size, expected, rootOf(size))).toBe(true);
      }
    }
  });

  it('have the same consistency path between any two sizes, and it verifies', () => {
    for (const to of sizes) {
      for (let from = 1; from <= to; from++) {
        const expected = subproof(from, leaves.slice(0, to), true);
        expect(consistencyPathFromNodes(from, to, grown.lookup)).toEqual(expected);
        expect(verifyConsistency(from, to, expected, rootOf(from), rootOf(to))).toBe(true);
      }
    }
  });

  it('keep a frontier of exactly the complete subtrees that make them up', () => {
    for (const size of sizes) {
      const frontier = frontierNodes(size).map(({ level, index }) => grown.lookup(level, index));
      expect(frontier).toEqual(grown.sizes[size]?.frontier);
      expect(frontierRoot(grown.sizes[size]?.frontier ?? [])).toBe(rootOf(size));
    }
  });

  it('store every complete subtree once', () => {
    const levels = sizes.flatMap((_, level) => Math.floor(largest / 2 ** level)).reduce((sum, nodes) => sum + nodes, 0);
    expect(grown.nodes.size).toBe(levels);
  });
});

describe('what is looked up', () => {
  const ancestors = (index: number) =>
    sizes.slice(0, 9).flatMap((_, level) => {
      const at = Math.floor(index / 2 ** level);
      return [`${level}/${at}`, `${level}/${at % 2 === 1 ? at - 1 : at + 1}`];
    });
  const frontier = (size: number) => frontierNodes(size).map(({ level, index }) => `${level}/${index}`);

  it('for an inclusion path is siblings of ancestors and the frontier, nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: largest }), fc.nat(), (size, any) => {
        const index = any % size;
        const allowed = new Set([...ancestors(index), ...frontier(size)]);
        const lookup: NodeLookup = (level, at) => (allowed.has(`${level}/${at}`) ? grown.lookup(level, at) : undefined);
        expect(inclusionPathFromNodes(index, size, lookup)).toEqual(path(index, leaves.slice(0, size)));
      }),
    );
  });

  it('for a consistency path is ancestors of the last old leaf, their siblings and the new frontier', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: largest }), fc.integer({ min: 1, max: largest }), (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const allowed = new Set([...ancestors(from - 1), ...frontier(to)]);
        const lookup: NodeLookup = (level, at) => (allowed.has(`${level}/${at}`) ? grown.lookup(level, at) : undefined);
        expect(consistencyPathFromNodes(from, to, lookup)).toEqual(subproof(from, leaves.slice(0, to), true));
      }),
    );
  });

  it('is where the query of the ledger looks: (k, (size >> (k + 1)) << 1) for each set bit k, beyond 2^31 too', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }), (size) => {
        const expected = [];
        for (let k = 52n; k >= 0n; k--) if ((size >> k) & 1n) expected.push({ level: Number(k), index: Number((size >> (k + 1n)) << 1n) });
        expect(frontierNodes(Number(size))).toEqual(expected);
      }),
    );
  });

  it('throws when a subtree is not stored', () => {
    expect(() => inclusionPathFromNodes(3, 9, () => undefined)).toThrow('invariant broken');
  });
});

describe('trees larger than 32-bit numbers', () => {
  const zeros = [leafOf('')];
  for (let level = 1; level < 54; level++) zeros.push(sha('01', zeros[level - 1] ?? '', zeros[level - 1] ?? ''));
  /** All leaves are the same, so that a subtree is known by its level; but for one leaf and its ancestors. */
  const special = leafOf('ff');
  const sparse = (index: number): NodeLookup => {
    const own = [special];
    for (let level = 1, at = index; level < 54; level++, at = Math.floor(at / 2)) {
      const [mine = '', other = ''] = [own[level - 1], zeros[level - 1]];
      own.push(at % 2 === 1 ? sha('01', other, mine) : sha('01', mine, other));
    }
    return (level, at) => (Math.floor(index / 2 ** level) === at ? own[level] : zeros[level]);
  };
  const rootAt = (size: number, lookup: NodeLookup): string =>
    frontierRoot(frontierNodes(size).map(({ level, index }) => lookup(level, index) ?? ''));
  const huge = fc.integer({ min: 2 ** 31 - 5, max: Number.MAX_SAFE_INTEGER });

  it('prove what they hold', () => {
    fc.assert(
      fc.property(huge, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (size, where) => {
        const index = Math.floor(size * where);
        const lookup = sparse(index);
        const proof = inclusionPathFromNodes(index, size, lookup);
        expect(verifyInclusion(special, index, size, proof, rootAt(size, lookup))).toBe(true);
        expect(verifyInclusion(zeros[0] ?? '', index, size, proof, rootAt(size, lookup))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('prove what they continue', () => {
    fc.assert(
      fc.property(huge, huge, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const lookup = sparse(from - 1);
        const proof = consistencyPathFromNodes(from, to, lookup);
        const [old, now] = [rootAt(from, lookup), rootAt(to, lookup)];
        expect(verifyConsistency(from, to, proof, old, now)).toBe(true);
        expect(verifyConsistency(from, to, proof, flip(old), now)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('grow', () => {
    const size = 2 ** 40 + 2 ** 33 - 1;
    const frontier = frontierNodes(size).map(({ level }) => zeros[level] ?? '');
    const { nodes, root: newRoot, frontier: kept } = appendNodes(size, zeros[0] ?? '', frontier);
    expect(nodes.at(-1)).toEqual({ level: 33, index: 2 ** 7, hash: zeros[33] });
    expect(nodes).toHaveLength(34);
    expect(kept).toEqual([zeros[40], zeros[33]]);
    expect(newRoot).toBe(sha('01', zeros[40] ?? '', zeros[33] ?? ''));
  });
});

describe('a proof that was changed', () => {
  it('of inclusion fails in every place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: largest }), fc.nat(), fc.nat(), (size, anyIndex, anyPlace) => {
        const index = anyIndex % size;
        const leaf = leaves[index] ?? '';
        const proof = path(index, leaves.slice(0, size));
        const place = anyPlace % proof.length;
        const whole = rootOf(size);
        expect(verifyInclusion(leaf, index, size, proof.with(place, flip(proof[place] ?? '')), whole)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof.toSpliced(place, 1), whole)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, whole], whole)).toBe(false);
        expect(verifyInclusion(leaf, (index + 1) % size, size, proof, whole)).toBe(false);
        expect(verifyInclusion(flip(leaf), index, size, proof, whole)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof, flip(whole))).toBe(false);
      }),
    );
  });

  it('of consistency fails in every place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: largest - 1 }), fc.nat(), fc.nat(), (from, anyTo, anyPlace) => {
        const to = from + 1 + (anyTo % (largest - from));
        const proof = subproof(from, leaves.slice(0, to), true);
        const place = anyPlace % proof.length;
        const [old, now] = [rootOf(from), rootOf(to)];
        expect(verifyConsistency(from, to, proof.with(place, flip(proof[place] ?? '')), old, now)).toBe(false);
        expect(verifyConsistency(from, to, proof.toSpliced(place, 1), old, now)).toBe(false);
        expect(verifyConsistency(from, to, [...proof, now], old, now)).toBe(false);
        expect(verifyConsistency(from, to, proof, flip(old), now)).toBe(false);
        expect(verifyConsistency(from, to, proof, old, flip(now))).toBe(false);
      }),
    );
  });

  it.each([
    ['an index outside the tree', verifyInclusion(rootOf(1), 1, 1, [], rootOf(1))],
    ['a negative index', verifyInclusion(rootOf(1), -1, 1, [], rootOf(1))],
    ['an index that is no integer', verifyInclusion(rootOf(1), 0.5, 1, [], rootOf(1))],
    ['a size that is no number', verifyInclusion(rootOf(1), 0, Number.NaN, [], rootOf(1))],
    ['a hash in capitals', verifyInclusion(rootOf(1).toUpperCase(), 0, 1, [], rootOf(1).toUpperCase())],
    ['a hash that is none', verifyInclusion(rootOf(1), 0, 2, ['zz'], rootOf(2))],
    ['a path without end', verifyInclusion(rootOf(1), 0, 2, Array(100_000).fill(rootOf(1)), rootOf(2))],
    ['sizes in the wrong order', verifyConsistency(3, 2, [], rootOf(3), rootOf(2))],
    ['sizes below zero', verifyConsistency(-1, 2, [], rootOf(1), rootOf(2))],
    ['another root for the same size', verifyConsistency(2, 2, [], rootOf(1), rootOf(2))],
    ['another root for no leaves', verifyConsistency(0, 2, [], rootOf(1), rootOf(2))],
    ['no path where one is needed', verifyConsistency(3, 5, [], rootOf(3), rootOf(5))],
  ])('is refused for %s', (_, verdict) => {
    expect(verdict).toBe(false);
  });

  it('is not needed from nothing, or from a tree to itself', () => {
    expect(verifyConsistency(0, 5, [], emptyRoot, rootOf(5))).toBe(true);
    expect(verifyConsistency(5, 5, [], rootOf(5), rootOf(5))).toBe(true);
  });
});

it('refuses to append to a frontier of another size', () => {
  expect(() => appendNodes(3, rootOf(1), [rootOf(2)])).toThrow('invariant broken');
});
