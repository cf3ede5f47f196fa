import type { Connection } from "../api/connections";

export const providers: Record<Connection["provider"], string> = {
  google: "Google Workspace",
  microsoft: "Microsoft 365",
  archive: "Imported mail",
};

/** What domain-wide delegation is granted, as Google's form takes it: one line with a comma. */
export const googleScopes = [
  "https://www.googleapis.com/auth/admin.directory.user.readonly",
  "https://www.googleapis.com/auth/gmail.readonly",
];

/** Application permissions of Microsoft Graph, and what each is for. */
export const microsoftPermissions = [
  { name: "User.Read.All", why: "lists the mailboxes" },
  { name: "Mail.Read", why: "reads mail" },
  { name: "MailboxSettings.Read", why: "reads inbox rules and forwarding" },
];
