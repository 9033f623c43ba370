import UPlot from 'uplot';
import { BYTE_STEPS } from './chart-steps.ts';
import { token, usePlot } from './use-plot.ts';

/** One line of a chart. */
export interface Series {
  readonly label: string;
  /** A token, such as `--pdu-cmd`. */
  readonly token: string;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly label: string;
  /** In seconds since the epoch, or any numbers where `time` is false. */
  readonly x: readonly number[];
  readonly series: readonly Series[];
  readonly time?: boolean;
  readonly bars?: boolean;
  readonly logX?: boolean;
  readonly format: (value: number) => string;
  readonly formatX?: (value: number) => string;
  /** Whether the values are bytes, whose round numbers are powers of two. */
  readonly binary?: boolean;
  readonly height?: number;
}

const DEFAULT_HEIGHT = 150;
/** A logarithmic scale, by the library's own number for it. */
const LOG_SCALE = { distr: 3 } as unknown as UPlot.Scale;

function optionsOf(
  {
    series,
    time = true,
    bars = false,
    logX = false,
    binary = false,
    format,
    formatX,
    height = DEFAULT_HEIGHT,
  }: ChartProps,
  width: number,
): UPlot.Options {
  const axis = {
    stroke: token('--fg-muted'),
    grid: { stroke: token('--border'), width: 1 },
    ticks: { stroke: token('--border'), width: 1 },
    font: '11px sans-serif',
  };
  return {
    width,
    height,
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { show: false },
    scales: {
      x: { time, ...(logX ? LOG_SCALE : {}) },
      y: { range: (_plot, _least, most) => [0, most <= 0 ? 1 : most * 1.1] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        ...(formatX === undefined
          ? {}
          : {
              values: (_plot: UPlot, ticks: (number | null)[]) =>
                ticks.map((tick) => (tick === null ? '' : formatX(tick))),
            }),
      },
      {
        ...axis,
        size: 64,
        ...(binary ? { incrs: [...BYTE_STEPS] } : {}),
        values: (_plot, ticks) => ticks.map(format),
      },
    ],
    series: [
      {},
      ...series.map(({ label, token: name }) => ({
        label,
        stroke: token(name),
        width: 1.5,
        // A second alone between silent ones is a point, and would else not be seen.
        points: { show: !bars, size: 3 },
        ...(bars ? { paths: UPlot.paths.bars?.({ size: [0.9] }), fill: token(name) } : {}),
      })),
    ] as UPlot.Series[],
  };
}

/** A small chart; `label` says in words what it shows, and the figures stand beside it as text. */
export function Chart(props: ChartProps) {
  const { label, x, series, height = DEFAULT_HEIGHT } = props;
  const box = usePlot({ x, series, height, options: (width) => optionsOf(props, width) });
  return (
    <div className="chart" role="img" aria-label={label}>
      <div ref={box} />
      <div className="chart-legend" aria-hidden>
        {series.map((one) => (
          <span key={one.label}>
            <span className="chart-key" data-token={one.token} />
            {one.label}
          </span>
        ))}
      </div>
    </div>
  );
}
