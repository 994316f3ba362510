import { hexToBytes } from '@noble/hashes/utils.js';
import {
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, decodeClientDataJSON, isoBase64URL } from '@simplewebauthn/server/helpers';
import * as z from 'zod';
import { challengeSeconds } from '../domain/passkey.ts';
import { ok, type Refusal, refuse } from '../domain/result.ts';
import type { Begun, KnownPasskey, PasskeyPlace, PasskeyVerifier } from '../operations/passkey-verifier.ts';
import { seal, unseal } from './seal.ts';

/**
 * Passkeys (Web Authentication Level 3) at the host of a tenant's origin. The authenticator must have verified its user. Where an
 * authenticator comes from is neither asked nor looked at.
 */
export function openPasskeys(masterKey: Uint8Array): PasskeyVerifier {
  const begin = async (place: PasskeyPlace, use: Use, optionsFor: (challenge: Bytes) => Promise<object>): Promise<Begun> => {
    const challenge = crypto.getRandomValues(new Uint8Array(32));
    const until = Math.floor(place.now.getTime() / 1000) + challengeSeconds;
    const text = new TextEncoder().encode(JSON.stringify({ challenge: isoBase64URL.fromBuffer(challenge), until }));
    const options = JSON.stringify(await optionsFor(challenge));
    return { options, kept: await seal(text, masterKey, owner(place, use)) };
  };

  return {
    beginRegistration: (asked) =>
      begin(asked, 'registration', (challenge) =>
        generateRegistrationOptions({
          ...{ rpName: asked.vendor, rpID: hostOf(asked.origin), challenge, timeout: challengeSeconds * 1000 },
          // What the authenticator keeps of the person is the id, which says nothing by itself (§14.6.1).
          ...{ userID: new TextEncoder().encode(asked.personId), userName: asked.name },
          ...{ attestationType: 'none', supportedAlgorithmIDs: algorithms, excludeCredentials: asked.known.map(descriptorOf) },
          authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        }),
      ),

    async finishRegistration({ response, kept, ...place }) {
      try {
        if (isFramed(response.clientDataJSON)) return notProven;
        const { id, clientDataJSON } = response;
        const attestationObject = unattested(response.attestationObject);
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response: { ...asCredential(id), response: { clientDataJSON, attestationObject } },
          ...{ expectedChallenge: await opened(kept, masterKey, place, 'registration'), ...expected(place) },
          supportedAlgorithmIDs: algorithms,
        });
        if (!verified || registrationInfo.credential.id !== id) return notProven;
        const { publicKey, counter } = registrationInfo.credential;
        return ok({ credential_id: id, public_key: isoBase64URL.fromBuffer(publicKey), counter, transports: response.transports });
      } catch {
        return notProven;
      }
    },

    beginStepUp: (asked) =>
      begin(asked, 'step_up', (challenge) =>
        generateAuthenticationOptions({
          ...{ rpID: hostOf(asked.origin), challenge, timeout: challengeSeconds * 1000 },
          ...{ userVerification: 'required', allowCredentials: asked.known.map(descriptorOf) },
        }),
      ),

    async finishStepUp({ response, kept, passkey, ...place }) {
      try {
        if (isFramed(response.clientDataJSON)) return notProven;
        const { id, clientDataJSON, authenticatorData, signature } = response;
        const publicKey = isoBase64URL.toBuffer(passkey.public_key);
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: { ...asCredential(id), response: { clientDataJSON, authenticatorData, signature } },
          ...{ expectedChallenge: await opened(kept, masterKey, place, 'step_up'), ...expected(place) },
          credential: { id: passkey.credential_id, publicKey, counter: passkey.counter },
        });
        return verified && id === passkey.credential_id ? ok({ counter: authenticationInfo.newCounter }) : notProven;
      } catch {
        return notProven;
      }
    },
  };
}

type Use = 'registration' | 'step_up';
type Bytes = Uint8Array<ArrayBuffer>;

/** EdDSA, ES256 and RS256, as the COSE registry numbers them. */
const algorithms = [-8, -7, -257];
const notProven: Refusal<'challenge.required'> = refuse('challenge.required', { detail: 'The passkey was not accepted.' });

/** A challenge opens for the very person in the very session, and for what it was made for. */
const owner = ({ tenant, personId, session }: PasskeyPlace, use: Use) => ({ tenant, kid: `passkey ${use} ${personId} ${session}` });

const keptForm = z.strictObject({ challenge: z.string(), until: z.int() });

/** Rejects what is not ours, not theirs, or too late. */
async function opened(kept: string, masterKey: Uint8Array, place: PasskeyPlace, use: Use): Promise<string> {
  const { challenge, until } = keptForm.parse(JSON.parse(new TextDecoder().decode(await unseal(kept, masterKey, owner(place, use)))));
  if (until * 1000 <= place.now.getTime()) throw new Error('a challenge has expired');
  return challenge;
}

const expected = ({ origin }: PasskeyPlace) => ({
  ...{ expectedOrigin: new URL(origin).origin, expectedRPID: hostOf(origin) },
  requireUserVerification: true,
});

const hostOf = (origin: string): string => new URL(origin).hostname;

const asCredential = (id: string) => ({ id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} });

const knownTransports = ['ble', 'hybrid', 'internal', 'nfc', 'usb'] as const satisfies readonly AuthenticatorTransport[];

const descriptorOf = ({ credential_id, transports }: KnownPasskey) => ({
  id: credential_id,
  transports: knownTransports.filter((known) => transports.includes(known)),
});

/**
 * The attestation object with the format `none` (§8.7), whatever statement came: we trust no maker of authenticators, and the library would
 * read certificates in a statement and fetch what they name. CBOR of `{ fmt: "none", attStmt: {}, authData }` (RFC 8949 §3).
 */
function unattested(attestationObject: string): string {
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get('authData');
  const head = [...hexToBytes('a363666d74646e6f6e656761747453746d74a068617574684461746159'), authData.length >> 8, authData.length & 255];
  return isoBase64URL.fromBuffer(new Uint8Array([...head, ...authData]));
}

/** In a frame of another site nobody sees what they agree to (§13.4.9). */
const isFramed = (clientDataJSON: string): boolean => decodeClientDataJSON(clientDataJSON).crossOrigin === true;
