import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** One line or set of bars. */
export interface BrushSeries {
  readonly label: string;
  /** A token, such as `--pdu-cmd`. */
  readonly token: string;
  readonly values: readonly number[];
  readonly bars?: boolean;
  readonly scale?: string;
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
const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

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
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const shape = series.map((one) => one.label).join('|');
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const width = (): number => Math.max(160, element.clientWidth);
    const make = (): void => {
      plot.current?.destroy();
      const now: BrushChartProps = { ...latest.current, onBrush: (from, to) => latest.current.onBrush(from, to) };
      const data = [[...now.x], ...now.series.map(({ values }) => [...values])] as UPlot.AlignedData;
      plot.current = new UPlot(optionsOf(now, width()), data, element);
    };
    make();
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: width(), height: HEIGHT }));
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: light)');
    scheme.addEventListener('change', make);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', make);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData([[...x], ...series.map(({ values }) => [...values])] as UPlot.AlignedData);
  }, [x, series]);
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
