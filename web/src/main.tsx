import "@fontsource-variable/inter/index.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./console.css";
import "./components/components.css";

import { Anchor, createTheme, MantineProvider, Notification } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { ApiError } from "./api/client";
import { App } from "./App";

const theme = createTheme({
  primaryColor: "blue",
  primaryShade: { light: 8, dark: 8 }, // white text on it reaches 4.5:1
  colors: {
    blue: ["#eef3fd", "#dbe6fb", "#b6cbf6", "#8fb1f1", "#6c98ec", "#5b87ee", "#3f6fdd", "#3565d6", "#2f5fd0", "#2750b3"],
    // Text, dimmed text, …, borders, hover, fields, frame, …: calmer than the library's.
    dark: ["#e6e8eb", "#c6cad1", "#9aa1ac", "#6b7280", "#343a42", "#282d34", "#1e2228", "#16191d", "#14161a", "#0f1114"],
  },
  defaultRadius: "md",
  fontFamily: "'Inter Variable', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', sans-serif",
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  components: {
    Anchor: Anchor.extend({ defaultProps: { underline: "always" } }), // a link in a text is known by more than its colour
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close" } } }),
  },
});

// A session that ended shows the sign-in page, at the same address.
const endedSession = (error: unknown) => {
  if (error instanceof ApiError && error.status === 401) queries.setQueryData(["session"], null);
};

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: endedSession }),
  // A wrong password of one's own is no end of the session.
  mutationCache: new MutationCache({ onError: (error, _variables, _result, { meta }) => meta?.asksPassword || endedSession(error) }),
  defaultOptions: {
    // A refusal (401, 403, 404, 422) does not get better by asking again; a passing fault does.
    queries: { staleTime: 2_000, retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500) },
  },
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
        <Notifications position="bottom-right" autoClose={5_000} limit={3} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
