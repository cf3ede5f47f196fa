/** One named reason of a finding, as the API gives it. */
export interface Signal {
  name: string;
  value?: unknown;
}

const percent = (value: string) => `${Math.round(Number(value) * 100)} %`;

/** What a signal says, as a sentence. Signals that only support others (points, addresses shown elsewhere) have none. */
const sentences: Record<string, (value: string) => string> = {
  account: (value) => `It names the bank account ${value}.`,
  address: (value) => `The address ${value} is part of a link in it.`,
  addressed_to: (value) => `It was sent to ${value}.`,
  age: () => "The setting was there when the mailbox was first read, so it may be years old.",
  authentication: (value) =>
    value === "failed"
      ? "The receiving server found that it does not come from where it says."
      : value === "not proved"
        ? "Nothing proves that it comes from where it says."
        : `The sender’s proof ${value}.`,
  brand: (value) => `It speaks in the name of ${value}, and does not come from there.`,
  burst: (value) => `It reached ${value}.`,
  conversation: (value) =>
    value.startsWith("none") ? "It answers a conversation that was never in your mail." : `It joins a conversation of yours: it ${value}.`,
  correspondent: (value) => `You deal with ${value}.`,
  country: (value) => `The account is in another country: ${value}.`,
  credential_words: (value) => `It asks for what one signs in with: ${value}.`,
  deletes: () => "The setting deletes mail.",
  domain_is_new: () => "The sender’s domain is new to you: its first mail came less than a day before.",
  free_mail: (value) => `It was sent from ${value}, where anybody can get an address.`,
  genuine_left_out: (value) => `The genuine side was left out: ${value}.`,
  imitated: (value) => `What is imitated: ${value}.`,
  imitation: (value) => `The name imitates another one: ${value}.`,
  known_account: (value) => `So far this sender named the account ${value}.`,
  mails_with_known_accounts: (value) =>
    value === "1" ? "One earlier mail named a known account." : `${value} earlier mails named known accounts.`,
  marks_read: () => "The setting marks mail as read, so that nobody notices it.",
  moves_to: (value) => `The setting moves mail to “${value}”.`,
  name_is_known_from: (value) => `The name that it shows is known from ${value}, not from this sender.`,
  named_in: (value) => `The account stands in: ${value}.`,
  outside: (value) => `Mail goes to ${value}, outside of your company.`,
  own_domain: (value) => `It imitates your own domain ${value}.`,
  payment_words: (value) => `It speaks about payments: ${value}.`,
  payroll_words: (value) => `It speaks about wages: ${value}.`,
  person: (value) => `It shows the name of ${value}, who works at your company.`,
  quoted_person: (value) => `It quotes ${value}.`,
  real_site: (value) => `The link really leads to ${value}.`,
  reply_to: (value) => `An answer would go to ${value}, not to the sender.`,
  request_words: (value) => `It asks for something: ${value}.`,
  sender_is_new: () => "You never had mail from this sender until less than a day before.",
  shortener: () => "A shortener hides where the link leads.",
  shown_site: (value) => `A link shows ${value}.`,
  site: (value) => `A link leads to ${value}.`,
  text: (value) => `How its text works on people: ${value}.`,
  text_score: (value) => `Its text argues like this kind of fraud: ${percent(value)}.`,
  vip: (value) => `It shows the name of ${value}, on whose word others act.`,
  words: (value) => `The setting catches mail with the words ${value}.`,
};

export const signalName = (name: string) => {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export const signalValue = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Why the alert was made, in sentences, in the order in which the rule names its signals. */
export function plainReasons(signals: Signal[]): string[] {
  return signals.flatMap(({ name, value }) => sentences[name]?.(signalValue(value)) ?? []);
}
