import { revealInvisible } from "./defang";

/** Rules on mailboxes judge their settings, which have no subject. */
export const isAboutSetting = (ruleId: string) => ruleId.startsWith("mailbox/");

/** What a message is called, or the setting that a rule judged. */
export const subjectText = (subject: string, ruleId: string) =>
  revealInvisible(subject) || (isAboutSetting(ruleId) ? "a setting of the mailbox" : "no subject");
