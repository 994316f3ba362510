import * as z from 'zod';

/** SHA-256 in hex of the session that the browser has, which the new one takes the place of. */
export const previousSession = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .nullable();

/** What a browser keeps that asked for a link: the link works there only. */
export const browserNonce = z.string().regex(/^[0-9a-f]{64}$/);

/** The token in the address of a sign-in link. */
export const linkToken = z.string().regex(/^[0-9A-Za-z]{43}$/);

/** For how long a browser keeps it. */
export const seconds = z.int().min(1);

/** Shown once, for the cookie of the browser that signed in. */
export const signedIn = z.strictObject({ session: z.string(), expires_in: seconds });
