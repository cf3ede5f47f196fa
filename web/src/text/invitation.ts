/** The link that an invited person opens. The token stands behind the hash, so that no server's log gets it. */
export const invitationLink = (token: string, origin: string = window.location.origin) =>
  `${origin}/invitation#${encodeURIComponent(token)}`;

/** The token of such a link's hash; empty if there is none. */
export function invitationToken(hash: string): string {
  try {
    return decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    return "";
  }
}
