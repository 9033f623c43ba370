import { cleanup, render } from '@testing-library/react';
import type UPlot from 'uplot';
import { afterEach, expect, it, vi } from 'vitest';
import { BrushChart } from '../../renderer/features/trace/brush-chart.tsx';

const made = vi.hoisted((): { options: ((width: number) => UPlot.Options) | null } => ({ options: null }));

vi.mock('uplot', () => ({ default: {} }));
vi.mock('../../renderer/components/use-plot.ts', () => ({
  token: () => '',
  /** Like the real one it makes its plot once, for what it was given first. */
  usePlot: ({ options }: { options: (width: number) => UPlot.Options }) => {
    made.options ??= options;
    return { current: null };
  },
}));

afterEach(cleanup);

it('writes its axes, and tells what was brushed, as it is wanted last', () => {
  const told: string[] = [];
  const Chart = ({ name }: { readonly name: string }) => (
    <BrushChart
      label="Chart"
      x={[0, 1]}
      series={[{ label: 'A', token: '--a', values: [1, 2], steps: [1] }]}
      formatX={(value) => `${name} x ${value}`}
      format={(value) => `${name} y ${value}`}
      onBrush={(from, to) => told.push(`${name} ${from} to ${to}`)}
    />
  );
  const { rerender } = render(<Chart name="first" />);
  const options = made.options?.(300);
  rerender(<Chart name="second" />);
  const plot = {
    select: { left: 10, width: 20 },
    posToVal: (at: number) => at,
    setSelect: () => undefined,
  } as unknown as UPlot;
  const [x, y] = (options?.axes ?? []).map(({ values }) => values as (plot: UPlot, ticks: number[]) => string[]);
  expect(x?.(plot, [1, 2])).toEqual(['second x 1', 'second x 2']);
  expect(y?.(plot, [3])).toEqual(['second y 3']);
  options?.hooks?.setSelect?.forEach((hook) => hook?.(plot));
  expect(told).toEqual(['second 10 to 30']);
});
