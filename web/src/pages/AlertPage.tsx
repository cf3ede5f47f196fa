import "../alert/alert.css";

import { ActionIcon, Anchor, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconArrowLeft, IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useRef } from "react";
import { Link, useLocation, useNavigate, useParams } from "react-router";

import { Decide } from "../alert/Decide";
import { Evidence } from "../alert/Evidence";
import { History } from "../alert/History";
import { entityPath, Involved } from "../alert/Involved";
import { Message } from "../alert/Message";
import { useNeighbours } from "../alert/neighbours";
import { Similar } from "../alert/Similar";
import { Why } from "../alert/Why";
import { type AlertDetail, useAlert } from "../api/alerts";
import { offers } from "../api/offered";
import { useMay } from "../api/session";
import { Initials } from "../components/Initials";
import { SeverityBadge, StateBadge, StatusBadge, words } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { Time } from "../components/Time";
import { useShortcuts } from "../shell/keys";
import { revealInvisible } from "../text/defang";
import { isAboutSetting } from "../text/subject";

export default function AlertPage() {
  const { alertId = "" } = useParams();
  const alert = useAlert(alertId);
  const navigate = useNavigate();
  // Back to the list as it was filtered.
  const search = (useLocation().state as { search?: string } | null)?.search ?? "";
  const list = search ? `/alerts?${search}` : "/alerts";
  const back = { from: alertId };
  const { before, after } = useNeighbours(alertId, search);
  const go = (id: string | undefined) => id && void navigate(`/alerts/${id}`, { state: { search }, replace: true });
  useShortcuts("Alert", [
    { keys: "u", does: "Back to the list", run: () => void navigate(list, { state: back }) },
    { keys: "j", does: "Next alert of the list", run: () => go(after) },
    { keys: "k", does: "Alert before", run: () => go(before) },
  ]);
  useDocumentTitle(alert.data ? `${alert.data.title} · Letterlock` : "Alert · Letterlock");
  return (
    <div className="page" style={{ maxWidth: 1280 }}>
      <div className="alert-bar">
        <Anchor component={Link} to={list} state={back} size="sm" underline="hover" title="Back to the list (u)" className="back">
          <IconArrowLeft size={16} aria-hidden /> Alerts
        </Anchor>
        {(before || after) && (
          <span className="alert-neighbours">
            <ActionIcon
              variant="default"
              size="md"
              aria-label="Alert before (k)"
              title="Alert before (k)"
              disabled={!before}
              onClick={() => go(before)}
            >
              <IconChevronUp size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="default"
              size="md"
              aria-label="Next alert (j)"
              title="Next alert (j)"
              disabled={!after}
              onClick={() => go(after)}
            >
              <IconChevronDown size={16} aria-hidden />
            </ActionIcon>
          </span>
        )}
      </div>
      {alert.isPending && <Loading what="the alert" />}
      {alert.isError && <Failed error={alert.error} retry={() => void alert.refetch()} />}
      {alert.data && <Detail key={alertId} alert={alert.data} />}
    </div>
  );
}

function Detail({ alert }: { alert: AlertDetail }) {
  const noteField = useRef<HTMLTextAreaElement>(null);
  const may = useMay();
  return (
    <>
      <header className="alert-title">
        <Title order={1}>{alert.title}</Title>
        <p className="alert-whom">
          <span>About</span>{" "}
          {offers("get_entity") && alert.entity.includes(".") ? (
            <Anchor component={Link} to={entityPath(alert.entity)} inherit>
              {revealInvisible(alert.entity)}
            </Anchor>
          ) : (
            <strong>{revealInvisible(alert.entity)}</strong>
          )}
          {alert.subject !== alert.entity && (
            <>
              {" "}
              <span>· concerns</span> <strong>{revealInvisible(alert.subject)}</strong>
            </>
          )}
        </p>
        <div className="alert-tags">
          <SeverityBadge severity={alert.severity} />
          <StatusBadge status={alert.status} />
          {alert.feedback && <StateBadge tone={alert.feedback === "fraud" ? "bad" : "quiet"}>{words(alert.feedback)}</StateBadge>}
          {alert.names_payment_instrument && <StateBadge tone="warning">names a bank account</StateBadge>}
          {alert.assignee && (
            <span className="alert-assignee">
              <Initials of={alert.assignee.email} size={20} /> {alert.assignee.email}
            </span>
          )}
          <span className="alert-seen">
            {alert.sightings === 1 ? "seen once, " : `seen in ${alert.sightings} messages, last `}
            <Time at={alert.last_seen_at} span inherit />
            {alert.sightings > 1 && (
              <>
                , first <Time at={alert.first_seen_at} span inherit />
              </>
            )}
          </span>
        </div>
      </header>
      <div className="alert-grid">
        <div className="alert-column">
          <Why alert={alert} />
          <Message alert={alert} />
          {offers("get_entity") && <Involved alert={alert} />}
          {offers("list_similar_messages") && may.act && !isAboutSetting(alert.rule_id) && <Similar alertId={alert.alert_id} />}
          <Evidence alert={alert} />
        </div>
        <div className="alert-column alert-side">
          <Decide alert={alert} noteField={noteField} />
          <History alert={alert} />
        </div>
      </div>
    </>
  );
}
