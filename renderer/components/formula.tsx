import { Fragment } from 'react';
import { formulaParts } from '../lib/format.ts';

export function Formula({ formula }: { formula: string }) {
  return (
    <span className="formula">
      {formulaParts(formula).map(({ symbol, count }, i) => (
        <Fragment key={i}>
          {symbol}
          {count !== '' && <sub>{count}</sub>}
        </Fragment>
      ))}
    </span>
  );
}
