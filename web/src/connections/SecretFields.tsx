import { FileInput, PasswordInput, SegmentedControl, Stack, Textarea } from "@mantine/core";

import type { Fields } from "./credentials";

interface SecretFieldsProps {
  provider: "google" | "microsoft";
  fields: Fields;
  set: (part: Partial<Fields>) => void;
}

/** The secret of a provider: a key file, a client secret, or a certificate with its key. */
export function SecretFields({ provider, fields, set }: SecretFieldsProps) {
  if (provider === "google")
    return (
      <FileInput
        label="Service-account key"
        description="The JSON file from Google Cloud; it is read in this browser and sent once"
        placeholder="Choose a file"
        accept="application/json,.json"
        onChange={(file) => {
          if (!file) set({ key_file: "" });
          else void file.text().then((text) => set({ key_file: text }));
        }}
      />
    );
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="Kind of secret"
        size="xs"
        value={fields.secret_kind}
        onChange={(value) => set({ secret_kind: value as Fields["secret_kind"] })}
        data={[
          { value: "client_secret", label: "Client secret" },
          { value: "certificate", label: "Certificate (better)" },
        ]}
      />
      {fields.secret_kind === "client_secret" ? (
        <PasswordInput
          label="Client secret"
          description="Its value, not its ID. It ends after two years at most."
          autoComplete="off"
          value={fields.client_secret}
          onChange={(event) => set({ client_secret: event.currentTarget.value })}
        />
      ) : (
        <>
          <Textarea
            label="Certificate"
            description="PEM; the one that is uploaded at the application"
            autosize
            minRows={3}
            maxRows={6}
            value={fields.certificate_pem}
            onChange={(event) => set({ certificate_pem: event.currentTarget.value })}
          />
          <Textarea
            label="Private key"
            description="PEM, not encrypted"
            autosize
            minRows={3}
            maxRows={6}
            autoComplete="off"
            value={fields.private_key_pem}
            onChange={(event) => set({ private_key_pem: event.currentTarget.value })}
          />
        </>
      )}
    </Stack>
  );
}
