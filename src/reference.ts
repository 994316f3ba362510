import { createReferenceApp } from './reference-app.ts';

/** Platform entry of the reference: OpenAPI for machines, pages for people. */
export const config = { runtime: 'edge' };

export default createReferenceApp();
