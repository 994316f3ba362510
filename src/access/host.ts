/**
 * The host of a request as tenants are stored under it: lower case, without a final dot and without a default port. Null for what is no
 * host name or IP literal at all.
 */
export function normaliseHost(host: string): string | null {
  if (host.length > longest) return null;
  const match = form.exec(host.toLowerCase());
  const [, name, port] = match ?? [];
  if (name === undefined) return null;
  return port === undefined || port === '80' || port === '443' ? name : `${name}:${port}`;
}

/** The same for the embedded default, where this machine's own names are one host, `localhost`, whatever the port. */
export function normaliseLocalHost(host: string): string | null {
  const normal = normaliseHost(host);
  return normal !== null && /^(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]+)?$/.test(normal) ? 'localhost' : normal;
}

/** A domain name of 253 characters, a final dot, a colon and a port. */
const longest = 260;
const form = /^([a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])\.?(?::([0-9]{1,5}))?$/;
