import type { Child } from 'hono/jsx';
import type { HtmlEscapedString } from 'hono/utils/html';

/** A piece of a page: whatever stood in it as text was escaped. */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What may stand inside an element. */
export type Content = Child;
