import { invalid, StripeFailure } from '../failure.ts';
import { apiVersion, type World } from '../world.ts';
import type { Route } from './routes.ts';

/** The secret key of a request, from Bearer or Basic. Failures: 401 without a test key, 400 with another version. */
export function authenticate(headers: Headers): string {
  const key = keyOf(headers.get('authorization') ?? '');
  if (key === undefined) {
    throw invalid('You did not provide an API key. You need to provide your API key in the Authorization header.', { status: 401 });
  }
  if (!/^(?:sk|rk)_test_[A-Za-z0-9_]{1,200}$/.test(key)) throw invalid('Invalid API Key provided.', { status: 401 });
  const version = headers.get('stripe-version');
  if (version !== apiVersion) {
    throw invalid(`The simulator speaks version ${apiVersion} only: pin it in Stripe-Version.`, { code: 'invalid_stripe_version' });
  }
  return key;
}

function keyOf(header: string): string | undefined {
  const [scheme = '', value = ''] = header.split(' ');
  if (/^bearer$/i.test(scheme) && value !== '') return value;
  if (!/^basic$/i.test(scheme) || !/^[A-Za-z0-9+/=]+$/.test(value)) return undefined;
  return atob(value).split(':')[0] || undefined;
}

/** A restricted key may do what its permissions say: `customers:write`, `*:read`. Writing includes reading. */
export function authorize(world: World, key: string, { permission }: Route): void {
  const permissions = world.state.permissions[key] ?? (key.startsWith('rk_test_ro') ? ['*:read'] : ['*:write']);
  const [noun = '', verb = ''] = permission.split(':');
  const isAllowed = [noun, '*'].some(
    (of) => permissions.includes(`${of}:write`) || (verb === 'read' && permissions.includes(`${of}:read`)),
  );
  if (isAllowed) return;
  throw new StripeFailure(403, {
    type: 'invalid_request_error',
    code: 'more_permissions_required',
    message:
      `The provided key does not have the required permissions for this endpoint on account '${world.state.account}'. ` +
      `Having the 'rak_${noun.replaceAll('/', '_').replace(/s$/, '')}_${verb}' permission would allow this request to continue.`,
  });
}
