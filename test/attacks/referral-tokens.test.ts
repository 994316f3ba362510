import { randomBytes } from 'node:crypto';
import { base64url } from 'jose';
import { beforeAll, expect, it } from 'vitest';
import { revokeKey } from '../../src/admin/revoke-key.ts';
import { rotateKey } from '../../src/admin/rotate-key.ts';
import { ConfigError, readConfig } from '../../src/config.ts';
import { freshDomain, freshProspect, made201, type Stage, stageOf } from '../support/examples.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let domain: string;
beforeAll(async () => {
  t = await openTestWorld();
  domain = freshDomain();
  acme = await stageOf(t, { domain });
});

const tokenOf = (stage: Stage): Promise<{ token: string }> => made201(stage, '/v1/referral-tokens', {});
const record = (stage: Stage, referral_token: string, prospect: object = freshProspect()) =>
  t.send('POST', '/v1/referrals', { key: stage.key, body: { prospect, attribution: { referral_token } } });
const kidOf = (token: string): string => JSON.parse(new TextDecoder().decode(base64url.decode(token.split('.')[0] ?? ''))).kid;

it('(11) nothing starts with a secret of less than 32 bytes', () => {
  const hosted = {
    DATABASE_URL: 'postgres://desk.example/desk',
    FRONTDESK_MASTER_KEY: randomBytes(32).toString('base64'),
    CRON_SECRET: randomBytes(32).toString('base64'),
  };
  expect(readConfig(hosted).mode).toBe('postgres');
  for (const name of ['FRONTDESK_MASTER_KEY', 'CRON_SECRET']) {
    for (const bytes of [0, 16, 31]) {
      const short = { ...hosted, [name]: randomBytes(bytes).toString('base64') };
      expect(() => readConfig(short), `${name} of ${bytes} bytes`).toThrow(ConfigError);
    }
  }
});

it('(15) a referral token that its own organization redeems for itself credits nobody', async () => {
  const { token } = await tokenOf(acme);
  const { status, body } = await record(acme, token, { name: 'Ourselves', domain: `crm.${domain}` });
  expect([status, body.referral, body.attribution.outcome]).toEqual([200, null, 'self_referral']);
});

it('(16) the same token for the same prospect twice, even at once, is one referral', async () => {
  const { token } = await tokenOf(acme);
  const stranger = await stageOf(t);
  const prospect = freshProspect();
  const sent = await Promise.all([1, 2, 3].map(() => record(stranger, token, prospect)));
  sent.push(await record(stranger, token, prospect));
  expect(sent.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
  expect(new Set(sent.map(({ body }) => body.referral.id)).size).toBe(1);
});

it('(17) a rotated key still verifies what it signed; a revoked one does not, and what came by it is held', async () => {
  const [stranger, { token }] = await Promise.all([stageOf(t), tokenOf(acme)]);
  const before = await record(stranger, token);
  expect(before.status).toBe(201);
  expect(await rotateKey(t.world.admin, { host: demoHost, purpose: 'referral_tokens' })).toMatchObject({ ok: true });
  expect((await record(stranger, token)).status).toBe(201);
  expect(await revokeKey(t.world.admin, { host: demoHost, kid: kidOf(token) })).toMatchObject({ ok: true });
  expect((await record(stranger, token)).body.code).toBe('attribution.token_invalid');
  await t.settle();
  const { body } = await t.send('GET', `/v1/referrals/${before.body.referral.id}`, { key: acme.key });
  expect(body.status).toBe('quarantined');
});
