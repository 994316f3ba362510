export type Interval = 'day' | 'week' | 'month' | 'year';

/** `count` intervals after a moment (seconds, UTC); months keep the day, or take the month's last. */
export function addInterval(from: number, interval: string, count: number): number {
  if (interval === 'day') return from + count * 86_400;
  if (interval === 'week') return from + count * 604_800;
  const months = interval === 'year' ? 12 * count : count;
  const date = new Date(from * 1000);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return Math.floor(date.getTime() / 1000);
}

/** The end of the period that begins at `start`, counted from the anchor so that the 31st comes back after February. */
export function periodEnd(anchor: number, start: number, interval: string, count: number): number {
  for (let step = 1; ; step += 1) {
    const end = addInterval(anchor, interval, step * count);
    if (end > start) return end;
  }
}
