import { Anchor, Skeleton } from "@mantine/core";
import { IconAt, IconWorld } from "@tabler/icons-react";
import { Link } from "react-router";

import { type AlertDetail, useAlertMessage, useEntity } from "../api/alerts";
import { ApiError } from "../api/client";
import { useMay } from "../api/session";
import { Panel } from "../components/Panel";
import { StateBadge } from "../components/Severity";
import { Time } from "../components/Time";
import { entitiesOf } from "../text/entities";
import { revealInvisible } from "../text/defang";

export const entityPath = (entity: string) => `/entities/${encodeURIComponent(entity)}`;

/** Who and which domains the alert is about, with their history in the company's mail. */
export function Involved({ alert }: { alert: AlertDetail }) {
  const may = useMay();
  return may.act ? <WithMessage alert={alert} /> : <Entities entities={entitiesOf(alert)} />;
}

/** The message names more than the alert; it was asked for already, so this reads nothing. */
function WithMessage({ alert }: { alert: AlertDetail }) {
  const message = useAlertMessage(alert.alert_id, undefined).data;
  return <Entities entities={entitiesOf(alert, message)} />;
}

function Entities({ entities }: { entities: string[] }) {
  if (entities.length === 0) return null;
  return (
    <Panel title="People and domains" flush className="order-4">
      <ul className="entities">
        {entities.map((entity) => (
          <Entity key={entity} entity={entity} />
        ))}
      </ul>
    </Panel>
  );
}

function Entity({ entity }: { entity: string }) {
  const history = useEntity(entity);
  const Icon = entity.includes("@") ? IconAt : IconWorld;
  const known = history.data;
  const unknown = history.error instanceof ApiError && history.error.status === 404;
  return (
    <li className="entity">
      <Icon size={16} stroke={1.6} aria-label={entity.includes("@") ? "Address" : "Domain"} />
      <div>
        <div className="entity-name">
          <Anchor component={Link} to={entityPath(entity)} inherit>
            {revealInvisible(entity)}
          </Anchor>
          {known?.is_own && <StateBadge tone="working">your own</StateBadge>}
        </div>
        {history.isPending && <Skeleton height={12} width={220} mt={5} />}
        {unknown && <div className="entity-about">No mail with it is stored.</div>}
        {history.isError && !unknown && <div className="entity-about">Its history could not be read.</div>}
        {known && (
          <div className="entity-about">
            {known.first_seen_at ? (
              <>
                first mail <Time at={known.first_seen_at} span inherit />,{" "}
              </>
            ) : null}
            {known.messages_in.toLocaleString("en")} from it, {known.messages_out.toLocaleString("en")} to it
            {known.names.length > 0 && (
              <>
                ; writes as{" "}
                {known.names
                  .map(({ name }) => revealInvisible(name))
                  .slice(0, 3)
                  .join(", ")}
              </>
            )}
          </div>
        )}
      </div>
      {known && known.alerts.length > 0 && (
        <Anchor component={Link} to={`/alerts?${new URLSearchParams({ status: "all", entity })}`} className="entity-alerts">
          {known.alerts.length === 20 ? "20+ alerts" : known.alerts.length === 1 ? "1 alert" : `${known.alerts.length} alerts`}
        </Anchor>
      )}
    </li>
  );
}
