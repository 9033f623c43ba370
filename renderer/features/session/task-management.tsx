import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { SessionEntry, TaskInput } from '../../../electron/contract/sessions.ts';
import { Button } from '../../components/button.tsx';
import { ChoiceField, TextField } from '../../components/fields.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';

interface TaskFunction {
  readonly value: TaskInput['function'];
  readonly label: string;
  readonly onLun: boolean;
  readonly others: boolean;
  readonly help: string;
}

const FUNCTIONS: readonly TaskFunction[] = [
  {
    value: 'abortTaskSet',
    label: 'ABORT TASK SET',
    onLun: true,
    others: false,
    help: 'Ends the commands of this session on the LUN.',
  },
  {
    value: 'clearAca',
    label: 'CLEAR ACA',
    onLun: true,
    others: false,
    help: 'Clears an auto contingent allegiance on the LUN.',
  },
  {
    value: 'clearTaskSet',
    label: 'CLEAR TASK SET',
    onLun: true,
    others: true,
    help: 'Ends the commands of every host on the LUN.',
  },
  {
    value: 'lunReset',
    label: 'LOGICAL UNIT RESET',
    onLun: true,
    others: true,
    help: 'Resets the LUN for every host that uses it.',
  },
  {
    value: 'targetWarmReset',
    label: 'TARGET WARM RESET',
    onLun: false,
    others: true,
    help: 'Resets every LUN of the target, for every host.',
  },
  {
    value: 'targetColdReset',
    label: 'TARGET COLD RESET',
    onLun: false,
    others: true,
    help: 'Resets the target; it may drop every session of every host.',
  },
];

interface Outcome {
  readonly text: string | null;
  readonly error: WireError | null;
}

/** Sends task management; what touches other hosts asks for the target's name to be typed. */
export function TaskManagement({ session }: { readonly session: SessionEntry }) {
  const [chosen, setChosen] = useState<TaskInput['function']>('abortTaskSet');
  const [lun, setLun] = useState('');
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const [outcome, setOutcome] = useState<Outcome>({ text: null, error: null });
  const task = FUNCTIONS.find(({ value }) => value === chosen);
  const luns = (session.luns ?? []).map((one) => ({ value: one.lun, label: `LUN ${one.text} ${one.product}` }));
  const target = luns.some(({ value }) => value === lun) ? lun : (luns[0]?.value ?? '');
  if (task === undefined) return null;
  const send = async (typedName: string | null): Promise<void> => {
    setAsking(false);
    setTyped('');
    const answer = await request('sessions.manageTasks', {
      id: session.id,
      function: chosen,
      lun: task.onLun ? target : null,
      typedName,
    });
    setOutcome(
      answer.ok ? { text: `${task.label}: ${answer.value.name}.`, error: null } : { text: null, error: answer.error },
    );
  };
  const close = (open: boolean): void => {
    setAsking(open);
    if (!open) setTyped('');
  };
  return (
    <section className="section">
      <h2>Task management</h2>
      <div className="measure-form">
        <ChoiceField label="Function" value={chosen} choices={FUNCTIONS} help={task.help} onChange={setChosen} />
        {task.onLun && luns.length > 0 ? (
          <ChoiceField label="On" value={target} choices={luns} onChange={setLun} />
        ) : null}
        <Button
          disabled={task.onLun && luns.length === 0}
          onClick={() => (task.others ? setAsking(true) : void send(null))}
        >
          {task.others ? 'Send, after a question' : 'Send'}
        </Button>
      </div>
      {outcome.text === null ? null : <p role="status">{outcome.text}</p>}
      {outcome.error === null ? null : (
        <ErrorNotice error={outcome.error} about={`${task.label} to ${session.target}`} session={session.id} />
      )}
      <AlertDialog.Root open={asking} onOpenChange={close}>
        <AlertDialog.Portal>
          <AlertDialog.Backdrop className="backdrop" />
          <AlertDialog.Popup className="dialog">
            <AlertDialog.Title className="dialog-title">{`Send ${task.label}?`}</AlertDialog.Title>
            <AlertDialog.Description className="dialog-text">
              {`${task.help} Their commands end with errors, and what they were writing may be half done. To go on, type the name of the target:`}
            </AlertDialog.Description>
            <p className="mono wrap dialog-name selectable">{session.target}</p>
            <TextField label="Name of the target" mono autoFocus value={typed} onChange={setTyped} />
            <div className="form-actions dialog-actions">
              <AlertDialog.Close className="button">Cancel</AlertDialog.Close>
              <button
                type="button"
                className="button"
                data-danger="true"
                disabled={typed !== session.target}
                onClick={() => void send(typed)}
              >
                {`Send ${task.label}`}
              </button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </section>
  );
}
