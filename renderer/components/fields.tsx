import { useId, type ReactNode } from 'react';

interface FieldProps {
  readonly label: string;
  /** What it is for, or what is wrong with it. */
  readonly help?: ReactNode;
  readonly error?: string | null;
  readonly width?: 'short' | 'medium' | 'long';
}

/** A label, what it labels, and the words below. */
function Field({
  label,
  help,
  error,
  width,
  id,
  children,
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  const wrong = error !== undefined && error !== null;
  return (
    <div className="field" data-width={width ?? 'long'}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children}
      {help === undefined && !wrong ? null : (
        <p className="field-help" id={`${id}-help`} data-error={wrong}>
          {wrong ? error : help}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly secret?: boolean;
  readonly mono?: boolean;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly disabled?: boolean;
  readonly numeric?: boolean;
  readonly onEnter?: () => void;
}

/** One line of text. A secret is never completed or remembered by the window. */
export function TextField(props: TextFieldProps) {
  const { label, help, error, width, value, onChange, secret = false, mono = false, numeric = false, onEnter } = props;
  const id = useId();
  const described = help !== undefined || (error !== undefined && error !== null);
  return (
    <Field
      id={id}
      label={label}
      {...(help === undefined ? {} : { help })}
      error={error ?? null}
      {...(width === undefined ? {} : { width })}
    >
      <input
        id={id}
        className={mono || secret ? 'input mono' : 'input'}
        type={secret ? 'password' : 'text'}
        inputMode={numeric ? 'numeric' : 'text'}
        autoComplete="off"
        spellCheck={false}
        value={value}
        placeholder={props.placeholder}
        disabled={props.disabled}
        autoFocus={props.autoFocus}
        aria-invalid={error === undefined || error === null ? undefined : true}
        aria-describedby={described ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onEnter?.();
        }}
      />
    </Field>
  );
}

interface ChoiceFieldProps<T extends string> extends FieldProps {
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

/** One of a few. */
export function ChoiceField<T extends string>(props: ChoiceFieldProps<T>) {
  const { label, help, error, width, value, choices, onChange } = props;
  const id = useId();
  return (
    <Field
      id={id}
      label={label}
      {...(help === undefined ? {} : { help })}
      error={error ?? null}
      {...(width === undefined ? {} : { width })}
    >
      <select
        id={id}
        className="input"
        value={value}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onChange={(event) => {
          const chosen = choices.find((choice) => choice.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** A yes or no with its words. */
export function CheckField({
  label,
  help,
  checked,
  onChange,
}: {
  readonly label: string;
  readonly help?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help === undefined ? null : (
          <p className="field-help" id={`${id}-help`}>
            {help}
          </p>
        )}
      </div>
    </div>
  );
}
