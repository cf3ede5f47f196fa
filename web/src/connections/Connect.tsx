import { Alert, Button, FileInput, Group, Modal, PasswordInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { type NewConnection, useCreateConnection } from "../api/connections";
import { Failed } from "../components/States";

/** The form that connects the company to its mail provider; what it asks for is what an admin of that provider has at hand. */
export default function Connect({ close }: { close: () => void }) {
  const [provider, setProvider] = useState<NewConnection["provider"]>("google");
  const [name, setName] = useState("");
  const [fields, setFields] = useState({ admin_email: "", tenant: "", client_id: "", client_secret: "" });
  const [keyFile, setKeyFile] = useState<File | null>(null);
  const [unreadable, setUnreadable] = useState("");
  const create = useCreateConnection();

  const field = (key: keyof typeof fields) => ({
    value: fields[key],
    required: true,
    withAsterisk: false,
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const { value } = event.currentTarget;
      setFields((old) => ({ ...old, [key]: value }));
    },
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setUnreadable("");
    const body: NewConnection = { name: name.trim(), provider, settings: {}, secret: {} };
    if (provider === "google") {
      const key = await serviceAccountKey(keyFile);
      if (!key)
        return setUnreadable("This is not a service-account key. Choose the JSON file that Google Cloud handed out when the key was made.");
      body.settings = { customer: "my_customer", admin_email: fields.admin_email.trim() };
      body.secret = key;
    } else {
      body.settings = { tenant: fields.tenant.trim(), client_id: fields.client_id.trim() };
      body.secret = { client_secret: fields.client_secret };
    }
    create.mutate(body, { onSuccess: close });
  };

  return (
    <Modal.Root opened onClose={close}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Header component="div">
          <Modal.Title>Connect mail</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>
          <form onSubmit={(event) => void submit(event)}>
            <Stack gap="sm">
              <SegmentedControl
                aria-label="Provider"
                fullWidth
                value={provider}
                onChange={(value) => setProvider(value as NewConnection["provider"])}
                data={[
                  { value: "google", label: "Google Workspace" },
                  { value: "microsoft", label: "Microsoft 365" },
                ]}
              />
              <TextInput
                label="Name"
                description="As it should appear in this list"
                required
                withAsterisk={false}
                maxLength={200}
                data-autofocus
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              {provider === "google" ? (
                <>
                  <TextInput
                    label="Administrator"
                    type="email"
                    description="The address that the service account acts as to list users"
                    {...field("admin_email")}
                  />
                  <FileInput
                    label="Service-account key"
                    description="The JSON file from Google Cloud, with domain-wide delegation"
                    placeholder="Choose a file"
                    accept="application/json,.json"
                    required
                    withAsterisk={false}
                    value={keyFile}
                    onChange={setKeyFile}
                  />
                </>
              ) : (
                <>
                  <TextInput label="Directory (tenant) ID" description="The GUID or a domain of yours" {...field("tenant")} />
                  <TextInput label="Application (client) ID" {...field("client_id")} />
                  <PasswordInput label="Client secret" autoComplete="off" {...field("client_secret")} />
                </>
              )}
              {unreadable && (
                <Alert color="red" role="alert">
                  {unreadable}
                </Alert>
              )}
              {create.isError && <Failed error={create.error} />}
              <Text size="xs" c="dimmed">
                The secret is stored encrypted and never shown again. Reading starts at once.
              </Text>
              <Group justify="end" gap="xs">
                <Button variant="default" onClick={close}>
                  Cancel
                </Button>
                <Button type="submit" loading={create.isPending}>
                  Connect
                </Button>
              </Group>
            </Stack>
          </form>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

const keyBytesMax = 64_000;

async function serviceAccountKey(file: File | null): Promise<Record<string, unknown> | null> {
  if (!file || file.size > keyBytesMax) return null;
  try {
    const key = JSON.parse(await file.text()) as Record<string, unknown>;
    return key.type === "service_account" && typeof key.private_key === "string" ? key : null;
  } catch {
    return null;
  }
}
