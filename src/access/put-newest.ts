/** Adds the newest entry and lets go of the oldest: a flood of invented ones pushes out no more than other invented ones. */
export function putNewest<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > most && !oldest.done) map.delete(oldest.value);
}
