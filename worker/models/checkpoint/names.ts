// Which classes and functions a checkpoint may name. A name is text here and is never looked up; the list exists so that a file that
// was made to do something else than hold a model is told so, by the name that gives it away.
import { quoteText } from '../../structures/structure-error.ts';
import { CheckpointError } from './checkpoint-error.ts';

/** Packages, and modules of torch, whose classes a model is made of. */
const PREFIXES = ['mace.', 'e3nn.', 'torch._utils.', 'torch._tensor.', 'torch.nn.', 'torch.fx.', 'torch.optim.'];

/** Packages that extend MACE. Their models are read so that whoever imports them can say which part is not supported, and what helps. */
const EXTENSIONS = [
  'cuequivariance',
  'cuequivariance_torch',
  'cuequivariance_ops_torch',
  'openequivariance',
  'les',
  'graph_longrange',
];
const ALL_PREFIXES = [...PREFIXES, ...EXTENSIONS.map((name) => `${name}.`)];

const BUILTINS = 'set frozenset slice dict list tuple int float bool complex str bytes bytearray object range'.split(
  ' ',
);
const NUMPY_SCALARS = 'float16 float32 float64 int8 int16 int32 int64 uint8 bool_'.split(' ');
const TORCH_TYPES = 'float16 bfloat16 float32 float64 int8 int16 int32 int64 uint8 bool'.split(' ');
const STORAGES = 'Double Float Half BFloat16 Long Int Short Char Byte Bool'.split(' ');

const NAMES: ReadonlySet<string> = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  '_codecs.encode',
  // For few attributes only: calls.ts refuses every other one.
  'builtins.getattr',
  '__builtin__.getattr',
  'torch._C._VariableFunctions',
  'torch._C._VariableFunctionsClass',
  ...['builtins', '__builtin__'].flatMap((module) => BUILTINS.map((name) => `${module}.${name}`)),
  ...['numpy.core', 'numpy._core'].flatMap((core) => [`${core}.multiarray.scalar`, `${core}.multiarray._reconstruct`]),
  ...['dtype', 'ndarray', ...NUMPY_SCALARS].map((name) => `numpy.${name}`),
  ...['Size', 'device', 'Tensor', ...TORCH_TYPES].map((name) => `torch.${name}`),
  ...['TypedStorage', 'UntypedStorage'].map((name) => `torch.storage.${name}`),
  ...STORAGES.map((name) => `torch.${name}Storage`),
]);

/**
 * What a dotted name must not pass through: `torch.nn.modules.module.torch.hub.load` begins like a class of a layer, and every module has
 * those that it imports as its attributes.
 */
const FORBIDDEN_PARTS: ReadonlySet<string> = new Set(
  (
    'os posix nt sys subprocess builtins importlib runpy shutil socket ctypes pickle cPickle pty pathlib tempfile torch numpy np ' +
    'code codeop eval exec execfile open getattr setattr delattr globals locals vars system popen spawn fork hub inspect types ' +
    'functools operator multiprocessing threading asyncio urllib requests http webbrowser linecache'
  ).split(' '),
);

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * @returns the dotted name
 * @throws CheckpointError for a name that no model needs
 */
export function admitName(module: string, name: string, byteOffset: number): string {
  const dotted = `${module}.${name}`;
  if (NAMES.has(dotted)) return dotted;
  const below = dotted.split('.').slice(1);
  const isPlain = below.every((part) => IDENTIFIER.test(part) && !part.startsWith('__') && !FORBIDDEN_PARTS.has(part));
  if (isPlain && ALL_PREFIXES.some((prefix) => dotted.startsWith(prefix))) return dotted;
  throw new CheckpointError(
    `It names ${quoteText(dotted)}, which is no part of a MACE model. A file that asks for other things than the classes of ` +
      'mace, e3nn, torch and numpy may be made to harm whoever loads it in Python, and is not read.',
    byteOffset,
  );
}
