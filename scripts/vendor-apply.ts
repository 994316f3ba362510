/** `npm run vendor:apply -- [file] [--origin https://desk.example.com] [--host desk.example.com …]` */
import { parseArgs } from 'node:util';
import type { Applied } from '../src/admin/apply-vendor.ts';
import type { Result } from '../src/domain/result.ts';
import { explain } from '../src/embedded/seed-demo.ts';
import { readVendorFile } from '../src/open-world.ts';
import { configOfShell, exitOn, runAdmin } from './admin.ts';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { origin: { type: 'string' }, host: { type: 'string', multiple: true } },
    allowPositionals: true,
  });
  const file = positionals[0] ?? configOfShell().vendorFile;
  const raw = await readVendorFile(file);
  const hosts = values.host ?? (configOfShell().mode === 'embedded' ? ['localhost'] : undefined);
  // The command answers what `applyVendor` answers, over the control socket as JSON.
  const applied = (await runAdmin('vendor.apply', {
    raw,
    ...(values.origin ? { origin: values.origin } : {}),
    ...(hosts ? { hosts } : {}),
  })) as Result<Applied>;
  if (!applied.ok) throw new Error(`${file} was not applied.\n${explain(applied)}`);
  const { changed, tenant, origin, program, revision } = applied.value;
  console.log(changed.length === 0 ? `Nothing to change: ${tenant} stands as ${file} says.` : `Applied ${file}: ${changed.join(', ')}.`);
  console.log(`${tenant} at ${origin}, revision ${revision}; terms ${program.id} version ${program.version}, sha256 ${program.sha256}`);
}

main().catch(exitOn);
