import { useState } from "react";

import { useAcceptInvitation, useInvitationPreview } from "../api/session";
import { LinkPage } from "../components/LinkPage";
import { linkToken } from "../text/links";
import { fullTime } from "../text/time";

/** Where the link of an invitation leads. */
export default function AcceptInvitation() {
  const [token] = useState(() => linkToken(window.location.hash));
  return (
    <LinkPage
      name="Invitation"
      token={token}
      preview={useInvitationPreview(token)}
      use={useAcceptInvitation()}
      title={({ tenant_name }) => `Join ${tenant_name}`}
      explain={({ email, role, expires_at }) => `As ${email}, with the role ${role}. The link ends on ${fullTime(expires_at)}.`}
      label="Password of your own"
      action="Join"
    />
  );
}
