import { Anchor } from "@mantine/core";
import { Link } from "react-router";

/** Says that findings like this one make no new alert for now. */
export function Suppressed({ ids }: { ids: string[] }) {
  if (ids.length === 0) return null;
  return (
    <p className="decide-no">
      Suppressed: findings with this key make no new alert for now.{" "}
      <Anchor component={Link} to="/suppressions" inherit>
        See suppressions
      </Anchor>
    </p>
  );
}
