/** A process that writes to an embedded database until it is killed, and prints each number once it is acknowledged. */
import { connectPglite } from '../../src/db/drivers/pglite.ts';

const [, , dataDir = ''] = process.argv;
const db = await connectPglite({
  dataDir,
  prepare: async (raw) => {
    await raw.exec('create role frontdesk_writer; create table tick (n int primary key); grant insert on tick to frontdesk_writer');
  },
});
for (let n = 1; ; n += 1) {
  await db.batch({ role: 'writer' }, [{ name: 'tick', text: 'insert into tick values ($1)', values: [n], read: () => undefined }]);
  process.stdout.write(`${n}\n`);
}
