/** What Stripe answers when it refuses: the status and the members of `error` (docs: "Errors"). Thrown anywhere inside a request. */
export class StripeFailure extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: ErrorBody, headers: Readonly<Record<string, string>> = {}) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export interface ErrorBody {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly charge?: string;
}

/** A refusal of what was asked, 400 unless told. */
export function invalid(
  message: string,
  more: { readonly code?: string; readonly param?: string; readonly status?: number } = {},
): StripeFailure {
  const { status = 400, ...rest } = more;
  return new StripeFailure(status, { type: 'invalid_request_error', message, ...rest });
}

/** Nothing has this id. In the path it is a 404, named by a parameter a 400. */
export function missing(what: string, id: string, param: string, status: 400 | 404): StripeFailure {
  return invalid(`No such ${what}: '${id}'`, { code: 'resource_missing', param, status });
}
