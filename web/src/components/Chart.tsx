import { useComputedColorScheme } from "@mantine/core";
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart as Drawing,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";
import { useEffect, useRef } from "react";

import type { ChartProps } from "./DayChart";

Drawing.register(BarController, BarElement, LineController, LineElement, PointElement, Filler, LinearScale, CategoryScale, Tooltip);

const dayText = (day: string) =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Draws series by day. Loaded by itself, when a page has a chart. */
export default function Chart({ kind, days, series }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Drawing>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const font = { family: style.getPropertyValue("--mantine-font-family"), size: 11 };
    const ticks = { color: colour("--dim"), font };
    drawing.current = new Drawing(canvas.current!, {
      type: kind,
      data: {
        labels: days.map(dayText),
        datasets: series.map(({ name, values, colour: variable }) => ({
          label: name,
          data: values,
          backgroundColor: colour(variable),
          borderColor: colour(variable),
          ...(kind === "bar"
            ? { borderRadius: 2, maxBarThickness: 22, categoryPercentage: 0.86, barPercentage: 0.94 }
            : { borderWidth: 1.5, pointRadius: 0, fill: "origin", tension: 0.25 }),
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        responsive: true,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: {
            stacked: true,
            grid: { display: false },
            border: { color: colour("--line") },
            ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 18 },
          },
          y: {
            stacked: true,
            beginAtZero: true,
            grid: { color: colour("--chart-grid") },
            border: { display: false },
            ticks: { ...ticks, precision: 0, maxTicksLimit: 5, padding: 6 },
          },
        },
        plugins: {
          tooltip: {
            animation: still ? false : undefined,
            backgroundColor: colour("--text"),
            titleColor: colour("--page"),
            bodyColor: colour("--page"),
            titleFont: { ...font, weight: 600 },
            bodyFont: font,
            padding: 8,
            boxPadding: 4,
            itemSort: (left, right) => right.datasetIndex - left.datasetIndex,
            filter: (item) => Number(item.raw) > 0,
          },
        },
      },
    });
    return () => drawing.current?.destroy();
  }, [kind, days, series, scheme]);
  return <canvas ref={canvas} aria-hidden />;
}
