// One parameter of a task: label, unit, input, and the message when the schema refuses the value.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { en } from '../../../locales/en.ts';
import type { ParameterField } from '../../../lib/parameter-fields.ts';
import { isQuantity, QUANTITIES } from '../../../lib/quantities.ts';

interface ParameterInputProps {
  field: ParameterField;
  value: string | boolean | undefined;
  problem: string | null;
  onChange: (value: string | boolean) => void;
}

type LabelKey = keyof typeof en.parameter;
type HelpKey = keyof typeof en.parameterHelp;

function hasLabel(name: string): name is LabelKey {
  return Object.hasOwn(en.parameter, name);
}

function hasHelp(name: string): name is HelpKey {
  return Object.hasOwn(en.parameterHelp, name);
}

export function ParameterInput({ field, value, problem, onChange }: ParameterInputProps) {
  const { t } = useTranslation();
  const id = useId();
  const label = hasLabel(field.name) ? t(`parameter.${field.name}`) : field.name.replaceAll('_', ' ');
  const help = hasHelp(field.name) ? t(`parameterHelp.${field.name}`) : undefined;
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
            <input
              id={id}
              type="text"
              inputMode={field.isInteger ? 'numeric' : 'decimal'}
              autoComplete="off"
              spellCheck={false}
              value={typeof value === 'string' ? value : ''}
              placeholder={field.initial === null ? t('submit.auto') : String(field.initial)}
              aria-invalid={problem !== null}
              aria-describedby={problem === null ? undefined : `${id}-problem`}
              onChange={(event) => {
                onChange(event.target.value);
              }}
            />
            {unit !== '' && <span className="unit">{unit}</span>}
          </>
        );
      case 'choice':
        return (
          <select
            id={id}
            value={typeof value === 'string' ? value : (field.initial ?? '')}
            onChange={(event) => {
              onChange(event.target.value);
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
                onChange(event.target.value === '' ? '' : event.target.value === 'true');
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
              onChange(event.target.checked);
            }}
          />
        );
    }
  }
}
