import { useRef } from 'react';
import { Button } from '../../../components/button.tsx';

interface OpenFileButtonProps {
  onOpen: (files: readonly File[]) => void;
  isBusy: boolean;
  look?: 'primary' | 'plain';
  text: string;
  /** Extensions and types that the dialog offers; default: structures. */
  accept?: string;
}

const STRUCTURES = '.cif,.xyz,.extxyz,.poscar,.vasp,.contcar,chemical/x-cif,chemical/x-xyz';

export function OpenFileButton({ onOpen, isBusy, look = 'plain', text, accept = STRUCTURES }: OpenFileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon="upload" look={look} disabled={isBusy} onClick={() => input.current?.click()}>
        {text}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={accept}
        aria-label={text}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file chosen again must count as a change.
          event.target.value = '';
          if (files.length > 0) onOpen(files);
        }}
      />
    </>
  );
}
