// A plain Node program that does what Letterlock's ingestion does, with the libraries that one would take: googleapis reads
// Gmail, mailparser understands, @duckdb/node-api stores the same tables (migrations/tenant). bench/ingest.py starts it.
//   node ingest.mjs SETTINGS_FILE SECRET_FILE MIGRATIONS_FOLDER DATABASE_FILE
// It does less than Letterlock where the libraries do: no encryption of the file, no unwrapping of link rewriters, no
// look-alike forms, no payment instruments or mailbox settings, no bounds on hostile mail. Prints one JSON object; loading the modules is not counted.
import { createHash, createSign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";

import { DuckDBInstance, DuckDBTimestampTZValue, DuckDBUUIDValue, LIST, VARCHAR } from "@duckdb/node-api";
import { google } from "googleapis";
import { Parser as HtmlParser } from "htmlparser2";
import LinkifyIt from "linkify-it";
import { simpleParser } from "mailparser";
import { getDomain } from "tldts";

const MAILBOXES_PARALLEL = 4; // as ingestion::Options
const GETS_PARALLEL = 8; // as ProviderOptions
const STEP_MESSAGES = 100; // as WalkLimits

const [settingsFile, secretFile, migrations, databaseFile] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(settingsFile, "utf8"));
const secret = JSON.parse(readFileSync(secretFile, "utf8"));
const linkify = new LinkifyIt();
const texts = LIST(VARCHAR);

// ---------------------------------------------------------------- reading

// The JWT bearer grant, as google-auth-library does it; that one knows no other token endpoint than Google's.
async function accessToken(subject, scope) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const unsigned =
    part({ alg: "RS256", typ: "JWT", kid: secret.private_key_id }) +
    "." +
    part({ iss: secret.client_email, sub: subject, scope, aud: "https://oauth2.googleapis.com/token", iat: now - 10, exp: now + 3590 });
  const assertion = unsigned + "." + createSign("RSA-SHA256").update(unsigned).sign(secret.private_key, "base64url");
  const answer = await fetch(settings.token_url, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }),
  });
  if (!answer.ok) throw new Error(`token endpoint answered ${answer.status}`);
  return (await answer.json()).access_token;
}

async function authorization(subject, scope) {
  const auth = new google.auth.OAuth2();
  auth.setCredentials({ access_token: await accessToken(subject, scope), expiry_date: Date.now() + 3500_000 });
  return auth;
}

async function listUsers() {
  const auth = await authorization(settings.admin_email, "https://www.googleapis.com/auth/admin.directory.user.readonly");
  const directory = google.admin({ version: "directory_v1", auth, rootUrl: settings.directory_root + "/" });
  const users = [];
  let pageToken;
  do {
    const page = await directory.users.list({ customer: settings.customer, maxResults: 500, projection: "full", orderBy: "email", pageToken });
    users.push(...(page.data.users ?? []));
    pageToken = page.data.nextPageToken;
  } while (pageToken);
  return users;
}

// Run work(item) over all items, at most `limit` at once; results in order.
async function inParallel(items, limit, work) {
  const results = new Array(items.length);
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(limit, items.length) }, async () => {
      for (let index; (index = next++) < items.length; ) results[index] = await work(items[index]);
    }),
  );
  return results;
}

async function readMailbox(user, ownDomains, store) {
  const address = user.primaryEmail;
  const auth = await authorization(address, "https://www.googleapis.com/auth/gmail.readonly");
  const gmail = google.gmail({ version: "v1", auth, rootUrl: settings.gmail_root + "/" });
  const profile = await gmail.users.getProfile({ userId: address });
  let pageToken;
  do {
    const page = await gmail.users.messages.list({ userId: address, maxResults: 500, includeSpamTrash: true, pageToken });
    pageToken = page.data.nextPageToken;
    const ids = (page.data.messages ?? []).map((message) => message.id);
    for (let at = 0; at < ids.length; at += STEP_MESSAGES) {
      const step = await inParallel(ids.slice(at, at + STEP_MESSAGES), GETS_PARALLEL, async (id) => {
        const { data } = await gmail.users.messages.get({ userId: address, id, format: "raw" });
        if (data.labelIds?.includes("DRAFT") || data.labelIds?.includes("CHAT")) return null;
        return understand(data, Buffer.from(data.raw, "base64url"), ownDomains, address);
      });
      const cursor = JSON.stringify({ mode: "full", history_id: profile.data.historyId, page_token: pageToken ?? "", pending: ids.slice(at + STEP_MESSAGES) });
      store(user.id, cursor, step.filter(Boolean));
    }
  } while (pageToken);
}

