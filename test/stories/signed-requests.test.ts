import { beforeAll, expect, it } from 'vitest';
import { freshProspect } from '../support/examples.ts';
import { httpSigner, type Tampering } from '../support/http-signer.ts';
import { type OAuthWorld, openOAuthWorld } from '../support/oauth-world.ts';
import { sql } from '../support/sql.ts';

let w: OAuthWorld;
let count = 0;
beforeAll(async () => {
  w = await openOAuthWorld();
});

/** A company that publishes its keys at its own domain, and an agent of it that signs. */
async function signer() {
  const domain = `signs-${++count}.example`;
  const made = await httpSigner();
  w.hosts.publish(`https://${domain}/.well-known/http-message-signatures-directory`, { keys: [made.publicJwk] });
  const path = '/v1/workspaces/provision';
  const provision = async (prospect: object = freshProspect(), key: string = crypto.randomUUID(), tamper: Tampering = {}) => {
    const body = JSON.stringify({ prospect });
    const agent = `sig1="https://${domain}"`;
    const headers = await made.sign({ method: 'POST', url: `http://localhost${path}`, body, agent, created: w.t.world.deps.now() }, tamper);
    return { headers: { ...headers, 'Content-Type': 'application/json' }, body, idempotencyKey: key };
  };
  return { domain, provision, send: (sent: Awaited<ReturnType<typeof provision>>) => w.t.send('POST', path, sent) };
}

it('a request signed with a key at the own domain of an organization provisions in its name, without a token', async () => {
  const { domain, provision, send } = await signer();
  const { status, body } = await send(await provision());
  expect(status).toBe(201);
  expect(body.attribution).toMatchObject({ outcome: 'attributed' });
  const [organization] = await sql(w.t, 'select tier, domain from frontdesk.organizations where organization_id = $1', [
    body.referral.organization_id,
  ]);
  expect(organization).toEqual({ tier: 'domain_verified', domain });
  // The second is of the same agent.
  const second = await send(await provision());
  expect(second.body.referral.organization_id).toBe(body.referral.organization_id);
  expect(await sql(w.t, 'select 1 from frontdesk.agents where client_id like $1', [`https://${domain}/%`])).toHaveLength(1);
});

it('(52) a signature is good once: of two equal requests one is answered', async () => {
  const { provision, send } = await signer();
  const signed = await provision();
  const [one, two] = await Promise.all([send(signed), send({ ...signed, idempotencyKey: crypto.randomUUID() })]);
  expect([one.status, two.status].toSorted()).toEqual([201, 401]);
  expect((await send({ ...signed, idempotencyKey: crypto.randomUUID() })).body.code).toBe('auth.invalid');
});

it('an intent that is repeated with a fresh signature is answered as the first time', async () => {
  const { provision, send } = await signer();
  const [prospect, key] = [freshProspect(), crypto.randomUUID()];
  const first = await send(await provision(prospect, key));
  const again = await send(await provision(prospect, key));
  expect(again.headers.get('Idempotency-Replayed')).toBe('true');
  expect(again.body.workspace.id).toBe(first.body.workspace.id);
});

it.each(['"@method"', '"@authority"', '"@path"', '"content-digest"', '"signature-agent"'])(
  '(52) a signature that does not cover %s is refused, and nothing is made',
  async (missing) => {
    const { domain, provision, send } = await signer();
    const components: Tampering['components'] = (all) => Object.fromEntries(Object.entries(all).filter(([name]) => name !== missing));
    const { status, body } = await send(await provision(freshProspect(), crypto.randomUUID(), { components }));
    expect([status, body.code]).toEqual([401, 'auth.invalid']);
    expect(await sql(w.t, 'select 1 from frontdesk.agents where client_id like $1', [`https://${domain}/%`])).toEqual([]);
  },
);

it('a signature without Signature-Input says nothing: the request is one without a credential, on Node as on the platform', async () => {
  const { provision, send } = await signer();
  const signed = await provision();
  const headers = Object.fromEntries(Object.entries(signed.headers).filter(([name]) => name !== 'signature-input'));
  expect(headers).toHaveProperty('signature');
  const { status, body } = await send({ ...signed, headers: { ...headers, 'Content-Type': 'application/json' } });
  expect([status, body.attribution?.outcome]).toEqual([201, 'unattributed']);
});

it('a signer whose host does not answer is told to come back, and is not called a wrong one', async () => {
  const { domain, provision, send } = await signer();
  w.hosts.down.add(domain);
  const { status, body, headers } = await send(await provision());
  expect([status, body.code, headers.get('Retry-After')]).toEqual([503, 'upstream.unavailable', '300']);
});

it('(52) another body under the same signature is refused', async () => {
  const { provision, send } = await signer();
  const signed = await provision();
  const { status, body } = await send({ ...signed, body: JSON.stringify({ prospect: freshProspect() }) });
  expect([status, body.code]).toEqual([401, 'auth.invalid']);
});
