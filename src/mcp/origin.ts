/** Hosts that only this machine reaches; a page of any other site must not talk to them (DNS rebinding). */
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a browser page of this origin may speak to the door (MCP 2026-07-28, transports, "Security warning"). No header: not a page.
 * On a loopback host only loopback pages; elsewhere the desk's own pages and any https page, since only a bearer token says who calls.
 */
export function isWelcomeOrigin(header: string | null, url: URL, deskOrigin: string): boolean {
  if (header === null) return true;
  const origin = URL.canParse(header) ? new URL(header) : null;
  if (!origin || origin.origin !== header) return false;
  if (loopback.has(url.hostname)) return loopback.has(origin.hostname);
  return header === deskOrigin || origin.protocol === 'https:';
}
