// One plot: the share of good client-minutes as a line, how many there were as bars behind it, the promise as a dashed line.

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { count, language, timeOfDay } from "../i18n.ts";
import { t } from "./texts.ts";

export interface Points {
  minutes: number;
  from: number;
  good_percent: (number | null)[];
  client_minutes: number[];
}

const HEIGHT = 190;
const FAINT = "#c3bfb8";
const GRID = "rgba(255,255,255,0.08)";
const BARS = "rgba(255,255,255,0.16)";

function options(width: number, accent: string): uPlot.Options {
  const font = "12px system-ui, 'PingFang SC', 'Noto Sans CJK SC', sans-serif";
  const axis = { stroke: FAINT, grid: { stroke: GRID, width: 1 }, ticks: { show: false }, font, labelFont: font, labelSize: 18 };
  const clock = (_: uPlot, values: number[]) => values.map((value) => timeOfDay(value * 1000));
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: accent } },
    scales: { x: { time: true }, "%": { range: [0, 103] }, n: { range: (_, __, most) => [0, Math.max(1, (most ?? 1) * 1.15)] } },
    axes: [
      { ...axis, values: clock, space: 64, size: 28, grid: { show: false } },
      { ...axis, scale: "%", label: t("plot.good"), size: 38, incrs: [25, 50] },
      { ...axis, scale: "n", side: 1, label: t("plot.clients"), size: 40, grid: { show: false }, space: 40, values: (_, values) => values.map((value) => count(value)) },
    ],
    series: [
      {},
      { scale: "n", stroke: "transparent", fill: BARS, paths: uPlot.paths.bars?.({ size: [0.8, 14, 1] }), points: { show: false } },
      { scale: "%", stroke: accent, width: 2, spanGaps: false, points: { show: true, size: 4, fill: accent, stroke: accent } },
      { scale: "%", stroke: "#f4f2ee", width: 1, dash: [5, 4], points: { show: false } },
    ],
  };
}

function pointText(points: Points, index: number): string {
  const time = timeOfDay((points.from + index * points.minutes) * 60_000);
  const good = points.good_percent[index] ?? null;
  if (good === null) return t("plot.point.none", { time });
  return t("plot.point", { time, good: count(good), minutes: count(points.client_minutes[index] ?? 0) });
}

function Key({ shape, colour, text, dashed, wide }: { shape: string; colour: string; text: string; dashed?: boolean; wide?: boolean }) {
  return (
    <span>
      <svg viewBox="0 0 20 10" width="20" height="10">
        <path d={shape} fill="none" stroke={colour} stroke-width={wide ? 4 : 2} stroke-dasharray={dashed ? "4 3" : undefined} />
      </svg>
      {text}
    </span>
  );
}

export function Plot({ points, promise, accent, world }: { points: Points; promise: number; accent: string; world: string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const times = points.good_percent.map((_, index) => (points.from + index * points.minutes) * 60);
  const data: uPlot.AlignedData = [times, points.client_minutes, points.good_percent, times.map(() => promise)];
  const last = times.length - 1;

  useEffect(() => {
    const box = place.current as HTMLDivElement;
    const made = options(Math.max(240, box.clientWidth), accent);
    made.hooks = { setCursor: [(self) => setAt(self.cursor.idx ?? null)] };
    const drawn = new uPlot(made, data, box);
    plot.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: Math.max(240, box.clientWidth), height: HEIGHT }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [language.value, accent]);
  useEffect(() => plot.current?.setData(data), [points]);

  const read = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: (at ?? last + 1) - 1, ArrowRight: (at ?? last - 1) + 1, Home: 0, End: last };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(last, next));
    setAt(index);
    plot.current?.setCursor({ left: plot.current.valToPos(times[index] as number, "x"), top: 20 }, false);
  };
  return (
    <div class="plot">
      <p class="legend" aria-hidden="true">
        <Key shape="M1 5h18" colour={accent} text={t("plot.good")} />
        <Key shape="M1 5h18" colour="#f4f2ee" dashed text={`${t("plot.promise")} ${count(promise)} %`} />
        <Key shape="M4 10V4M9 10V1M14 10V6" colour="rgba(255,255,255,0.3)" wide text={t("plot.clients")} />
      </p>
      <div ref={place} class="drawn" role="img" tabIndex={0} aria-label={t("plot.label", { world })} onKeyDown={read} />
      <p class="readout" aria-live="polite">
        {at === null || at > last ? t("plot.hint") : pointText(points, at)}
      </p>
    </div>
  );
}
