/** Every bound on what a stranger may send as a schema or a row. Sizes are in the unit that the name ends with; the rest are counts. */
export const dataSchemaLimits = {
  /** The schema document, serialised as UTF-8 JSON. */
  documentBytes: 65_536,
  /** Nesting of the raw JSON document. */
  documentDepth: 32,
  /** Nesting of fields: an entity's own fields are level 1; every nested object or array item is one more. */
  schemaDepth: 8,
  entities: 20,
  /** Fields over all entities and levels, counted after references are inlined. */
  properties: 200,
  /** References and `allOf`, `anyOf`, `oneOf` branches followed while planning. */
  expansions: 400,
  mappingLines: 4_000,
  /** The planned model, in characters of JSON. References can repeat a large definition many times. */
  modelCharacters: 262_144,
  /** Property and entity names, and keys of free-form objects in rows. */
  nameCharacters: 64,
  /** Any other key of the document. */
  keyCharacters: 256,
  /** An original name kept as untrusted text. */
  originalCharacters: 80,
  /** A title or description kept as untrusted text. */
  descriptionCharacters: 280,
  enumValues: 300,
  /** One `enum`, `const` or `default` value, as JSON. */
  enumValueCharacters: 1_000,
  /** Any string of a row, and any `maxLength`. */
  stringCharacters: 4_000,
  /** The largest `minLength` that is honoured. */
  minLengthCharacters: 1_000,
  arrayItems: 100,
  /** The smallest value an array field may force, in characters of JSON; a larger `minItems` is dropped. */
  forcedArrayCharacters: 4_000,
  /** One untyped value in a row. */
  jsonDepth: 8,
  jsonNodes: 1_000,
  patternCharacters: 512,
  patternRepeat: 1_000,
  /** Nesting of groups. */
  patternDepth: 20,
  /** Instructions of one compiled pattern, and of all patterns of one model. */
  patternProgram: 2_048,
  patternProgramTotal: 8_000,
  /** Matching steps spent on the patterns of one row. Above `properties` × `stepsPerSampleCheck`, so that every synthetic row passes. */
  patternStepsPerRow: 1_200_000,
  /** Steps (matching, and making values) spent to find the fixed value that shows that constraints can be met. */
  stepsPerSample: 40_000,
  /** Steps spent on all such searches of one planning run; patterns and list constraints that come later are dropped. */
  stepsPerPlan: 600_000,
  /** Matching steps that checking one sample value may take. */
  stepsPerSampleCheck: 5_000,
  /** Steps spent on all rows of one call before fixed values stand in for invented ones. */
  stepsPerSyntheticCall: 4_000_000,
  issues: 50,
  filters: 5,
  syntheticRows: 100,
  /** Rows of one call stop before this many characters of JSON, which may be fewer rows than asked for. */
  syntheticCharacters: 524_288,
} as const;
