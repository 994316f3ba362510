/** A process that opens and closes data folders as its parent says, over the channel of `fork`. */

import { type DataFolder, openDataFolder } from '../../src/embedded/data-folder.ts';
import { DataFolderInUse } from '../../src/embedded/lock.ts';

export type Order = { readonly open: string; readonly at: number } | 'close';
export type Report =
  | { readonly outcome: 'ready' | 'won' | 'closed' }
  | { readonly outcome: 'in-use'; readonly owner: number }
  | { readonly outcome: 'failed'; readonly reason: string };

let held: DataFolder | undefined;

async function obey(order: Order): Promise<Report> {
  if (order === 'close') {
    await held?.close();
    held = undefined;
    return { outcome: 'closed' };
  }
  while (Date.now() < order.at);
  try {
    held = await openDataFolder(order.open);
    held.setHandlers({ 'who:are:you': async () => process.pid });
    return { outcome: 'won' };
  } catch (error) {
    if (error instanceof DataFolderInUse) return { outcome: 'in-use', owner: error.pid };
    return { outcome: 'failed', reason: String(error) };
  }
}

function report(message: Report): void {
  process.send?.(message);
}

process.on('message', (order: Order) => {
  obey(order).then(report, (error: unknown) => report({ outcome: 'failed', reason: String(error) }));
});
process.on('disconnect', () => process.exit());
report({ outcome: 'ready' });
