import { useEffect, useRef, type RefObject } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** What a plot draws, and how. */
export interface Plotted {
  readonly x: readonly number[];
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
  readonly height: number;
  /** Called for each new plot: at first, for another set of series, and for another theme. */
  readonly options: (width: number) => UPlot.Options;
}

const LEAST_WIDTH = 120;

/** The value of a colour token, as the theme in force has it. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const dataOf = ({ x, series }: Pick<Plotted, 'x' | 'series'>): UPlot.AlignedData => [
  [...x],
  ...series.map(({ values }) => [...values]),
];

/** Draws a plot in the element that takes the reference, for as long as it is shown; it follows width, theme and data. */
export function usePlot(plotted: Plotted): RefObject<HTMLDivElement | null> {
  const { x, series } = plotted;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(plotted);
  useEffect(() => {
    latest.current = plotted;
  });
  const shape = series.map(({ label }) => label).join('|');
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const width = (): number => Math.max(LEAST_WIDTH, element.clientWidth);
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(latest.current.options(width()), dataOf(latest.current), element);
    };
    make();
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: width(), height: latest.current.height }));
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
    plot.current?.setData(dataOf({ x, series }));
  }, [x, series]);
  return box;
}
