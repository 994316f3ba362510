import { baselineScopes, scopesOfTier } from '../../domain/scopes.ts';
import type { Desk } from '../desk.ts';
import { oauthFailures } from '../tokens/oauth-failures.ts';
import { claimGrantType } from './claim-grant.ts';
import { registrationFailures } from './registration-failures.ts';

/** How an agent gets in, for agents to read (auth.md v0.7.0): short, and every line of it can be run as it stands. */
export function authMd({ name, origin }: Pick<Desk, 'name' | 'origin'>): string {
  return `# How an agent gets in at ${name}

Protocol: auth.md v0.7.0. Authoritative for programs: ${origin}/.well-known/oauth-authorization-server (RFC 8414, member \`agent_auth\`).

You may not need any of this: \`POST ${origin}/v1/workspaces/provision\` works without a credential, within limits, and credits nobody.

| you have | do | you get |
|---|---|---|
| a client ID metadata document, or a key that we know | \`client_credentials\` with \`private_key_jwt\` at ${origin}/oauth/token | an access token, in one call |
| a key of your own | [register with it](#register-with-a-key) | the same agent each time, tier \`key_bound\` |
| nothing | [register](#register) | an agent, tier \`anonymous\` |
| a person here who should approve you first | [ask them](#ask-a-person-first) | nothing until they do, then their organization's tier |
| an assertion of an issuer that ${name} trusts | [hand it in](#register-with-an-assertion) | an agent, at once |

## Register

\`\`\`sh
curl -s -X POST ${origin}/agent/identity -H 'Content-Type: application/json' -d '{"type":"anonymous"}'
\`\`\`

Answer: \`registration_id\`, \`registration_type\`, \`identity_assertion\` (a JWT; its \`sub\` is your agent id), \`assertion_expires\` (24 hours), \`pre_claim_scopes\`, \`post_claim_scopes\`, \`claim_url\`, \`claim_token\` (shown once), \`claim_token_expires\` (24 hours). \`client_name\` and \`organization\` (\`{"name","domain"}\`) may go along: they are shown as your word, and prove nothing.

## Get an access token

\`\`\`sh
curl -s -X POST ${origin}/oauth/token -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer --data-urlencode "assertion=$IDENTITY_ASSERTION"
\`\`\`

Ten minutes long; ask again with the same assertion. Send it as \`Authorization: Bearer\`. \`resource=${origin}\` or \`resource=${origin}/mcp\` narrows it to one of the two.

## Register with a key

Send the public JWK (Ed25519, P-256 or RSA) and a proof: a JWT signed with it, \`iss\` and \`sub\` the key's RFC 7638 thumbprint, \`aud\` \`${origin}\`, \`iat\` now, \`exp\` at most 60 seconds later, \`jti\` new each time.

\`\`\`sh
curl -s -X POST ${origin}/agent/identity -H 'Content-Type: application/json' -d "{\\"type\\":\\"anonymous\\",\\"jwk\\":$JWK,\\"proof\\":\\"$PROOF\\"}"
\`\`\`

The same key always answers the same agent; \`claim_token\` is null from the second time on. Afterwards your agent id is also a client id for \`private_key_jwt\`.

## Register with an assertion

\`\`\`sh
curl -s -X POST ${origin}/agent/identity -H 'Content-Type: application/json' -d "{\\"type\\":\\"identity_assertion\\",\\"assertion_type\\":\\"urn:ietf:params:oauth:token-type:id-jag\\",\\"assertion\\":\\"$ID_JAG\\"}"
\`\`\`

Your own \`identity_assertion\`, before it expires, is taken here as well and gives a fresh one. \`client_id\` may come along: the client that the issuer gave the assertion to; another is refused. \`registration_id\` is null for whom an issuer asserts.

## Have a person link you

They must be a partner or an operator here; give their e-mail address, and only they can use the code. You move to their organization with your active workspaces. Referrals that you made before stay where they were recorded.

\`\`\`sh
curl -s -X POST ${origin}/agent/identity/claim -H 'Content-Type: application/json' -d "{\\"type\\":\\"login_hint\\",\\"claim_token\\":\\"$CLAIM_TOKEN\\",\\"login_hint\\":\\"someone@partner.example\\"}"
\`\`\`

Answer: \`claim_attempt\` with \`user_code\`, \`verification_uri\`, \`expires_in\` (15 minutes), \`interval\` (5 seconds). Show the person address and code in one message; they sign in there and type the code. A new attempt ends the code before. Then poll:

\`\`\`sh
curl -s -X POST ${origin}/oauth/token -d grant_type=${claimGrantType} --data-urlencode "claim_token=$CLAIM_TOKEN"
\`\`\`

\`authorization_pending\`: wait the interval. \`slow_down\`: wait five seconds longer. \`expired_token\`: ask for a new code; if that answers \`claim_expired\`, register again. Success comes once: \`access_token\` and a new \`identity_assertion\`. From the moment of linking everything you held before is dead: access tokens, assertions, API keys. Workspace keys (\`fd_sbx_\`) go on working.

With an assertion of a trusted issuer nobody has to type: \`{"type":"identity_assertion","claim_token":…,"assertion":…}\` at the same address.

## Ask a person first

\`\`\`sh
curl -s -X POST ${origin}/agent/identity -H 'Content-Type: application/json' -d '{"type":"service_auth","login_hint":"someone@partner.example"}'
\`\`\`

Answer: \`claim_token\` and \`claim\` (as \`claim_attempt\` above), no assertion. Whether the address is known here is not told.

## Scopes

Asked for with \`scope\` at the token endpoint; without it you get all of your tier. To begin with you need \`${baselineScopes.join(' ')}\`.

| tier | scopes |
|---|---|
| \`anonymous\` | \`${scopesOfTier.anonymous.join(' ')}\` |
| \`key_bound\` | \`${scopesOfTier.key_bound.join(' ')}\` |
| \`domain_verified\` and above | \`${scopesOfTier.domain_verified.join(' ')}\` |

## Errors

JSON, \`{"error","error_description"}\`. At ${origin}/agent/identity and /agent/identity/claim:

| error | status | |
|---|---|---|
${rows(registrationFailures)}

At ${origin}/oauth/token (RFC 6749 §5.2):

| error | status | |
|---|---|---|
${rows(oauthFailures)}

## Limits

Bodies up to 16 KB. Registrations and token requests are counted by network (IPv4 /24, IPv6 /48); what is too much answers 429 with \`Retry-After\`. Active workspaces of tiers \`anonymous\` and \`key_bound\` are counted by network as well. How you register changes none of this.
`;
}

function rows(failures: Readonly<Record<string, { readonly status: number; readonly description: string }>>): string {
  return Object.entries(failures)
    .map(([error, { status, description }]) => `| \`${error}\` | ${status} | ${description} |`)
    .join('\n');
}