// ---------------------------------------------------------------- understanding

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const bare = (id) => (id ?? "").replace(/^\s*<|>\s*$/g, "");
const domainOf = (address) => getDomain(address.slice(address.lastIndexOf("@") + 1)) ?? "";
const micros = (date) => (date && !Number.isNaN(date.getTime()) ? BigInt(date.getTime()) * 1000n : null);

function recipientsOf(mail) {
  const recipients = [];
  const add = (kind, field) => {
    for (const list of field ? (Array.isArray(field) ? field : [field]) : [])
      for (const entry of list.value.flatMap((one) => one.group ?? [one])) {
        const address = (entry.address ?? "").toLowerCase();
        recipients.push({ kind, address, name: entry.name ?? "", domain: domainOf(address) });
      }
  };
  add("to", mail.to);
  add("cc", mail.cc);
  add("bcc", mail.bcc);
  add("reply_to", mail.replyTo);
  return recipients;
}

function hostOf(url) {
  try {
    return new URL(url).hostname;
  } catch {
    return "";
  }
}

function linksOf(mail, text) {
  const links = [];
  const add = (url, shown, origin) => {
    const host = hostOf(url);
    const displayed = shown.trim().replace(/\s+/g, " ").slice(0, 1024);
    const displayHost = /^[\w-]+(\.[\w-]+)+(\/\S*)?$|^https?:\/\//i.test(displayed) ? hostOf(displayed.includes("://") ? displayed : "http://" + displayed) : "";
    links.push({ url: url.slice(0, 8192), host, domain: getDomain(host) ?? "", displayed, displayDomain: displayHost ? (getDomain(displayHost) ?? "") : "", origin });
  };
  if (mail.html) {
    let open = null;
    const parser = new HtmlParser({
      onopentag(name, attributes) {
        if (name === "a" && attributes.href) open = { url: attributes.href, text: "" };
      },
      ontext(piece) {
        if (open) open.text += piece;
      },
      onclosetag(name) {
        if (name !== "a" || !open) return;
        if (/^https?:/i.test(open.url)) add(open.url, open.text, "html");
        open = null;
      },
    });
    parser.write(mail.html);
    parser.end();
  } else {
    for (const match of linkify.match(text) ?? []) if (match.schema !== "mailto:") add(match.url, "", "text");
  }
  return links.slice(0, 500);
}

function splitQuoted(text) {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => /^\s*>|^On .{5,200}wrote:\s*$|^-{3,}\s*Original Message|^_{20,}$|^Am .{5,200}schrieb/.test(line));
  return at < 0 ? [text, ""] : [lines.slice(0, at).join("\n"), lines.slice(at).join("\n")];
}

function authenticationOf(mail) {
  const fields = mail.headerLines.filter((line) => line.key === "authentication-results").map((line) => line.line.replace(/^[^:]*:/, "").replace(/\s+/g, " ").trim());
  const own = fields.find((field) => field.split(/[;\s]/)[0].toLowerCase() === "mx.google.com");
  const word = (method) => (own?.match(new RegExp(`\\b${method}=(\\w+)`, "i"))?.[1] ?? "").toLowerCase();
  return {
    trusted: own !== undefined,
    authservId: own ? "mx.google.com" : "",
    spf: word("spf"),
    dkim: word("dkim"),
    dkimDomain: own?.match(/header\.(?:d|i)=@?([\w.-]+)/i)?.[1].toLowerCase() ?? "",
    dmarc: word("dmarc"),
  };
}

