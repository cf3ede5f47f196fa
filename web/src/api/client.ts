import createClient from "openapi-fetch";

import type { paths } from "./schema";

/** An RFC 9457 problem, as every refused call answers. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
  ) {
    super(detail || title);
  }
}

/** The session's CSRF token; every write sends it. Set by GET and POST /session. */
let csrfToken = "";
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export const api = createClient<paths>({ baseUrl: "/api/v1", credentials: "same-origin" });
api.use({
  onRequest({ request }) {
    if (request.method !== "GET" && csrfToken) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
});

/** The data of an answer, or an ApiError. A 304 never reaches us: the browser's cache answers polls that bring nothing. */
export async function unwrap<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await call;
  } catch {
    throw new ApiError(
      503,
      "Letterlock cannot be reached",
      "The server did not answer. Check the connection; this page tries again by itself.",
    );
  }
  if (answer.response.ok) return answer.data as T;
  const problem = (typeof answer.error === "object" && answer.error ? answer.error : {}) as { title?: string; detail?: string };
  const title = problem.title || answer.response.statusText || `The server answered ${answer.response.status}`;
  throw new ApiError(answer.response.status, title, problem.detail ?? "");
}
