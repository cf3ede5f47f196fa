// Links that are good once. The token stands behind the hash, so that no server's log gets it.

const link = (path: string, token: string, origin: string) => `${origin}${path}#${encodeURIComponent(token)}`;

/** The link that an invited person opens. */
export const invitationLink = (token: string, origin: string = window.location.origin) => link("/invitation", token, origin);

/** The link by which a person sets a new password. */
export const passwordResetLink = (token: string, origin: string = window.location.origin) => link("/password_reset", token, origin);

/** The token of such a link's hash; empty if there is none. */
export function linkToken(hash: string): string {
  try {
    return decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    return "";
  }
}
