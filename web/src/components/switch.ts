import { useState } from "react";

/** A switch that turns when it is clicked, and stands as the server says once that has answered. */
export function useSwitch(is: boolean, ask: (on: boolean) => Promise<unknown>) {
  const [asked, setAsked] = useState<boolean>();
  const checked = asked ?? is;
  const onChange = () => {
    const wanted = !checked;
    setAsked(wanted);
    const answered = () => setAsked((now) => (now === wanted ? undefined : now));
    ask(wanted).then(answered, answered);
  };
  return { checked, onChange };
}
