// A row of buttons of which one is chosen. Arrow keys move the choice, as in any radio group.
import { useId } from 'react';

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  choices: readonly { value: T; text: string; title?: string }[];
  onChange: (value: T) => void;
}

export function Segmented<T extends string>({ label, value, choices, onChange }: SegmentedProps<T>) {
  const name = useId();
  return (
    <fieldset className="segmented" aria-label={label}>
      {choices.map((choice) => (
        <label key={choice.value} title={choice.title} className={choice.value === value ? 'is-chosen' : undefined}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => {
              onChange(choice.value);
            }}
          />
          <span>{choice.text}</span>
        </label>
      ))}
    </fieldset>
  );
}
