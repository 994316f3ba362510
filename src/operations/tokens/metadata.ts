import { agentScopes, baselineScopes } from '../../domain/scopes.ts';
import type { Desk } from '../desk.ts';
import { grants } from './grants.ts';

/**
 * The metadata of the authorization server (RFC 8414 §2). What is named is what the endpoints do: a client is an agent, and asks for
 * itself. `algorithms`: names of those with which a client may sign.
 */
export function authorizationServer({ origin }: Desk, algorithms: readonly string[]): object {
  return {
    issuer: origin,
    // Answers that there is no response type: agents ask for themselves. Clients of MCP take metadata without it for malformed.
    authorization_endpoint: `${origin}/oauth/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    revocation_endpoint: `${origin}/oauth/revoke`,
    jwks_uri: `${origin}/.well-known/jwks.json`,
    scopes_supported: agentScopes,
    response_types_supported: [],
    grant_types_supported: Object.keys(grants),
    token_endpoint_auth_methods_supported: authMethods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: authMethods,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    code_challenge_methods_supported: ['S256'],
    client_id_metadata_document_supported: true,
    dpop_signing_alg_values_supported: algorithms,
    service_documentation: `${origin}/docs`,
    agent_auth: agentAuth(origin),
  };
}

/**
 * The metadata of a resource (RFC 9728 §2). The API is known by the origin, the MCP endpoint by its own address: a token for one is not
 * for the other.
 */
export function protectedResource({ name, origin }: Desk, path: '' | '/mcp', algorithms: readonly string[]): object {
  return {
    resource: `${origin}${path}`,
    authorization_servers: [origin],
    // What an agent begins with; a call that needs more names it in its challenge.
    scopes_supported: baselineScopes,
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: algorithms,
    resource_name: name,
    resource_documentation: `${origin}/docs`,
    jwks_uri: `${origin}/.well-known/jwks.json`,
  };
}

const authMethods = ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'];

/** Self-registration, in the words of auth.md v0.7.0. */
function agentAuth(origin: string): object {
  return {
    skill: `${origin}/auth.md`,
    identity_endpoint: `${origin}/agent/identity`,
    claim_endpoint: `${origin}/agent/identity/claim`,
    identity_types_supported: ['anonymous', 'identity_assertion', 'service_auth'],
    identity_assertion: { assertion_types_supported: ['urn:ietf:params:oauth:token-type:id-jag'] },
  };
}
