import { Menu } from '@base-ui/react/menu';
import { FlaskConical } from 'lucide-react';
import { openSample, SAMPLES } from './open-more.ts';
import '../../components/menu.css';

/** The captures that come with the program, to try the viewer on. */
export function SamplesMenu() {
  return (
    <Menu.Root>
      <Menu.Trigger className="button">
        <FlaskConical size={13} aria-hidden /> Open a sample capture
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="menu-layer" align="end" sideOffset={4}>
          <Menu.Popup className="menu">
            {SAMPLES.map(({ name, title }) => (
              <Menu.Item key={name} className="menu-item" onClick={() => void openSample(name)}>
                {title} <span className="menu-spring" /> <span className="mono muted">{`${name}.pcapng`}</span>
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
