import { readFileSync } from 'node:fs';
import type { World } from './routes/world.ts';
import { assetNames } from './web/asset-names.ts';
import { type AssetName, assetPath } from './web/assets.ts';

/** The files for browsers, read once, by the names under which pages ask for them. On the platform they lie beside the functions. */
export function readAssets(): NonNullable<World['assets']> {
  const names = Object.keys(assetNames) as AssetName[];
  return new Map(
    names.map((name) => {
      const body = readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8');
      return [assetPath(name).replace('/assets/', ''), { type: types[name.endsWith('.css') ? 'css' : 'js'], body }];
    }),
  );
}

const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const;
