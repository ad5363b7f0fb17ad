import { PickleInstance, type PickleFunction } from "./pickle";

/**
 * Classes and functions that pickles name for what training code saves beside the weights: settings,
 * counters, states of optimisers. None of it is needed. An object becomes an empty `PickleInstance`,
 * which has the name of the class only.
 */

/** Functions that Python would call to make harmless values. Here a call returns an empty object. */
const constructors = [
  "collections.defaultdict",
  "collections.deque",
  "collections.Counter",
  "types.SimpleNamespace",
  ...["set", "frozenset", "bytearray", "complex", "slice", "range"].flatMap(
    (name) => [`builtins.${name}`, `__builtin__.${name}`],
  ),
  "__builtin__.xrange",
  "_codecs.encode",
  "copyreg.__newobj__",
  "copy_reg.__newobj__",
  "copyreg.__newobj_ex__",
  "copy_reg.__newobj_ex__",
  "copyreg._reconstructor",
  "copy_reg._reconstructor",
  "datetime.date",
  "datetime.datetime",
  "datetime.time",
  "datetime.timedelta",
  "decimal.Decimal",
  "fractions.Fraction",
  "uuid.UUID",
  ...["Path", "PosixPath", "WindowsPath", "PurePosixPath"].flatMap((name) => [
    `pathlib.${name}`,
    `pathlib._local.${name}`,
  ]),
  "numpy.dtype",
  "numpy.ndarray",
  "numpy.core.multiarray.scalar",
  "numpy.core.multiarray._reconstruct",
  "numpy.core.numeric._frombuffer",
  "numpy._core.numeric._frombuffer",
  "numpy._core.multiarray.scalar",
  "numpy._core.multiarray._reconstruct",
  "torch.device",
];

/** Types of Python and of tensors that a pickle may name but not call. */
const named = [
  ...["object", "int", "float", "bool", "str", "bytes", "list", "dict"].flatMap(
    (name) => [`builtins.${name}`, `__builtin__.${name}`],
  ),
  ..."float64 float32 float16 bfloat16 float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz complex64 complex128 int64 int32 int16 int8 uint64 uint32 uint16 uint8 bool"
    .split(" ")
    .map((name) => `torch.${name}`),
];

/** The names above, for `PickleRules.globals`. */
export const inertGlobals: readonly (readonly [
  string,
  PickleFunction | undefined,
])[] = [
  ...constructors.map(
    (name) => [name, () => new PickleInstance(name)] as const,
  ),
  ...named.map((name) => [name, undefined] as const),
];

/**
 * Whether a full name may be that of a class, such as `argparse.Namespace`. By convention, names of
 * classes begin with a capital letter and names of functions do not.
 */
export function mayBeClass(name: string): boolean {
  return /(^|\.)[A-Z]\w*$/.test(name);
}
