import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** An agent's Ed25519 key with which requests are signed as Web Bot Auth wants it (RFC 9421, draft-meunier-webbotauth-httpsig-protocol). */
export interface HttpSigner {
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  readonly thumbprint: string;
  /** The headers to send. `tamper` changes what is signed, by hand, so that a test can leave something out. */
  sign(request: ToSign, tamper?: Tampering): Promise<Record<string, string>>;
}

export interface ToSign {
  readonly method: string;
  readonly url: string;
  readonly body?: string;
  /** The value of Signature-Agent, for example `sig1="https://acme.example"`. */
  readonly agent: string;
  readonly created: Date;
}

export interface Tampering {
  /** Identifiers as they are written, for example `"signature-agent";key="sig1"`; each with its value. */
  readonly components?: (all: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** Parameters in order; undefined leaves one out. */
  readonly parameters?: Readonly<Record<string, string | number | undefined>>;
}

let count = 0;

export async function httpSigner(): Promise<HttpSigner> {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(publicKey), exportJWK(privateKey)]);
  const thumbprint = await calculateJwkThumbprint(publicJwk);
  return {
    ...{ publicJwk, privateJwk, thumbprint },
    async sign({ method, url, body = '', agent, created }, { components, parameters = {} } = {}) {
      const { host, pathname, search } = new URL(url);
      const digest = contentDigest(body);
      const whole = {
        ...{ '"@method"': method, '"@authority"': host, '"@path"': pathname, ...(search === '' ? {} : { '"@query"': search }) },
        ...{ '"content-digest"': digest, '"signature-agent"': agent },
      };
      const covered = components === undefined ? whole : components(whole);
      const createdS = Math.floor(created.getTime() / 1000);
      count += 1;
      const all = {
        created: createdS,
        expires: createdS + 60,
        keyid: thumbprint,
        nonce: `nonce-${count}`,
        tag: 'web-bot-auth',
        ...parameters,
      };
      const written = Object.entries(all).flatMap(([name, value]) =>
        value === undefined ? [] : [`;${name}=${typeof value === 'number' ? value : `"${value}"`}`],
      );
      const input = `(${Object.keys(covered).join(' ')})${written.join('')}`;
      const lines = [...Object.entries(covered).map(([name, value]) => `${name}: ${value}`), `"@signature-params": ${input}`];
      const signature = await crypto.subtle.sign('Ed25519', privateKey, new TextEncoder().encode(lines.join('\n')));
      return {
        'content-digest': digest,
        'signature-agent': agent,
        'signature-input': `sig1=${input}`,
        signature: `sig1=:${Buffer.from(signature).toString('base64')}:`,
      };
    },
  };
}

/** RFC 9530 §2. */
export function contentDigest(body: string, algorithm: 'sha-256' | 'sha-512' = 'sha-256'): string {
  return `${algorithm}=:${createHash(algorithm.replace('-', '')).update(body).digest('base64')}:`;
}
