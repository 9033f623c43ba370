import { useId, type ReactNode, type Ref } from 'react';

interface FieldProps {
  readonly label: string;
  /** What it is for, or what is wrong with it. */
  readonly help?: ReactNode;
  readonly error?: string | null;
  readonly width?: 'short' | 'medium' | 'long';
}

/** What ties a control to its label and to the words below it. */
interface Ties {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

/** A label, what it labels, and the words below. */
function Field({
  label,
  help,
  error = null,
  width = 'long',
  children,
}: FieldProps & { readonly children: (ties: Ties) => ReactNode }) {
  const id = useId();
  const words = error ?? help;
  const wrong = error !== null;
  return (
    <div className="field" data-width={width}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': words === undefined ? undefined : `${id}-help`,
        'aria-invalid': wrong ? true : undefined,
      })}
      {words === undefined ? null : (
        <p className="field-help" id={`${id}-help`} data-error={wrong}>
          {words}
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
  readonly ref?: Ref<HTMLInputElement>;
}

/** One line of text. A secret is never completed or remembered by the window. */
export function TextField(props: TextFieldProps) {
  const { value, onChange, secret = false, mono = false, numeric = false, onEnter } = props;
  return (
    <Field {...props}>
      {(ties) => (
        <input
          {...ties}
          ref={props.ref}
          className={mono || secret ? 'input mono' : 'input'}
          type={secret ? 'password' : 'text'}
          inputMode={numeric ? 'numeric' : 'text'}
          autoComplete="off"
          spellCheck={false}
          value={value}
          placeholder={props.placeholder}
          disabled={props.disabled}
          autoFocus={props.autoFocus}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || onEnter === undefined) return;
            // What takes the focus then must not be pressed by the same key.
            event.preventDefault();
            onEnter();
          }}
        />
      )}
    </Field>
  );
}

interface AreaFieldProps extends FieldProps {
  readonly value: string;
  readonly secret?: boolean;
  readonly onChange: (value: string) => void;
}

/** Several lines of text; those of a secret are not shown. */
export function AreaField(props: AreaFieldProps) {
  return (
    <Field {...props}>
      {(ties) => (
        <textarea
          {...ties}
          className="input mono area"
          data-secret={props.secret === true}
          rows={5}
          autoComplete="off"
          spellCheck={false}
          value={props.value}
          onChange={(event) => props.onChange(event.target.value)}
        />
      )}
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
  const { value, choices, onChange } = props;
  return (
    <Field {...props}>
      {(ties) => (
        <select
          {...ties}
          className="input"
          value={value}
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
      )}
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
