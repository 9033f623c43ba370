import { Tooltip } from '@base-ui/react/tooltip';
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import { IconButton } from '../../renderer/components/icon-button.tsx';

afterEach(cleanup);

it('shows its name as a tip for the eye, and says it once', async () => {
  render(
    <Tooltip.Provider delay={0}>
      <IconButton label="Add portal" onClick={() => undefined}>
        +
      </IconButton>
    </Tooltip.Provider>,
  );
  await userEvent.hover(screen.getByRole('button', { name: 'Add portal' }));
  const tip = await screen.findByText('Add portal');
  expect(tip.closest('[aria-hidden="true"]')).not.toBeNull();
});
