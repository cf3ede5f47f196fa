import { useState } from "react";
import { Button } from "@mantine/core";

import type { AlertDetail } from "../api/alerts";
import { Panel } from "../components/Panel";
import { Time } from "../components/Time";
import { revealInvisible } from "../text/defang";
import { timeline } from "../text/timeline";

/** How many moments are shown at first. */
const shownMax = 12;

/** What arrived and who did what when; the newest first. */
export function History({ alert }: { alert: AlertDetail }) {
  const [all, setAll] = useState(false);
  const moments = timeline(alert);
  const shown = all ? moments : moments.slice(0, shownMax);
  return (
    <Panel title="History" className="order-6">
      <ol className="timeline">
        {shown.map((moment, index) => (
          <li key={index} className={`moment moment-${moment.kind}`}>
            <div className="moment-title">{revealInvisible(moment.title)}</div>
            {moment.note && <div className="moment-note">{moment.note}</div>}
            <div className="moment-who">
              {moment.who}, <Time at={moment.at} span inherit />
            </div>
          </li>
        ))}
      </ol>
      {moments.length > shown.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          Show {moments.length - shown.length} older
        </Button>
      )}
    </Panel>
  );
}
