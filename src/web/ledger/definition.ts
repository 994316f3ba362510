import type * as z from 'zod';
import type { Principal } from '../../domain/actor.ts';
import type { Issue } from '../../domain/result.ts';
import type { Desk } from '../../operations/desk.ts';
import type { Operation, Typed } from '../../operations/operation.ts';
import type { Locale } from '../locale.ts';
import type { Markup } from '../markup.ts';
import type { Preferences } from '../preferences.ts';
import type { ScriptName } from '../shell.tsx';
import type { NavKey } from './navigation.ts';

type AnyTyped = Typed<z.ZodObject, z.ZodType>;
type Asks = Readonly<Record<string, AnyTyped>>;
type Inputs<A extends Asks> = { readonly [K in keyof A]: z.input<A[K]['input']> };
type Answers<A extends Asks> = { readonly [K in keyof A]: z.output<A[K]['output']> };

/** Where somebody is: the address of a page, taken apart. */
export interface Place {
  readonly url: URL;
  /** Of the path. */
  readonly params: Readonly<Record<string, string>>;
  /** Of the query: its first value; undefined where it is absent or empty. */
  readonly query: (name: string) => string | undefined;
}

/** What was wrong with what somebody did on a page. */
export interface Problem {
  /** A sentence in the language of the page. */
  readonly text: string;
  /** What the operation says of each field that cannot be used, by its pointer. */
  readonly issues: readonly Issue[];
}

/** What every part of a page may need to know. */
export interface Scene extends Place {
  readonly desk: Desk;
  readonly principal: Principal;
  readonly locale: Locale;
  readonly preferences: Preferences;
  readonly now: Date;
  /** Whether who looks may ask for this: what they may not do is not offered. */
  readonly may: (operation: Operation) => boolean;
  /** What somebody typed into a form that was refused; empty otherwise. */
  readonly typed: URLSearchParams;
  readonly problem: Problem | null;
}

/**
 * A page is a value: the operations that it asks, and how their answers look. Each ask is one call of `perform` and one round trip; all are
 * asked at once. `asks`: without one of them there is no page, and whoever may not ask it finds nothing there. `besides`: what the page does
 * without; its answer is null where the caller may not ask, where there is nothing, or where `input` gives null for it.
 */
export interface PageParts<A extends Asks, B extends Asks> {
  /** As OpenAPI writes paths. */
  readonly path: string;
  readonly nav: NavKey;
  readonly title: (answers: Answers<A>, scene: Scene) => string;
  readonly asks: A;
  readonly besides?: B;
  readonly input: (place: Place) => Inputs<A> & { readonly [K in keyof B]?: Inputs<B>[K] | null };
  /** Scripts beside those of every page. */
  readonly scripts?: readonly ScriptName[];
  readonly render: (answers: Answers<A> & { readonly [K in keyof B]: Answers<B>[K] | null }, scene: Scene) => Markup;
}

/** A page as its door sees it. Generic types end here. */
export interface LedgerPage {
  readonly path: string;
  readonly nav: NavKey;
  readonly asks: Readonly<Record<string, Operation>>;
  readonly besides: Readonly<Record<string, Operation>>;
  readonly input: (place: Place) => Readonly<Record<string, unknown>>;
  readonly scripts?: readonly ScriptName[];
  readonly title: (answers: Readonly<Record<string, unknown>>, scene: Scene) => string;
  readonly render: (answers: Readonly<Record<string, unknown>>, scene: Scene) => Markup;
}

export function definePage<A extends Asks, B extends Asks = Record<never, never>>(parts: PageParts<A, B>): LedgerPage {
  const { besides, ...page } = parts;
  // The door hands `render` what these very operations answered, each checked against its own schema.
  return { ...page, besides: besides ?? {} } as unknown as LedgerPage;
}

/** Something that can be done on a page: a form that is posted, one operation, and back to a page. */
export interface ActionParts<O extends AnyTyped> {
  /** As OpenAPI writes paths. */
  readonly path: string;
  readonly operation: O;
  /** The operation's input, of what was typed and of the path. What is wrong with it, the operation says. */
  readonly input: (form: URLSearchParams, params: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>;
  /** The address of the page on which its form stands: shown again with what was wrong, and returned to, saying what was done. */
  readonly page: (params: Readonly<Record<string, string>>, form: URLSearchParams) => string;
  /** Where to go once it is done, if not back. */
  readonly next?: (output: z.output<O['output']>) => string;
  /** Shown in place of that, once: for what is not shown again. */
  readonly shown?: (output: z.output<O['output']>, scene: Scene) => { readonly title: string; readonly body: Markup };
}

export interface LedgerAction {
  readonly path: string;
  readonly operation: Operation;
  readonly input: (form: URLSearchParams, params: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>;
  readonly page: (params: Readonly<Record<string, string>>, form: URLSearchParams) => string;
  readonly next?: (output: unknown) => string;
  readonly shown?: (output: unknown, scene: Scene) => { readonly title: string; readonly body: Markup };
}

export function defineAction<O extends AnyTyped>(parts: ActionParts<O>): LedgerAction {
  return parts as unknown as LedgerAction;
}
