// One parameter of a task: label, unit, input, and the message when the schema refuses the value.
import { useId } from 'react';
import type { ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';
import { en } from '../../../locales/en.ts';
import type { Draft, NumberRange, ParameterField } from '../../../lib/parameter-fields.ts';
import { isQuantity, QUANTITIES } from '../../../lib/quantities.ts';

interface ParameterInputProps {
  field: ParameterField;
  draft: Draft;
  problem: string | null;
  /** `path` is the field's, or that of a component of a vector. */
  onChange: (path: string, value: string | boolean) => void;
}

type LabelKey = keyof typeof en.parameter;
type HelpKey = keyof typeof en.parameterHelp;

function hasLabel(name: string): name is LabelKey {
  return Object.hasOwn(en.parameter, name);
}

function hasHelp(name: string): name is HelpKey {
  return Object.hasOwn(en.parameterHelp, name);
}

export function ParameterInput({ field, draft, problem, onChange }: ParameterInputProps) {
  const { t } = useTranslation();
  const id = useId();
  const label = hasLabel(field.name) ? t(`parameter.${field.name}`) : field.name.replaceAll('_', ' ');
  const help = hasHelp(field.name) ? t(`parameterHelp.${field.name}`) : undefined;
  const value = draft[field.path];
  const unit = isQuantity(field.name) ? QUANTITIES[field.name].unit : '';
  return (
    <div className="parameter" data-parameter={field.path}>
      <label htmlFor={id} title={help}>
        {label}
      </label>
      <div className="parameter-input">{control()}</div>
      {problem !== null && (
        <p className="parameter-problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  );

  function control() {
    switch (field.kind) {
      case 'number':
        return (
          <>
            {numberInput(field.path, field, { id })}
            {unit !== '' && <span className="unit">{unit}</span>}
          </>
        );
      case 'vector':
        return (
          <>
            {field.components.map((component, i) =>
              numberInput(`${field.path}.${i}`, component, {
                // The label of the group belongs to its first number.
                id: i === 0 ? id : undefined,
                'aria-label': `${label} ${i + 1}`,
              }),
            )}
            {unit !== '' && <span className="unit">{unit}</span>}
          </>
        );
      case 'choice':
        return (
          <select
            id={id}
            value={typeof value === 'string' ? value : (field.initial ?? '')}
            onChange={(event) => {
              onChange(field.path, event.target.value);
            }}
          >
            {field.initial === null && <option value="">{t('submit.auto')}</option>}
            {field.choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        );
      case 'switch':
        if (field.initial === null) {
          return (
            <select
              id={id}
              value={typeof value === 'boolean' ? String(value) : ''}
              onChange={(event) => {
                onChange(field.path, event.target.value === '' ? '' : event.target.value === 'true');
              }}
            >
              <option value="">{t('submit.auto')}</option>
              <option value="true">{t('submit.on')}</option>
              <option value="false">{t('submit.off')}</option>
            </select>
          );
        }
        return (
          <input
            id={id}
            type="checkbox"
            role="switch"
            checked={typeof value === 'boolean' ? value : field.initial}
            onChange={(event) => {
              onChange(field.path, event.target.checked);
            }}
          />
        );
    }
  }

  function numberInput(path: string, range: NumberRange, attributes: ComponentProps<'input'>) {
    const entry = draft[path];
    return (
      <input
        key={path}
        {...attributes}
        type="text"
        inputMode={range.isInteger ? 'numeric' : 'decimal'}
        autoComplete="off"
        spellCheck={false}
        value={typeof entry === 'string' ? entry : ''}
        placeholder={range.initial === null ? t('submit.auto') : String(range.initial)}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        onChange={(event) => {
          onChange(path, event.target.value);
        }}
      />
    );
  }
}
