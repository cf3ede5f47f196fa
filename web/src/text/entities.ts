/** The domain of an address, or the domain itself; lower case. */
export const domainOf = (entity: string) => entity.toLowerCase().split("@").at(-1) ?? "";

/** Whose history helps to judge an alert: whom it is about, that address's domain, the sender, where answers would go. Without
 * doubles and without the company's own address that it concerns; at most four. */
export function entitiesOf(
  alert: { entity: string; subject: string },
  message?: { from_address: string; recipients: { kind: string; address: string }[] },
): string[] {
  const replies = message?.recipients.filter(({ kind }) => kind === "reply_to").map(({ address }) => address) ?? [];
  const own = domainOf(alert.subject);
  const named = [alert.entity, message?.from_address ?? "", ...replies]
    .map((entity) => entity.trim().toLowerCase())
    .filter((entity) => /^[^\s/]+\.[^\s/]+$/.test(entity));
  const all = named.flatMap((entity) => (entity.includes("@") ? [entity, domainOf(entity)] : [entity]));
  return [...new Set(all)].filter((entity) => domainOf(entity) !== own || entity.includes("@")).slice(0, 4);
}
