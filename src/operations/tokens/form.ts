import * as z from 'zod';
import { ok, type Result, refuse } from '../../domain/result.ts';

/** A JWT of a client's or an issuer's own, with what it says of itself: taken apart, not verified. Null: it is no such JWT at all. */
const asserted = z.strictObject({
  jwt: z.string().max(16_384),
  said: z.strictObject({ issuer: z.string().max(512), subject: z.string().max(512), jti: z.string().max(255) }).nullable(),
});
export type Asserted = z.output<typeof asserted>;

/** RFC 6749 appendix A: printable ASCII. */
const printable = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[\x20-\x7e]+$/);

/** How a client says who it is, whatever it asks for (RFC 6749 §2.3, RFC 7521 §4.2). */
export const clientForm = {
  client_id: printable(512).nullable().default(null),
  client_secret: printable(512).nullable().default(null),
  client_assertion_type: printable(100).nullable().default(null),
  client_assertion: asserted.nullable().default(null),
};

/** The parameters of a token request, as the endpoint read them (RFC 6749 §4.4.2, RFC 7523 §2.1, RFC 8707 §2). */
export const tokenForm = z.strictObject({
  ...clientForm,
  grant_type: printable(100),
  assertion: asserted.nullable().default(null),
  claim_token: printable(100).nullable().default(null),
  scope: z
    .string()
    .max(1000)
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/)
    .nullable()
    .default(null),
  resource: z.array(z.string().max(512)).max(10).default([]),
  dpop_jkt: z.string().length(43).nullable().default(null).describe('Thumbprint of the key that a DPoP proof with the request showed.'),
});
export type TokenForm = z.output<typeof tokenForm>;

export type ClientForm = Pick<TokenForm, keyof typeof clientForm>;

/** The one way in which a client showed who it is; null: in none. */
export type ShownBy = { readonly by: 'assertion'; readonly asserted: Asserted } | { readonly by: 'secret'; readonly secret: string } | null;

/** RFC 6749 §2.3: no more than one way in a request. */
export function shownBy({ client_secret, client_assertion, client_assertion_type }: ClientForm): Result<ShownBy, 'invalid_request'> {
  if (client_assertion !== null) {
    const isRight = client_secret === null && client_assertion_type === jwtBearerType;
    return isRight ? ok({ by: 'assertion', asserted: client_assertion }) : refuse('invalid_request');
  }
  if (client_assertion_type !== null) return refuse('invalid_request');
  return ok(client_secret === null ? null : { by: 'secret', secret: client_secret });
}

const jwtBearerType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
