import { Paper, Table } from "@mantine/core";
import { IconBuilding } from "@tabler/icons-react";

import { useTenants } from "../api/operations";
import { Page } from "../components/Page";
import { Empty, Failed, Loading } from "../components/States";

export default function Tenants() {
  const tenants = useTenants();
  return (
    <Page title="Companies" about="All companies of this installation.">
      {tenants.isPending && <Loading what="companies" />}
      {tenants.isError && <Failed error={tenants.error} retry={() => void tenants.refetch()} />}
      {tenants.data && (
        <Paper withBorder className="panel">
          {tenants.data.tenants.length === 0 ? (
            <Empty icon={<IconBuilding size={40} stroke={1.2} aria-hidden />} title="No company yet">
              Add one with “letterlock tenant create”.
            </Empty>
          ) : (
            <Table verticalSpacing="sm" horizontalSpacing="md">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th ta="right">Connections</Table.Th>
                  <Table.Th ta="right">Open alerts</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {tenants.data.tenants.map((tenant) => (
                  <Table.Tr key={tenant.tenant_id}>
                    <Table.Td fw={600} className="breakable">
                      {tenant.name}
                    </Table.Td>
                    <Table.Td ta="right">{tenant.connections.toLocaleString("en")}</Table.Td>
                    <Table.Td ta="right">{tenant.alerts_open.toLocaleString("en")}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Paper>
      )}
    </Page>
  );
}
