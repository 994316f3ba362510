import { AjvJsonSchemaValidator as ModernAjv } from '@modelcontextprotocol/client/validators/ajv';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import { AjvJsonSchemaValidator as LegacyAjv } from '@modelcontextprotocol/sdk/validation/ajv';
import { describe, expect, it } from 'vitest';
import { toolsOf } from '../../src/mcp/tools.ts';
import { catalogue } from '../../src/operations/catalogue.ts';

describe('the tools of the catalogue', () => {
  const tools = toolsOf(catalogue);

  it('are the operations that agents need, at most twenty, each with a title, words and all four annotations', () => {
    expect(tools.map(({ name }) => name)).toEqual(catalogue.filter(({ mcp }) => mcp).map(({ name }) => name));
    expect(tools.length).toBeLessThanOrEqual(20);
    for (const { name, title, description, annotations } of tools) {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(title).toBeTruthy();
      expect(description?.length).toBeGreaterThan(60);
      expect(Object.keys(annotations ?? {}).sort()).toEqual([
        'destructiveHint',
        'idempotentHint',
        'openWorldHint',
        'readOnlyHint',
        'title',
      ]);
    }
  });

  it('have self-contained schemas of objects that the validators of both official clients compile', () => {
    const validators = [new LegacyAjv(), new ModernAjv(), new CfWorkerJsonSchemaValidator()];
    for (const { inputSchema, outputSchema } of tools) {
      for (const schema of [inputSchema, outputSchema]) {
        expect(schema?.type).toBe('object');
        expect(JSON.stringify(schema)).not.toContain('"$ref"');
        for (const validator of validators) expect(validator.getValidator(JSON.parse(JSON.stringify(schema)))([]).valid).toBe(false);
      }
    }
  });

  it('take idempotency_key exactly where they write, and workspace_key exactly where they name a workspace they act in', () => {
    for (const { name, annotations, inputSchema } of tools) {
      expect([name, inputSchema.required?.includes('idempotency_key') ?? false]).toEqual([name, annotations?.readOnlyHint === false]);
      const named = inputSchema.required?.includes('workspace_id') ?? false;
      expect([name, 'workspace_key' in (inputSchema.properties ?? {})]).toEqual([name, named]);
      expect(inputSchema.required ?? []).not.toContain('workspace_key');
    }
  });
});
