/** Where something stands in an input: names and indices from the root. */
export type Place = readonly (string | number)[];

/** Every place of an input but its root, outermost first. */
export function placesIn(value: unknown, within: Place = []): Place[] {
  const inner = Object.entries(typeof value === 'object' && value !== null ? value : {}).flatMap(([key, item]) =>
    placesIn(item, [...within, Array.isArray(value) ? Number(key) : key]),
  );
  return within.length === 0 ? inner : [within, ...inner];
}

/** A copy in which something else stands at a place, which may be new. Members of any name are kept as members. */
export function replaced<T>(value: T, place: Place, by: unknown): T;
export function replaced(value: unknown, [step, ...rest]: Place, by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((item, at) => (at === step ? replaced(item, rest, by) : item));
  const members = Object.entries(typeof value === 'object' && value !== null ? value : {});
  const others = members.filter(([key]) => key !== String(step));
  const old = members.find(([key]) => key === String(step))?.[1];
  return Object.fromEntries([...others, [String(step), replaced(old, rest, by)]]);
}

/** A copy without what stands at a place. */
export function without<T>(value: T, place: Place): T;
export function without(value: unknown, [step, ...rest]: Place): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  const kept = (key: string | number) => rest.length > 0 || String(key) !== String(step);
  const inner = (key: string | number, item: unknown) => (String(key) === String(step) ? without(item, rest) : item);
  if (Array.isArray(value)) return value.flatMap((item, at) => (kept(at) ? [inner(at, item)] : []));
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (kept(key) ? [[key, inner(key, item)]] : [])));
}
