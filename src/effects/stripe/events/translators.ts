import type { Translator } from '../translator.ts';

/**
 * What is made of each type of event. The keys are the list: the webhook endpoint asks for these types and no others, and what comes
 * beside them is stored and ignored.
 */
export const translators: Readonly<Record<string, Translator>> = {};
