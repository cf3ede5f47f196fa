import "@mantine/core/styles.css";
import "./console.css";

import { Anchor, createTheme, MantineProvider } from "@mantine/core";
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
    // Text, dimmed text, …, borders, hover, fields, frame, …: a little bluer than the library's.
    dark: ["#d9dbde", "#b8bbc0", "#a0a4aa", "#6b6f77", "#43464d", "#36383f", "#2d2f35", "#202125", "#1a1b1e", "#141517"],
  },
  defaultRadius: "md",
  fontFamily: "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif",
  cursorType: "pointer",
  components: { Anchor: Anchor.extend({ defaultProps: { underline: "always" } }) }, // a link in a text is known by more than its colour
});

// A session that ended shows the sign-in page, at the same address.
const onError = (error: unknown) => {
  if (error instanceof ApiError && error.status === 401) queries.setQueryData(["session"], null);
};

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
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
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
