import * as z from 'zod';
import type { OwnSessionRow } from '../../db/passkey-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { type Issue, ok, type Result, refuse } from '../../domain/result.ts';
import type { Desk } from '../desk.ts';
import type { PasskeyPlace } from '../passkey-verifier.ts';

/** SHA-256 in hex of the session that asks. */
export const sessionHash = z.string().regex(/^[0-9a-f]{64}$/);

/** A sealed challenge that the browser brings back. */
export const kept = z.string().max(1024);

/** What the page's script was answered, as JSON text. */
export const answer = z.string().max(12_000);

/** What a page shows the browser, and what it wants back with the answer. */
export const begun = z.strictObject({ options: z.string(), kept: z.string() });

const base64url = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/);

/** WebAuthn §4: at most 1023 bytes. */
export const credentialId = base64url(1364);

const registration = z.strictObject({
  id: credentialId,
  clientDataJSON: base64url(4096),
  attestationObject: base64url(8192),
  transports: z.array(z.string().regex(/^[a-z-]{1,16}$/)).max(8),
});

const presence = z.strictObject({
  id: credentialId,
  clientDataJSON: base64url(4096),
  authenticatorData: base64url(2048),
  signature: base64url(1024),
});

export const readRegistration = (text: string) => readAnswer(registration, text);
export const readPresence = (text: string) => readAnswer(presence, text);

function readAnswer<T extends z.ZodType>(form: T, text: string): Result<z.output<T>, 'request.invalid'> {
  try {
    const read = form.safeParse(JSON.parse(text));
    return read.success ? ok(read.data) : noAnswer;
  } catch {
    return noAnswer;
  }
}

const issue: Issue = { pointer: '/answer', code: 'passkey', message: 'Expected what a browser answers.' };
const noAnswer = refuse('request.invalid', { issues: [issue] });

/** The person's own session; nobody else's is spoken of. */
export function ownSession(session: OwnSessionRow | null, principal: Principal): Result<OwnSessionRow, 'resource.not_found'> {
  return session !== null && session.person_id === principal.id && principal.person !== undefined
    ? ok(session)
    : refuse('resource.not_found');
}

/** Where a challenge counts. */
export function placeOf(
  { desk, now, principal }: { readonly desk: Desk; readonly now: Date; readonly principal: Principal },
  session: string,
): PasskeyPlace {
  return { tenant: desk.tenant, origin: desk.origin, vendor: desk.name, personId: principal.id, session, now };
}
