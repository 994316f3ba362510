import { describe, expect, it } from 'vitest';
import { differences } from '../../src/domain/document-difference.ts';

describe('the difference between two documents', () => {
  it('is what was added, removed and changed, each by its pointer', () => {
    const before = { name: 'A', gone: 1, deep: { 'a/b': 1, same: [1, 2] } };
    const after = { name: 'B', deep: { 'a/b': 2, same: [1, 2] }, fresh: null };
    expect(differences(before, after, 10)).toEqual([
      { pointer: '/name', kind: 'changed', item: null, before: 'A', after: 'B' },
      { pointer: '/deep/a~1b', kind: 'changed', item: null, before: 1, after: 2 },
      { pointer: '/fresh', kind: 'added', item: null, after: null },
      { pointer: '/gone', kind: 'removed', item: null, before: 1 },
    ]);
  });

  it('follows items by their id, wherever they stand', () => {
    const before = {
      features: [
        { id: 'a', status: 'ga' },
        { id: 'b', status: 'beta' },
      ],
    };
    const after = {
      features: [
        { id: 'c', status: 'ga' },
        { id: 'b', status: 'ga' },
        { id: 'a', status: 'ga' },
      ],
    };
    expect(differences(before, after, 10)).toEqual([
      { pointer: '/features/0', kind: 'added', item: 'c', after: { id: 'c', status: 'ga' } },
      { pointer: '/features/1/status', kind: 'changed', item: 'b', before: 'beta', after: 'ga' },
    ]);
  });

  it('takes a list for an object in no case, and ends where it is told to', () => {
    expect(differences({ a: [] }, { a: {} }, 10)).toEqual([{ pointer: '/a', kind: 'changed', item: null, before: [], after: {} }]);
    expect(differences({}, { a: 1, b: 2, c: 3 }, 2)).toHaveLength(2);
  });

  it('is nothing between two that say the same', () => {
    expect(differences({ a: [{ b: 1 }], c: 'x' }, { c: 'x', a: [{ b: 1 }] }, 10)).toEqual([]);
  });
});
