import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Documents, openDocuments } from '../../src/access/documents.ts';
import { verifyIdJag } from '../../src/access/id-jag.ts';
import { type OutsideHosts, pretendOutsideHosts } from '../support/outside-hosts.ts';

const audience = 'https://desk.example';
const now = new Date('2026-11-21T12:00:00Z');
const at = now.getTime() / 1000;
const trusted = { issuer: 'https://login.example', jwksUri: 'https://login.example/keys' };
const claims = { iss: trusted.issuer, sub: 'u1', aud: audience, client_id: 'agt_1', jti: 'j1', iat: at, exp: at + 300 };

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let pair: Pair;
let outside: OutsideHosts;
let documents: Documents;

beforeAll(async () => {
  pair = await generateKeyPair('RS256', { extractable: true });
  outside = pretendOutsideHosts();
  outside.publish(trusted.jwksUri, { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1' }] });
  documents = openDocuments({ fetchOutside: outside.fetch, now: () => now });
});

const judge = async (changes: object = {}, typ = 'oauth-id-jag+jwt', key = pair.privateKey) => {
  const jwt = new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'RS256', kid: 'k1', typ });
  const verdict = await verifyIdJag({ assertion: await jwt.sign(key), issuers: [trusted], audience, documents, now });
  return verdict.ok ? verdict.value : verdict.reason;
};

describe('an identity assertion of a trusted issuer', () => {
  test('tells whom it is about and which client it is for', async () => {
    expect(await judge({ scope: 'referrals:create', resource: [`${audience}/mcp`] })).toMatchObject({
      ...{ issuer: trusted.issuer, subject: 'u1', clientId: 'agt_1', jti: 'j1', expiresAt: new Date((at + 300) * 1000) },
      ...{ scope: 'referrals:create', resource: `${audience}/mcp` },
    });
  });

  test.each(['JWT', 'at+jwt', 'client-authentication+jwt'])('(3) is none of type %s', async (typ) => {
    expect(await judge({}, typ)).toBe('typ_forbidden');
  });

  test.each([
    ['of an issuer nobody trusts', { iss: 'https://evil.example' }, 'issuer_untrusted'],
    ['(4) for somebody else', { aud: 'https://other.example' }, 'audience_differs'],
    ['(5) that is expired', { exp: at }, 'expired'],
    ['that lives longer than five minutes', { exp: at + 361 }, 'lives_too_long'],
    ['(6) without exp', { exp: undefined }, 'exp_missing'],
    ['(6) without jti', { jti: undefined }, 'jti_unusable'],
    ['(6) without sub', { sub: undefined }, 'claims_malformed'],
    ['without iat', { iat: undefined }, 'claims_malformed'],
    ['without a client', { client_id: undefined }, 'claims_malformed'],
    ['about a subject that no database keeps', { sub: 'a\0' }, 'claims_malformed'],
    ['for two resources', { resource: ['https://a.example', 'https://b.example'] }, 'claims_malformed'],
  ])('%s is refused', async (_, changes, reason) => {
    expect(await judge(changes)).toBe(reason);
  });

  test('by another key is refused', async () => {
    expect(await judge({}, 'oauth-id-jag+jwt', (await generateKeyPair('RS256')).privateKey)).toBe('signature_invalid');
  });

  test('asks only where the operator said, whatever the assertion says', async () => {
    await judge({ jku: 'https://evil.example/keys', jwks_uri: 'https://evil.example/keys' });
    expect(new Set(outside.received)).toEqual(new Set([trusted.jwksUri]));
  });
});