async function understand(data, raw, ownDomains, mailbox) {
  const mail = await simpleParser(raw, { skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true });
  const from = mail.from?.value?.[0] ?? {};
  const fromAddress = (from.address ?? "").toLowerCase();
  const fromDomain = domainOf(fromAddress);
  const recipients = recipientsOf(mail);
  const [body, quoted] = splitQuoted(mail.text ?? "");
  const header = (name) => {
    const value = mail.headers.get(name);
    return typeof value === "string" ? value : (value?.text ?? value?.value ?? "");
  };
  const isOwn = (address) => ownDomains.has(address.slice(address.lastIndexOf("@") + 1));
  const outside = recipients.some((recipient) => recipient.kind !== "reply_to" && recipient.address && !isOwn(recipient.address));
  const references = [mail.references ?? []].flat().map(bare);
  const subject = (mail.subject ?? "").slice(0, 2048);
  const subjectBase = subject.replace(/^(\s*(re|fw|fwd|aw|wg|antw|sv|tr)\s*(\[\d+\])?:|\s*\[[^\]]*\])*/i, "").trim();
  const precedence = String(header("precedence")).toLowerCase();
  return {
    id: data.id,
    threadId: data.threadId,
    labels: data.labelIds ?? [],
    messageId: bare(mail.messageId),
    inReplyTo: bare(mail.inReplyTo),
    references: references.slice(-100),
    direction: !isOwn(fromAddress || mailbox) ? "inbound" : outside ? "outbound" : "internal",
    fromAddress,
    fromName: from.name ?? "",
    fromDomain,
    sender: (mail.headers.get("sender")?.value?.[0]?.address ?? "").toLowerCase(),
    returnPath: (mail.headers.get("return-path")?.value?.[0]?.address ?? "").toLowerCase(),
    subject,
    subjectBase,
    isReply: Boolean(mail.inReplyTo || references.length || /^\s*(re|aw|antw|sv)\s*:/i.test(subject)),
    isList: Boolean(mail.headers.has("list") || precedence === "list" || precedence === "bulk"),
    isAuto: Boolean(header("auto-submitted") && !/^no/i.test(String(header("auto-submitted")))),
    dateHeader: micros(mail.date),
    receivedAt: BigInt(data.internalDate) * 1000n,
    body: body.slice(0, 262144),
    quoted: quoted.slice(0, 262144),
    hasHtml: Boolean(mail.html),
    mailer: String(header("x-mailer") || header("user-agent") || ""),
    size: raw.length,
    sha256: sha256(raw),
    authentication: authenticationOf(mail),
    recipients,
    links: linksOf(mail, mail.text ?? ""),
    attachments: mail.attachments.map((attachment, index) => ({
      partId: attachment.partId ?? String(index + 1),
      filename: attachment.filename ?? "",
      type: attachment.contentType ?? "",
      size: attachment.size,
      sha256: sha256(attachment.content),
      isInline: attachment.contentDisposition === "inline" || Boolean(attachment.related),
    })),
    raw: zstdCompressSync(raw),
  };
}

// ---------------------------------------------------------------- storing

class Store {
  static async open(file) {
    const store = new Store();
    store.instance = await DuckDBInstance.create(file, { threads: "2", memory_limit: "1GiB", checkpoint_threshold: "256MiB" });
    store.connection = await store.instance.connect();
    for (const name of readdirSync(migrations).filter((name) => name.endsWith(".sql")).sort())
      await store.connection.run(readFileSync(join(migrations, name), "utf8"));
    await store.connection.run("SET TimeZone = 'UTC'");
    store.sequence = 0n;
    store.last = Promise.resolve();
    store.versions = new Map();
    store.messages = 0;
    return store;
  }

  // One step in one transaction, one after the other.
  add(mailbox, cursor, messages) {
    this.last = this.last.then(() => this.append(mailbox, cursor, messages));
  }

