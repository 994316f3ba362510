import { catalogue } from '../operations/catalogue.ts';
import { referencePage } from '../web/reference-pages.ts';
import { openApiDocument } from './openapi.ts';

// Each is a function of the version alone: the edge bundles hold these texts, not what makes them (scripts/bundle-edge.ts).

/** The OpenAPI document of the catalogue, as JSON. */
export const openApiText = (version: string): string => JSON.stringify(openApiDocument(catalogue, version));

/** The catalogue for people, as HTML. */
export const referenceHtml = (_version: string): string => referencePage(catalogue);
