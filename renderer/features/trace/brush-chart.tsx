import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { token, usePlot } from '../../components/use-plot.ts';
import './charts.css';

/** One line or set of bars. */
export interface BrushSeries {
  readonly label: string;
  /** A token, such as `--pdu-cmd`. */
  readonly token: string;
  readonly values: readonly number[];
  readonly bars?: boolean;
  readonly scale?: string;
  /** What the ticks of its scale may be apart, ascending; the first series of a scale says it. */
  readonly steps: readonly number[];
}

interface BrushChartProps {
  readonly label: string;
  readonly x: readonly number[];
  readonly series: readonly BrushSeries[];
  readonly formatX: (value: number) => string;
  readonly format: (value: number, scale: string) => string;
  /** Told what was brushed over, in units of x. */
  readonly onBrush: (from: number, to: number) => void;
}

const HEIGHT = 170;
const LEAST_BRUSH = 3;
const RIGHT = 1;
const LEFT = 3;

function optionsOf({ series, formatX, format, onBrush }: BrushChartProps, width: number): UPlot.Options {
  const line = { stroke: token('--border'), width: 1 };
  const axis = { stroke: token('--fg-muted'), grid: line, ticks: line, font: '11px sans-serif' };
  const scales = [...new Set(series.map(({ scale = 'y' }) => scale))];
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: false },
      ...Object.fromEntries(
        scales.map((scale) => [
          scale,
          { range: (_plot: UPlot, _low: number, high: number) => [0, high <= 0 ? 1 : high * 1.08] as [number, number] },
        ]),
      ),
    },
    axes: [
      { ...axis, size: 26, values: (_plot, ticks) => ticks.map(formatX) },
      ...scales.map((scale, at): Record<string, unknown> => ({
        ...axis,
        scale,
        incrs: [...(series.find((one) => (one.scale ?? 'y') === scale)?.steps ?? [])],
        side: at === 0 ? LEFT : RIGHT,
        size: 70,
        grid: at === 0 ? line : { show: false },
        values: (_plot: UPlot, ticks: number[]) => ticks.map((tick) => format(tick, scale)),
      })),
    ] as UPlot.Axis[],
    series: [
      {},
      ...series.map(({ label, token: name, bars = false, scale = 'y' }) => ({
        label,
        scale,
        stroke: token(name),
        width: bars ? 0 : 1.5,
        points: { show: false },
        ...(bars ? { paths: UPlot.paths.bars?.({ size: [0.9] }), fill: token(name) } : {}),
      })),
    ] as UPlot.Series[],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide < LEAST_BRUSH) return;
          onBrush(plot.posToVal(left, 'x'), plot.posToVal(left + wide, 'x'));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** A chart one can drag over; beside it stand the same figures as text, and fields that do what dragging does. */
export function BrushChart(props: BrushChartProps) {
  const { label, x, series } = props;
  // A plot outlives what it is told to write and whom to tell: it always asks the latest.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const box = usePlot({
    x,
    series,
    height: HEIGHT,
    options: (width) =>
      optionsOf(
        {
          ...props,
          formatX: (value) => latest.current.formatX(value),
          format: (value, scale) => latest.current.format(value, scale),
          onBrush: (from, to) => latest.current.onBrush(from, to),
        },
        width,
      ),
  });
  return (
    <figure className="brush" aria-label={label}>
      <div ref={box} className="brush-plot" aria-hidden />
      <figcaption className="brush-legend">
        {series.map((one) => (
          <span key={one.label} className="brush-key">
            <span className="brush-swatch" style={{ background: `var(${one.token})` }} aria-hidden />
            {one.label}
          </span>
        ))}
        <span className="muted">Drag over the chart to filter.</span>
      </figcaption>
    </figure>
  );
}
