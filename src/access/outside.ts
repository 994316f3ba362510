import { ok, type Refusal, refuse } from '../domain/result.ts';
import type { Outside, ProvenClient, Unproven } from '../operations/outside.ts';
import { type AssertionRefusal, type ClientAssertion, verifyClientAssertion } from './client-assertion.ts';
import { type ClientKey, type KeySource, type KeysRefusal, readClientKey, storedKeys } from './client-keys.ts';
import { type ClientMetadata, findClientMetadata, type MetadataRefusal } from './client-metadata.ts';
import { type Documents, failureSeconds, isOutage } from './documents.ts';
import { type SignatureRefusal, verifySignedRequest } from './http-signature.ts';
import { type IdJagRefusal, verifyIdJag } from './id-jag.ts';
import { directoryPath } from './signature-agent.ts';
import { rejected, type Verdict } from './verdict.ts';

/** What operations learn of strangers, from the documents that those publish. */
export function openOutside(documents: Documents): Outside {
  return {
    async proveClient({ assertion, clientId, keys, audiences, now }) {
      // Each registered key by itself: while an old one overlaps, an assertion that does not name its key may be by either.
      const sources = keys === null ? [publishedBy(clientId, documents)] : keys.map((key) => registered([key]));
      let reason: AssertionRefusal = 'keys_none';
      for (const source of sources) {
        const verdict = await verifyClientAssertion({ assertion, clientId, keys: source.keys, audiences, now });
        if (verdict.ok) return ok({ clientId, ...provenBy(verdict.value), document: documentOf(source.metadata(), clientId) });
        reason = verdict.reason;
      }
      return notProven(reason);
    },
    async proveIssued({ assertion, issuers, audience, now }) {
      const trusted = issuers.map(({ issuer, jwks_uri }) => ({ issuer, jwksUri: jwks_uri }));
      const verdict = await verifyIdJag({ assertion, issuers: trusted, audience, documents, now });
      return verdict.ok ? ok(verdict.value) : notProven(verdict.reason);
    },
    async proveRequest(request, now) {
      const verdict = await verifySignedRequest(request, { now, documents });
      if (!verdict.ok) return outageOf(verdict.reason) ?? refuse('auth.invalid');
      const { provesDomain: domain, ...signer } = verdict.value;
      return ok({ ...signer, domain, isDirectory: signer.documentUrl.endsWith(directoryPath) });
    },
  };
}

const provenBy = ({ jti, expiresAt, thumbprint }: ClientAssertion) => ({ jti, expiresAt, thumbprint });

function documentOf(metadata: ClientMetadata | null, clientId: string): ProvenClient['document'] {
  return metadata && { name: metadata.name ?? new URL(clientId).hostname, domain: metadata.proves };
}

interface Source {
  readonly keys: KeySource;
  /** The document that the keys are from, once they were asked for. */
  readonly metadata: () => ClientMetadata | null;
}

/** Nothing is fetched until somebody asks for a key: an assertion that is wrong by itself costs no call. */
function publishedBy(clientId: string, documents: Documents): Source {
  let found: Verdict<ClientMetadata, MetadataRefusal> | null = null;
  return {
    async keys(reload) {
      found ??= await findClientMetadata(clientId, documents);
      if (found.ok) return found.value.keys(reload);
      return rejected(isOutage(found.reason) ? found.reason : 'keys_malformed');
    },
    metadata: () => (found?.ok ? found.value : null),
  };
}

function registered(rows: readonly { readonly public_jwk: object }[]): Source {
  return {
    async keys(reload) {
      const read = await Promise.all(rows.map(({ public_jwk }) => readClientKey(public_jwk)));
      return storedKeys(read.flatMap((key): readonly ClientKey[] => (key.ok ? [key.value] : [])))(reload);
    },
    metadata: () => null,
  };
}

/**
 * The caller is told what is wrong with its own assertion; of anything that was looked up, only that it did not prove it,
 * or that a host does not answer, which anybody can see.
 */
function notProven(reason: AssertionRefusal | IdJagRefusal | KeysRefusal): Refusal<Unproven> {
  const detail = told[reason];
  return outageOf(reason) ?? refuse('auth.invalid', detail === undefined ? {} : { detail });
}

/** Who could not be looked up has not shown anything wrong. */
function outageOf(reason: AssertionRefusal | IdJagRefusal | KeysRefusal | SignatureRefusal): Refusal<'upstream.unavailable'> | null {
  if (!isOutage(reason)) return null;
  const detail = 'What was shown could not be checked: the host of the document or of the keys does not answer.';
  return refuse('upstream.unavailable', { detail, retryAfterS: reason === 'busy' ? 5 : failureSeconds });
}

const told: Readonly<Partial<Record<AssertionRefusal | IdJagRefusal | KeysRefusal, string>>> = {
  malformed: 'The assertion is no compact JWS of at most 8 KB.',
  typ_forbidden: 'The header typ is none that an assertion may have.',
  issuer_differs: 'iss and sub have to be the client id.',
  audience_differs: 'aud has to be the issuer or the address of this endpoint, and nothing else.',
  exp_missing: 'exp is missing, or a time is no number.',
  expired: 'The assertion has expired.',
  lives_too_long: 'The assertion may live for five minutes at most.',
  not_yet_valid: 'nbf is in the future.',
  issued_in_future: 'iat is in the future.',
  jti_unusable: 'jti is missing or unusable: 1 to 255 characters, new each time.',
  alg_forbidden: 'The algorithm is none of token_endpoint_auth_signing_alg_values_supported.',
};
