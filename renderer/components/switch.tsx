import { Switch as BaseSwitch } from '@base-ui/react/switch';

interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

/** An on-off switch; its label is read, the text beside it is seen. */
export function Switch({ label, on, onChange }: SwitchProps) {
  return (
    <BaseSwitch.Root className="switch" aria-label={label} checked={on} onCheckedChange={onChange}>
      <BaseSwitch.Thumb className="switch-thumb" />
    </BaseSwitch.Root>
  );
}
