import { workspaceKeyCredential } from '../access/credential.ts';
import type { Call } from '../operations/call.ts';
import { isChallenged, type Operation } from '../operations/operation.ts';

/** What REST carries in headers is an argument here. Each entry: which tools take it, and how it is described to an agent. */
export const doorArguments = {
  idempotency_key: {
    required: true,
    takenBy: ({ kind, keyed }: Operation) => kind === 'write' && keyed !== false,
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      description: 'A new UUID per intent; repeated with the same input, it answers as the first time.',
    },
  },
  workspace_key: {
    required: false,
    takenBy: isWorkspaceTool,
    schema: {
      type: 'string',
      maxLength: 64,
      description: 'The workspace’s own key (credentials.api_key), for clients that cannot set headers.',
    },
  },
  challenge_response: {
    required: false,
    takenBy: (operation: Operation) => isChallenged(operation) && operation.kind === 'write',
    schema: { type: 'string', maxLength: 256, description: 'Solved challenge.' },
  },
} as const;

/** Takes the door's own arguments off the flat object: the key and the credential of the call, and the operation's input. */
export function takeDoorArguments(
  operation: Operation,
  call: Call,
  args: Readonly<Record<string, unknown>>,
): { readonly call: Call; readonly input: Readonly<Record<string, unknown>> } {
  const input = { ...args };
  const key = take(input, operation, 'idempotency_key');
  const secret = take(input, operation, 'workspace_key');
  const answer = take(input, operation, 'challenge_response');
  return {
    input,
    call: {
      ...call,
      ...(typeof key === 'string' ? { idempotencyKey: key } : {}),
      ...(typeof answer === 'string' ? { challengeResponse: answer } : {}),
      ...(secret === undefined || secret === null ? {} : { credential: workspaceKeyCredential(typeof secret === 'string' ? secret : '') }),
    },
  };
}

function take(input: Record<string, unknown>, operation: Operation, name: keyof typeof doorArguments): unknown {
  if (!doorArguments[name].takenBy(operation)) return undefined;
  const value = input[name];
  delete input[name];
  return value;
}

/** A tool about one workspace: it must name it, and its scope is a workspace's. */
function isWorkspaceTool({ access, input }: Operation): boolean {
  const named = input.shape.workspace_id;
  return access !== 'public' && access.scope?.startsWith('workspaces:') === true && named !== undefined && !named.isOptional();
}
