import { Anchor, Button, CopyButton } from "@mantine/core";

import { googleScopes, microsoftPermissions } from "./providers";

function Outside({ href, children }: { href: string; children: string }) {
  return (
    <Anchor href={href} target="_blank" rel="noreferrer" inherit>
      {children}
    </Anchor>
  );
}

function Copied({ text, what }: { text: string; what: string }) {
  return (
    <div className="copied">
      <code>{text}</code>
      {window.isSecureContext && (
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy} aria-label={`Copy ${what}`}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      )}
    </div>
  );
}

/** What a super administrator of Google Workspace does. `clientId`: the account's number, once its key is chosen. */
export function GoogleSteps({ clientId }: { clientId?: string }) {
  return (
    <ol className="steps">
      <li>
        In the <Outside href="https://console.cloud.google.com/">Google Cloud console</Outside> choose or make a project. Enable the{" "}
        <strong>Gmail API</strong> and the <strong>Admin SDK API</strong> in it.
      </li>
      <li>
        Under <em>IAM &amp; Admin → Service accounts</em> create a service account; it needs no role. Under <em>Keys</em> add a key of type
        JSON: a file is downloaded.
      </li>
      <li>
        In the <Outside href="https://admin.google.com/ac/owl/domainwidedelegation">Admin console</Outside>, under{" "}
        <em>Security → Access and data control → API controls → Domain-wide delegation</em>, add the account’s unique id
        {clientId ? ":" : " (a long number; the key file names it as client_id)"}
        {clientId ? <Copied text={clientId} what="the unique id" /> : " "}
        with these scopes, both, as one line:
        <Copied text={googleScopes.join(",")} what="the scopes" />
        Both are read-only. One that is missing refuses all.
      </li>
      <li>Choose an administrator who may read users. Users are listed in this person’s name; each mailbox is read in its owner’s.</li>
    </ol>
  );
}

/** What a global administrator of Microsoft 365 does. */
export function MicrosoftSteps() {
  return (
    <ol className="steps">
      <li>
        In the <Outside href="https://entra.microsoft.com/">Microsoft Entra admin centre</Outside>, under <em>App registrations</em>,
        register an application: accounts in this organisation only, no redirect URI. Note its <strong>Application (client) ID</strong> and{" "}
        <strong>Directory (tenant) ID</strong>.
      </li>
      <li>
        Under <em>API permissions</em> add, of Microsoft Graph and as <strong>application</strong> permissions:
        <ul className="scopes">
          {microsoftPermissions.map(({ name, why }) => (
            <li key={name}>
              <code>{name}</code> {why}
            </li>
          ))}
        </ul>
        Then <strong>grant admin consent</strong>. It reaches all of Microsoft some minutes later.
      </li>
      <li>
        Under <em>Certificates &amp; secrets</em> make a client secret, or upload a certificate, which does not have to be renewed as often.
      </li>
    </ol>
  );
}
