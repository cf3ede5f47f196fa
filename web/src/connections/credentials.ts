/** What a person fills in to connect a provider; which fields count depends on provider and kind of secret. */
export interface Fields {
  admin_email: string;
  key_file: string;
  tenant: string;
  client_id: string;
  secret_kind: "client_secret" | "certificate";
  client_secret: string;
  certificate_pem: string;
  private_key_pem: string;
}

export const noFields: Fields = {
  admin_email: "",
  key_file: "",
  tenant: "",
  client_id: "",
  secret_kind: "client_secret",
  client_secret: "",
  certificate_pem: "",
  private_key_pem: "",
};

export const keyBytesMax = 64_000;

type Read = { secret: Record<string, unknown>; error?: undefined } | { secret?: undefined; error: string };

/** The secret as the API takes it, or what is wrong with it and what to do. */
export function secretOf(provider: "google" | "microsoft", fields: Fields): Read {
  if (provider === "google") {
    if (!fields.key_file)
      return { error: "Choose the service-account key: the JSON file that Google Cloud handed out when the key was made." };
    if (fields.key_file.length > keyBytesMax)
      return { error: "This file is too large to be a service-account key, which has a few kilobytes." };
    try {
      const key = JSON.parse(fields.key_file) as Record<string, unknown>;
      if (key.type === "service_account" && typeof key.private_key === "string") return { secret: key };
    } catch {
      // Said below: what is no JSON is no key.
    }
    return { error: "This is not a service-account key. Choose the JSON file that Google Cloud handed out when the key was made." };
  }
  if (fields.secret_kind === "client_secret")
    return fields.client_secret ? { secret: { client_secret: fields.client_secret } } : { error: "Enter the client secret’s value." };
  if (!/-----BEGIN CERTIFICATE-----/.test(fields.certificate_pem))
    return { error: "The certificate must be in PEM form; it begins with -----BEGIN CERTIFICATE-----." };
  if (!/-----BEGIN (RSA |EC )?PRIVATE KEY-----/.test(fields.private_key_pem))
    return { error: "The private key must be in PEM form, not encrypted; it begins with -----BEGIN PRIVATE KEY-----." };
  return { secret: { certificate_pem: fields.certificate_pem, private_key_pem: fields.private_key_pem } };
}

/** The settings as the API takes them. */
export const settingsOf = (provider: "google" | "microsoft", fields: Fields): Record<string, unknown> =>
  provider === "google"
    ? { customer: "my_customer", admin_email: fields.admin_email.trim() }
    : { tenant: fields.tenant.trim(), client_id: fields.client_id.trim() };

/** The number that domain-wide delegation is granted to, where the key names it. */
export function clientIdOf(keyFile: string): string | undefined {
  try {
    const { client_id } = JSON.parse(keyFile) as { client_id?: unknown };
    return typeof client_id === "string" && /^\d+$/.test(client_id) ? client_id : undefined;
  } catch {
    return undefined;
  }
}
