import { lazy } from "react";
import { Navigate, Route, Routes } from "react-router";

import { useSession } from "./api/session";
import { Failed, Loading } from "./components/States";
import { SignIn } from "./pages/SignIn";
import { Shell } from "./shell/Shell";

const AlertPage = lazy(() => import("./pages/AlertPage"));
const Alerts = lazy(() => import("./pages/Alerts"));
const Connections = lazy(() => import("./pages/Connections"));
const Rules = lazy(() => import("./pages/Rules"));
const Tenants = lazy(() => import("./pages/Tenants"));

export function App() {
  const session = useSession();
  if (session.isPending) return <Loading what="Letterlock" />;
  if (session.isError) return <Failed error={session.error} retry={() => void session.refetch()} centred />;
  if (session.data === null) return <SignIn />;
  // An operator without a company of their own has no alerts to look at.
  const company = session.data.tenant_id !== undefined;
  const home = company ? "/alerts" : "/tenants";
  return (
    <Shell session={session.data}>
      <Routes>
        {company && (
          <>
            <Route path="/alerts" element={<Alerts />} />
            <Route path="/alerts/:alertId" element={<AlertPage />} />
            <Route path="/connections" element={<Connections />} />
            <Route path="/rules" element={<Rules />} />
          </>
        )}
        {session.data.operator && <Route path="/tenants" element={<Tenants />} />}
        <Route path="*" element={<Navigate to={home} replace />} />
      </Routes>
    </Shell>
  );
}
