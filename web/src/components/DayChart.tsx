import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";

const Chart = lazy(() => import("./Chart"));

export interface Series {
  name: string;
  /** One for each day. */
  values: number[];
  /** A variable of console.css, such as "--red". */
  colour: string;
}
export interface ChartProps {
  kind: "bar" | "line";
  days: string[];
  series: Series[];
}

/** Numbers by day: a legend with sums, the drawing, and the same numbers as a table for those who do not see it. */
export function DayChart({ label, ...props }: ChartProps & { label: string }) {
  const { days, series } = props;
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return (
    <figure className="day-chart" aria-label={label}>
      <figcaption className="legend">
        {[...series].reverse().map(({ name, values, colour }) => (
          <span key={name}>
            <i style={{ background: `var(${colour})` }} />
            {name} <strong className="numbers">{sum(values).toLocaleString("en")}</strong>
          </span>
        ))}
      </figcaption>
      <div className="chart">
        <Suspense fallback={<Skeleton height={220} />}>
          <Chart {...props} />
        </Suspense>
      </div>
      <div className="only-read">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {series.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day, index) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {series.map(({ name, values }) => (
                  <td key={name}>{values[index]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
