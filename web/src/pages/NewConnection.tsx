import "../connections/connections.css";

import { Alert, Button, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";

import { type NewConnection as Body, useCreateConnection, useTestNewConnection } from "../api/connections";
import { offers } from "../api/offered";
import { Page } from "../components/Page";
import { Panel } from "../components/Panel";
import { Failed } from "../components/States";
import { clientIdOf, type Fields, noFields, secretOf, settingsOf } from "../connections/credentials";
import { providers } from "../connections/providers";
import { SecretFields } from "../connections/SecretFields";
import { GoogleSteps, MicrosoftSteps } from "../connections/Steps";
import { TestResult } from "../connections/TestResult";

type Provider = Body["provider"];
const choices: { provider: Provider; about: string }[] = [
  { provider: "google", about: "A service account with domain-wide delegation and two read-only scopes" },
  { provider: "microsoft", about: "An application in Entra with three read-only permissions of Microsoft Graph" },
];

/** Connects the company to its mail provider: what to do there, what to enter here, a test, and then reading begins. */
export default function NewConnection() {
  const [provider, setProvider] = useState<Provider | null>(null);
  return (
    <Page
      title="Connect mail"
      back={{ to: "/connections", label: "Connections" }}
      width={860}
      about="Letterlock only reads: mail, users and what mailboxes do with mail by themselves. It takes about five minutes."
    >
      <Panel title="1. Your provider">
        <div className="choices" role="radiogroup" aria-label="Provider">
          {choices.map(({ provider: one, about }) => (
            <label key={one} className="choice">
              <input type="radio" name="provider" checked={provider === one} onChange={() => setProvider(one)} />
              <span>
                <strong>{providers[one]}</strong>
                <span>{about}</span>
              </span>
            </label>
          ))}
        </div>
      </Panel>
      {provider && <Form key={provider} provider={provider} />}
    </Page>
  );
}

function Form({ provider }: { provider: Provider }) {
  const [name, setName] = useState(providers[provider]);
  const [fields, setFields] = useState<Fields>(noFields);
  const [wrong, setWrong] = useState("");
  const navigate = useNavigate();
  const test = useTestNewConnection();
  const create = useCreateConnection();
  const set = (part: Partial<Fields>) => {
    setFields((old) => ({ ...old, ...part }));
    setWrong("");
    test.reset();
  };
  const field = (key: "admin_email" | "tenant" | "client_id") => ({
    value: fields[key],
    required: true,
    withAsterisk: false,
    onChange: (event: { currentTarget: HTMLInputElement }) => set({ [key]: event.currentTarget.value }),
  });
  const body = (): Body | null => {
    const { secret, error } = secretOf(provider, fields);
    if (error !== undefined) {
      setWrong(error);
      return null;
    }
    return { name: name.trim(), provider, settings: settingsOf(provider, fields), secret };
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const asked = body();
    if (!asked) return;
    create.mutate(asked, {
      onSuccess: (connection) => {
        notifications.show({ message: "Connected. Reading begins at once." });
        void navigate(offers("change_connection") ? `/connections/${connection.connection_id}` : "/connections");
      },
    });
  };
  return (
    <form onSubmit={submit} className="page-body">
      <Panel
        title={`2. At ${provider === "google" ? "Google" : "Microsoft"}`}
        about="Somebody with a super or global administrator’s rights does this once."
      >
        {provider === "google" ? <GoogleSteps clientId={clientIdOf(fields.key_file)} /> : <MicrosoftSteps />}
      </Panel>
      <Panel title="3. What Letterlock needs to know">
        <div className="form">
          <TextInput
            label="Name"
            description="As it should appear under Connections"
            required
            withAsterisk={false}
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {provider === "google" ? (
            <TextInput
              label="Administrator"
              type="email"
              description="The address that the service account acts as to list users"
              {...field("admin_email")}
            />
          ) : (
            <>
              <TextInput label="Directory (tenant) ID" description="The GUID, or a domain of yours" {...field("tenant")} />
              <TextInput label="Application (client) ID" {...field("client_id")} />
            </>
          )}
          <SecretFields provider={provider} fields={fields} set={set} />
          <p className="panel-about">The secret is stored encrypted and never shown again.</p>
        </div>
      </Panel>
      <Panel title={offers("test_new_connection") ? "4. Test and connect" : "4. Connect"}>
        <div className="form">
          {wrong && (
            <Alert color="red" role="alert">
              {wrong}
            </Alert>
          )}
          {test.data && <TestResult test={test.data} />}
          {test.isError && <Failed error={test.error} />}
          {create.isError && <Failed error={create.error} />}
          <div className="page-actions">
            {offers("test_new_connection") && (
              <Button
                variant="default"
                loading={test.isPending}
                onClick={() => {
                  const asked = body();
                  if (asked) test.mutate(asked);
                }}
              >
                Test
              </Button>
            )}
            <Button type="submit" loading={create.isPending}>
              Connect
            </Button>
          </div>
          <p className="panel-about">
            {offers("test_new_connection") && "A test asks the provider and keeps nothing. "}After connecting, the first sync is due at
            once.
          </p>
        </div>
      </Panel>
    </form>
  );
}