  async append(mailbox, cursor, messages) {
    const { connection } = this;
    const now = BigInt(Date.now()) * 1000n;
    await connection.run("BEGIN");
    const version = (this.versions.get(mailbox) ?? 0n) + 1n;
    await connection.run("INSERT INTO cursors VALUES ($1, 'gmail', '', $2, $3, now()) ON CONFLICT DO UPDATE SET value = excluded.value, version = excluded.version, updated_at = excluded.updated_at", [mailbox, cursor, version]);
    const key = (id) => BigInt("0x" + sha256(mailbox + "\n" + id).slice(0, 32));
    const list = messages.map((message) => "'" + DuckDBUUIDValue.fromUint128(key(message.id)).toString() + "'::UUID").join(", ");
    const known = messages.length ? await connection.runAndReadAll(`SELECT message_key FROM message_keys WHERE message_key IN (${list})`) : null;
    if (known && known.currentRowCount > 0) throw new Error("this program stores each message once");
    const [keys, emails, recipients, links, attachments, raw] = await Promise.all(
      ["message_keys", "emails", "recipients", "links", "attachments", "email_raw"].map((table) => connection.createAppender(table)),
    );
    const time = (appender, value) => (value === null ? appender.appendNull() : appender.appendTimestampTZ(new DuckDBTimestampTZValue(value)));
    const head = (appender, id, seq) => {
      appender.appendVarchar(mailbox);
      appender.appendVarchar(id);
      appender.appendBigInt(seq);
    };
    for (const message of messages) {
      const seq = ++this.sequence;
      keys.appendUUID(DuckDBUUIDValue.fromUint128(key(message.id)));
      keys.appendBigInt(seq);
      keys.endRow();

      head(emails, message.id, seq);
      time(emails, now);
      emails.appendBigInt(1n);
      emails.appendNull();
      for (const text of [message.threadId, ""]) emails.appendVarchar(text);
      emails.appendList(message.labels, texts);
      for (const text of [message.messageId, message.inReplyTo]) emails.appendVarchar(text);
      emails.appendList(message.references, texts);
      for (const text of [message.direction, message.fromAddress, message.fromName, message.fromDomain, message.sender, message.returnPath, message.subject, message.subjectBase])
        emails.appendVarchar(text);
      for (const flag of [message.isReply, false, message.isList, message.isAuto]) emails.appendBoolean(flag);
      time(emails, message.dateHeader);
      time(emails, message.receivedAt);
      for (const text of [message.body, message.quoted]) emails.appendVarchar(text);
      emails.appendBoolean(message.hasHtml);
      emails.appendVarchar(message.mailer);
      emails.appendBigInt(BigInt(message.size));
      emails.appendVarchar(message.sha256);
      const { authentication } = message;
      emails.appendBoolean(authentication.trusted);
      for (const text of [authentication.authservId, authentication.spf, authentication.dkim, authentication.dkimDomain, authentication.dmarc, ""]) emails.appendVarchar(text);
      emails.appendList([], texts);
      emails.endRow();

      message.recipients.forEach((recipient, position) => {
        head(recipients, message.id, seq);
        recipients.appendInteger(position);
        for (const text of [recipient.kind, recipient.address, recipient.name, recipient.domain]) recipients.appendVarchar(text);
        recipients.endRow();
      });
      message.links.forEach((link, position) => {
        head(links, message.id, seq);
        links.appendInteger(position);
        for (const text of [link.url, link.host, link.domain, link.displayed, link.displayDomain, link.origin]) links.appendVarchar(text);
        links.endRow();
      });
      message.attachments.forEach((attachment, position) => {
        head(attachments, message.id, seq);
        attachments.appendInteger(position);
        for (const text of [attachment.partId, attachment.filename, attachment.type, ""]) attachments.appendVarchar(text);
        attachments.appendBigInt(BigInt(attachment.size));
        attachments.appendVarchar(attachment.sha256);
        attachments.appendBoolean(attachment.isInline);
        attachments.endRow();
      });
      head(raw, message.id, seq);
      raw.appendInteger(0);
      raw.appendVarchar("rfc5322");
      raw.appendBlob(message.raw);
      raw.endRow();
    }
    for (const appender of [keys, emails, recipients, links, attachments, raw]) appender.closeSync();
    await connection.run("INSERT INTO coverage VALUES ($1, 'gmail', '', $2, now(), $3, 0, 0, 0)", [mailbox, version, BigInt(messages.length)]);
    await connection.run("COMMIT");
    this.versions.set(mailbox, version);
    this.messages += messages.length;
  }

  async close() {
    await this.last;
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

const began = process.hrtime.bigint();
const cpuBefore = process.cpuUsage();
const store = await Store.open(databaseFile);
const users = await listUsers();
const ownDomains = new Set(users.map((user) => user.primaryEmail.split("@")[1]));
await inParallel(users, MAILBOXES_PARALLEL, (user) => readMailbox(user, ownDomains, (...step) => store.add(...step)));
await store.close();
const used = process.cpuUsage(cpuBefore);
console.log(
  JSON.stringify({
    messages: store.messages,
    set_aside: 0,
    bytes: 0,
    cpu_seconds: (used.user + used.system) / 1e6,
    wall_seconds: Number(process.hrtime.bigint() - began) / 1e9,
    peak_rss_mib: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
