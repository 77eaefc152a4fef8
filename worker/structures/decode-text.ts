// Bytes of an untrusted file -> text: UTF-8, UTF-16 with a byte order mark, else Latin-1; binary content is refused.
import { StructureError } from './structure-error.ts';

interface DecodedText {
  readonly text: string;
  readonly warnings: readonly string[];
}

const COMPRESSED: readonly (readonly [string, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
];

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}

/**
 * @throws StructureError empty_file | unsupported_format (compressed or binary content)
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length === 0)
    throw new StructureError('empty_file', 'The file is empty; upload a CIF, XYZ or POSCAR file.');
  for (const [name, magic] of COMPRESSED) {
    if (startsWith(bytes, magic)) {
      throw new StructureError(
        'unsupported_format',
        `The file is compressed (${name}); unpack it and upload its content.`,
      );
    }
  }
  const decoded = decodeBytes(bytes);
  if (decoded.text.includes('\0')) {
    throw new StructureError('unsupported_format', 'The file is binary; a CIF, XYZ or POSCAR file is plain text.');
  }
  if (decoded.text.trim() === '') {
    throw new StructureError('empty_file', 'The file holds nothing but white space; upload a CIF, XYZ or POSCAR file.');
  }
  return decoded;
}

function decodeBytes(bytes: Uint8Array): DecodedText {
  if (startsWith(bytes, [0xff, 0xfe])) return { text: new TextDecoder('utf-16le').decode(bytes), warnings: [] };
  if (startsWith(bytes, [0xfe, 0xff])) return { text: new TextDecoder('utf-16be').decode(bytes), warnings: [] };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), warnings: [] };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return {
      text: new TextDecoder('latin1').decode(bytes),
      warnings: [
        'The file is not valid UTF-8 and was read as Latin-1; accented letters may be wrong, numbers are not.',
      ],
    };
  }
}
