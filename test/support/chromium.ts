/** Chromium as it is installed here, driven without a browser of the driver's own. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

/** Where it is; null where there is none, and then tests that need one say so and are left out. */
export const chromiumPath: string | null =
  [process.env.CHROMIUM_PATH, ...places].find((path) => path !== undefined && existsSync(path)) ?? null;

export function launchChromium(): Promise<Browser> {
  if (chromiumPath === null) throw new Error('There is no Chromium here. Install it, or say with CHROMIUM_PATH where it is.');
  // Nobody but us is in there: pages of a server on this machine.
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb'] });
}
