import { Alert, Button, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";

/** Catches a page that cannot be shown, for instance because Letterlock was upgraded and its old files are gone. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Alert color="red" title="This page could not be shown" maw={640} role="alert">
        <Text size="sm">Letterlock may have been upgraded since you opened it. Load the page again to get the new version.</Text>
        <Button mt="sm" size="xs" variant="default" onClick={() => window.location.reload()}>
          Load again
        </Button>
      </Alert>
    );
  }
}
