import { assetNames } from './asset-names.ts';

export type AssetName = keyof typeof assetNames;

/** Where a file for browsers is to be had: an address that changes with its bytes, so that it may be kept for ever. */
export const assetPath = (name: AssetName): string => `/assets/${assetNames[name]}`;
