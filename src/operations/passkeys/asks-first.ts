import type { Principal } from '../../domain/actor.ts';
import { isSteppedUp } from '../../domain/passkey.ts';
import type { Operation } from '../operation.ts';

/** Whether a person would be asked for a passkey before this is done: a form then says so before anything is typed into it. */
export const asksForPasskey = ({ access }: Operation, { person }: Principal, now: Date): boolean =>
  access !== 'public' && access.stepUp === true && person !== undefined && !isSteppedUp(person.steppedUpAt, now);
