import type { ReactNode } from "react";

export interface Column<Row> {
  name: string;
  cell: (row: Row) => ReactNode;
  /** Numbers and times stand at the end, actions in a narrow column. */
  align?: "end";
  narrow?: boolean;
  /** On a phone the first cell needs no label, nor do actions. */
  unlabelled?: boolean;
}

/** A table of tens to hundreds of rows. On a phone each row is a card with its columns' names. */
export function DataTable<Row>({
  label,
  rows,
  columns,
  rowKey,
  middle,
  flow,
}: {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  /** Cells with controls stand on one line. */
  middle?: boolean;
  /** On a phone a row's cells follow each other like words. */
  flow?: boolean;
}) {
  const className = (column: Column<Row>, content?: ReactNode) =>
    [column.align, column.narrow && "narrow", content === null || content === "" ? "empty" : undefined].filter(Boolean).join(" ") ||
    undefined;
  return (
    <table className={["table", middle && "middle", flow && "flow"].filter(Boolean).join(" ")} aria-label={label} role="table">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.name} scope="col" role="columnheader" className={className(column)}>
              {column.unlabelled && column.align === "end" ? <span className="only-read">{column.name}</span> : column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column) => {
              const content = column.cell(row);
              return (
                <td
                  key={column.name}
                  role="cell"
                  className={className(column, content)}
                  data-label={column.unlabelled ? undefined : column.name}
                >
                  {content}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
