import { Alert, Button, Group, NumberInput, Stack, Switch, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";

import { type ConnectionDetail, useChangeConnection, useDeleteConnection, useRotateSecret, useTestConnection } from "../api/connections";
import { Confirm } from "../components/Confirm";
import { Panel } from "../components/Panel";
import { Failed } from "../components/States";
import { useSwitch } from "../components/switch";
import { type Fields, noFields, secretOf } from "./credentials";
import { SecretFields } from "./SecretFields";
import { TestResult } from "./TestResult";

const intervalSeconds = { min: 10, max: 2_592_000 };

/** Asks the provider what works, when somebody wants to know. */
export function TestPanel({ connectionId }: { connectionId: string }) {
  const test = useTestConnection(connectionId);
  return (
    <Panel
      title="Test"
      actions={
        <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
          Test now
        </Button>
      }
    >
      {!test.data && !test.isError && (
        <span className="panel-about">Asks the provider whether signing in, users, mail and mailbox settings can be read.</span>
      )}
      {test.data && <TestResult test={test.data} />}
      {test.isError && <Failed error={test.error} />}
    </Panel>
  );
}

/** Name, interval and pause of one connection; its secret and its removal. */
export function SettingsPanel({ connection }: { connection: ConnectionDetail }) {
  const [name, setName] = useState(connection.name);
  const [interval, setInterval] = useState<number | string>(connection.interval_seconds ?? 300);
  const [rotating, { open: rotate, close: closeRotate }] = useDisclosure();
  const [removing, { open: remove, close: closeRemove }] = useDisclosure();
  const change = useChangeConnection(connection.connection_id);
  const deletion = useDeleteConnection(connection.connection_id);
  const navigate = useNavigate();
  const paused = useSwitch(connection.state === "paused", (on) => change.mutateAsync({ paused: on }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { name: name.trim(), interval_seconds: Number(interval) },
      { onSuccess: () => notifications.show({ message: "Saved." }) },
    );
  };
  return (
    <div className="two tops">
      <Panel title="Settings">
        <form onSubmit={submit}>
          <div className="form">
            <TextInput
              label="Name"
              required
              withAsterisk={false}
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NumberInput
              label="Interval"
              description="Seconds from one sync to the next"
              min={intervalSeconds.min}
              max={intervalSeconds.max}
              allowDecimal={false}
              value={interval}
              onChange={setInterval}
              w={220}
            />
            <Switch
              label="Paused"
              description="No mail is read while it is paused; what arrives meanwhile is read afterwards"
              {...paused}
            />
            {change.isError && <Failed error={change.error} />}
            <Button type="submit" size="xs" loading={change.isPending} style={{ justifySelf: "start" }}>
              Save
            </Button>
          </div>
        </form>
      </Panel>
      <div className="page-body">
        {connection.provider !== "archive" && (
          <Panel title="Secret" about="A new one is tested at the provider first; where it does not work, the old one stays.">
            {rotating ? (
              <Rotate connectionId={connection.connection_id} provider={connection.provider} close={closeRotate} />
            ) : (
              <Button size="xs" variant="default" onClick={rotate}>
                New secret…
              </Button>
            )}
          </Panel>
        )}
        <Panel title="Removal" about="Reading ends and the secret is deleted. Mail that was read, and its alerts, stay.">
          <Button size="xs" variant="outline" color="red" onClick={remove}>
            Remove this connection…
          </Button>
        </Panel>
      </div>
      {removing && (
        <Confirm
          title={`Remove ${connection.name}`}
          action="Remove"
          typed={connection.name}
          pending={deletion.isPending}
          error={deletion.error}
          close={closeRemove}
          run={() => deletion.mutate(undefined, { onSuccess: () => void navigate("/connections") })}
        >
          Reading ends and the secret is deleted. Mail that was read, and its alerts, stay.
        </Confirm>
      )}
    </div>
  );
}

function Rotate({ connectionId, provider, close }: { connectionId: string; provider: "google" | "microsoft"; close: () => void }) {
  const [fields, setFields] = useState<Fields>(noFields);
  const [wrong, setWrong] = useState("");
  const rotation = useRotateSecret(connectionId);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { secret, error } = secretOf(provider, fields);
    if (error !== undefined) return setWrong(error);
    rotation.mutate(secret, {
      onSuccess: (test) => {
        if (!test.ok) return;
        notifications.show({ message: "The new secret is in use." });
        close();
      },
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <SecretFields
          provider={provider}
          fields={fields}
          set={(part) => {
            setWrong("");
            setFields((old) => ({ ...old, ...part }));
          }}
        />
        {wrong && (
          <Alert color="red" role="alert">
            {wrong}
          </Alert>
        )}
        {rotation.data && !rotation.data.ok && <TestResult test={rotation.data} />}
        {rotation.isError && <Failed error={rotation.error} />}
        <Group gap="xs">
          <Button type="submit" size="xs" loading={rotation.isPending}>
            Test and replace
          </Button>
          <Button size="xs" variant="default" onClick={close}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
