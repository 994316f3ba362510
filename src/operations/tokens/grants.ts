import { claimGrant, claimGrantType } from '../identities/claim-grant.ts';
import { clientCredentials } from './client-credentials.ts';
import { jwtBearer } from './jwt-bearer.ts';
import type { Grant } from './presented.ts';

/** What may be exchanged for an access token, by `grant_type`. The metadata of the authorization server names the same. */
export const grants: Readonly<Record<string, Grant>> = {
  client_credentials: clientCredentials,
  'urn:ietf:params:oauth:grant-type:jwt-bearer': jwtBearer,
  [claimGrantType]: claimGrant,
};
