import { lazy } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";

import { offers } from "./api/offered";
import { type Session, useSession } from "./api/session";
import { Failed, Loading, NoPermission } from "./components/States";
import { SignIn } from "./pages/SignIn";
import { atLeast, placesOf } from "./shell/places";
import { Shell } from "./shell/Shell";

const AcceptInvitation = lazy(() => import("./pages/AcceptInvitation"));
const AlertPage = lazy(() => import("./pages/AlertPage"));
const Alerts = lazy(() => import("./pages/Alerts"));
const ApiKeys = lazy(() => import("./pages/ApiKeys"));
const AuditLog = lazy(() => import("./pages/AuditLog"));
const ConnectionPage = lazy(() => import("./pages/ConnectionPage"));
const Connections = lazy(() => import("./pages/Connections"));
const EntityPage = lazy(() => import("./pages/EntityPage"));
const Installation = lazy(() => import("./pages/Installation"));
const InstallationJobs = lazy(() => import("./pages/InstallationJobs"));
const Mailboxes = lazy(() => import("./pages/Mailboxes"));
const NewConnection = lazy(() => import("./pages/NewConnection"));
const Overview = lazy(() => import("./pages/Overview"));
const People = lazy(() => import("./pages/People"));
const ResetPassword = lazy(() => import("./pages/ResetPassword"));
const RulePage = lazy(() => import("./pages/RulePage"));
const Rules = lazy(() => import("./pages/Rules"));
const SessionsPage = lazy(() => import("./pages/Sessions"));
const Suppressions = lazy(() => import("./pages/Suppressions"));
const TenantPage = lazy(() => import("./pages/TenantPage"));
const Tenants = lazy(() => import("./pages/Tenants"));
const WebhookPage = lazy(() => import("./pages/WebhookPage"));
const Webhooks = lazy(() => import("./pages/Webhooks"));

export function App() {
  const session = useSession();
  const { pathname } = useLocation();
  if (pathname === "/invitation" && offers("accept_invitation")) return <AcceptInvitation />;
  if (pathname === "/password_reset" && offers("use_password_reset")) return <ResetPassword />;
  if (session.isPending) return <Loading what="Letterlock" />;
  if (session.isError) return <Failed error={session.error} retry={() => void session.refetch()} centred />;
  if (session.data === null) return <SignIn />;
  return (
    <Shell session={session.data}>
      <Pages session={session.data} />
    </Shell>
  );
}

function Pages({ session }: { session: Session }) {
  const home = placesOf(session)[0]?.places[0]?.to ?? "/sessions";
  const company = session.tenant_id !== undefined;
  const manages = (what: string, page: React.ReactNode) => (atLeast(session, "admin") ? page : <NoPermission what={what} needs="admin" />);
  return (
    <Routes>
      {company && (
        <>
          {offers("get_alert_statistics") && <Route path="/overview" element={<Overview />} />}
          <Route path="/alerts" element={<Alerts />} />
          <Route path="/alerts/:alertId" element={<AlertPage />} />
          {offers("get_entity") && <Route path="/entities/:entity" element={<EntityPage />} />}
          {offers("list_suppressions") && <Route path="/suppressions" element={<Suppressions />} />}
          <Route path="/connections" element={<Connections />} />
          <Route path="/connections/new" element={manages("new connections", <NewConnection />)} />
          <Route path="/connections/:connectionId" element={<ConnectionPage />} />
          {offers("list_mailboxes") && <Route path="/mailboxes" element={<Mailboxes />} />}
          <Route path="/rules" element={<Rules />} />
          {offers("get_rule") && <Route path="/rules/*" element={<RulePage />} />}
          {offers("list_people") && <Route path="/people" element={<People />} />}
          {offers("list_api_keys") && <Route path="/api-keys" element={manages("API keys", <ApiKeys />)} />}
          {offers("list_webhooks") && <Route path="/webhooks" element={manages("webhooks", <Webhooks />)} />}
          {offers("list_webhooks") && <Route path="/webhooks/:webhookId" element={manages("webhooks", <WebhookPage />)} />}
          {offers("list_audit_log") && <Route path="/audit-log" element={manages("the audit log", <AuditLog />)} />}
        </>
      )}
      {offers("list_sessions") && <Route path="/sessions" element={<SessionsPage />} />}
      {session.operator && (
        <>
          <Route path="/tenants" element={<Tenants />} />
          {offers("get_tenant") && <Route path="/tenants/:tenantId" element={<TenantPage />} />}
          {offers("get_installation") && <Route path="/health" element={<Installation />} />}
          {offers("list_installation_jobs") && <Route path="/jobs" element={<InstallationJobs />} />}
        </>
      )}
      <Route path="*" element={<Navigate to={home} replace />} />
    </Routes>
  );
}
