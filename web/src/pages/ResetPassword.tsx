import { useState } from "react";

import { usePasswordReset, usePasswordResetPreview } from "../api/session";
import { LinkPage } from "../components/LinkPage";
import { linkToken } from "../text/links";
import { fullTime } from "../text/time";

/** Where the link for a new password leads. */
export default function ResetPassword() {
  const [token] = useState(() => linkToken(window.location.hash));
  return (
    <LinkPage
      name="New password"
      token={token}
      preview={usePasswordResetPreview(token)}
      use={usePasswordReset()}
      title={() => "Set a new password"}
      explain={({ email, tenant_name, expires_at }) =>
        `For ${email}${tenant_name ? ` of ${tenant_name}` : ""}. You are signed out everywhere else. The link ends on ${fullTime(expires_at)}.`
      }
      label="New password"
      action="Set the password"
    />
  );
}
