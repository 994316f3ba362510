/**
 * What may be private and plain http at the far end of this address, as `host:port`: the operator's list and, where `local` is set (so
 * that everything can be tried on one machine), the address itself when it is `localhost` or 127.0.0.1.
 */
export function vouchedFor(
  url: string,
  { allow, local }: { readonly allow: readonly string[]; readonly local: boolean },
): readonly string[] {
  if (!local || !URL.canParse(url)) return allow;
  const { hostname, port, protocol } = new URL(url);
  if (hostname !== 'localhost' && hostname !== '127.0.0.1') return allow;
  return [...allow, `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`];
}
