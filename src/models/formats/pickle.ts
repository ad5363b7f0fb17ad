import { message, ToldError, type Message } from "../../messages";

/**
 * The values of a Python pickle, read as plain data (opcodes: CPython's `pickletools`). Where Python
 * would import a class or function and call it, this reader calls a function from a list that its caller
 * provides, or nothing. So a pickle cannot run code.
 *
 * A hostile pickle may contain itself, fill the memo, nest to any depth or claim absurd lengths. So the
 * reader does not recurse, copies no data, and executes a limited number of opcodes.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleTuple
  | PickleDict
  | PickleObject;

export class PickleList {
  readonly items: PickleValue[] = [];
}

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** A dict or an OrderedDict. A later value of a key replaces an earlier one, as in Python. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** The base class of values that the caller's functions make. */
export abstract class PickleObject {
  abstract readonly kind: string;
}

/** An object of which only the name of the class is kept. Its arguments and attributes are dropped. */
export class PickleInstance extends PickleObject {
  readonly kind = "instance";
  constructor(readonly className: string) {
    super();
  }
}

/** A class or function that the pickle names and the caller allows it to name. */
class Global extends PickleObject {
  readonly kind = "global";
  constructor(
    readonly name: string,
    readonly call: PickleFunction | undefined,
  ) {
    super();
  }
}

/** A function that stands in for a Python function. @throws PickleRefusal if it cannot use the arguments */
export type PickleFunction = (args: readonly PickleValue[]) => PickleValue;

/** What a pickle may do. */
export interface PickleRules {
  /**
   * The classes and functions that the pickle may name, by full name (`collections.OrderedDict`), each
   * with the function to call for it. Those without a function may be arguments (`globalName`), but
   * must not be called.
   */
  globals: ReadonlyMap<string, PickleFunction | undefined>;
  /**
   * Whether another full name may be that of a class. The pickle must not call such a class, but may
   * make objects of it as `cls.__new__(cls)` does; each becomes a `PickleInstance`.
   */
  mayBeClass: (name: string) => boolean;
  /** Makes the object for a persistent id, which refers to data outside the pickle. */
  persistent: PickleFunction;
}

/** A pickle cannot be read. */
export class PickleError extends ToldError {
  /**
   * @param offset of the opcode, in bytes of the pickle
   * @param help what to do; by default, what helps if the file is damaged
   */
  constructor(
    readonly offset: number,
    reason: Message,
    readonly help?: Message,
  ) {
    super(reason);
  }
}

/** One of the caller's functions cannot use its arguments. */
export class PickleRefusal extends ToldError {}

/**
 * The most opcodes that are executed. A checkpoint has about forty per tensor. Each may cost 250 bytes
 * of memory.
 */
const mostSteps = 400_000;

const saveAlone = message("save alone");

/** The full name of a class or function; undefined if the value is something else. */
export function globalName(value: PickleValue | undefined): string | undefined {
  return value instanceof Global ? value.name : undefined;
}

/**
 * Reads the value of a pickle.
 *
 * @throws PickleError if the pickle is damaged, or does something that the rules do not allow
 */
export function readPickle(bytes: Buffer, rules: PickleRules): PickleValue {
  return new Machine(bytes, rules).run();
}

/** Pushed by MARK; other opcodes take all values above it. */
const mark = Symbol("mark");

/** The stack machine that executes a pickle's opcodes. */
class Machine {
  /** Offset of the next byte to read. */
  private at = 0;
  /** Offset of the current opcode. */
  private start = 0;
  private readonly stack: (PickleValue | typeof mark)[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly bytes: Buffer,
    private readonly rules: PickleRules,
  ) {}

  run(): PickleValue {
    for (let step = 0; step < mostSteps; step++) {
      this.start = this.at;
      const opcode = String.fromCharCode(this.uint(1));
      if (opcode === ".") return this.pop(); // STOP
      this.execute(opcode);
    }
    throw this.error(message("pickle steps", mostSteps));
  }

  private execute(opcode: string): void {
    switch (opcode) {
      case "\x80": {
        // PROTO
        const protocol = this.uint(1);
        if (protocol < 2 || protocol > 5)
          throw this.foreign(message("pickle protocol", protocol));
        return;
      }
      case "\x95": // FRAME: a hint for buffering
        this.take(8);
        return;
      case "(": // MARK
        this.stack.push(mark);
        return;
      case "0": // POP
        if (this.stack.pop() === undefined)
          throw this.error(message("pickle stack"));
        return;
      case "1": // POP_MARK
        this.popToMark();
        return;
      case "2": // DUP
        return this.push(this.top());

      case "N": // NONE
        return this.push(null);
      case "\x88": // NEWTRUE
        return this.push(true);
      case "\x89": // NEWFALSE
        return this.push(false);
      case "J": // BININT
        return this.push(this.take(4).readInt32LE());
      case "K": // BININT1
        return this.push(this.uint(1));
      case "M": // BININT2
        return this.push(this.uint(2));
      case "\x8a": // LONG1
        return this.push(this.long(this.uint(1)));
      case "G": // BINFLOAT
        return this.push(this.take(8).readDoubleBE());
      case "X": // BINUNICODE
        return this.push(this.text(this.uint(4)));
      case "\x8c": // SHORT_BINUNICODE
        return this.push(this.text(this.uint(1)));
      case "\x8d": // BINUNICODE8
        return this.push(this.text(this.uint(8)));
      case "U": // SHORT_BINSTRING
        return this.push(this.take(this.uint(1)).toString("latin1"));
      case "T": // BINSTRING
        return this.push(this.take(this.uint(4)).toString("latin1"));
      case "\x96": // BYTEARRAY8
        return this.push(this.take(this.uint(8)));
      case "C": // SHORT_BINBYTES
        return this.push(this.take(this.uint(1)));
      case "B": // BINBYTES
        return this.push(this.take(this.uint(4)));
      case "\x8e": // BINBYTES8
        return this.push(this.take(this.uint(8)));

      case ")": // EMPTY_TUPLE
        return this.push(new PickleTuple([]));
      case "t": // TUPLE
        return this.push(new PickleTuple(this.popToMark()));
      case "\x85": // TUPLE1
        return this.push(new PickleTuple(this.popMany(1)));
      case "\x86": // TUPLE2
        return this.push(new PickleTuple(this.popMany(2)));
      case "\x87": // TUPLE3
        return this.push(new PickleTuple(this.popMany(3)));
      case "]": // EMPTY_LIST
        return this.push(new PickleList());
      case "l": {
        // LIST
        const list = new PickleList();
        this.append(list, this.popToMark());
        return this.push(list);
      }
      case "a": {
        // APPEND
        const [item] = this.popMany(1);
        return this.append(this.top(), [item!]);
      }
      case "e": {
        // APPENDS
        const items = this.popToMark();
        return this.append(this.top(), items);
      }
      case "}": // EMPTY_DICT
        return this.push(new PickleDict());
      case "d": {
        // DICT
        const dict = new PickleDict();
        this.setItems(dict, this.popToMark());
        return this.push(dict);
      }
      case "s": {
        // SETITEM
        const pair = this.popMany(2);
        return this.setItems(this.top(), pair);
      }
      case "\x8f": // EMPTY_SET
        return this.push(new PickleInstance("set"));
      case "\x90": // ADDITEMS
        this.popToMark();
        if (!(this.top() instanceof PickleInstance))
          throw this.error(message("pickle set"));
        return;
      case "\x91": // FROZENSET
        this.popToMark();
        return this.push(new PickleInstance("frozenset"));
      case "u": {
        // SETITEMS
        const pairs = this.popToMark();
        return this.setItems(this.top(), pairs);
      }

      case "q": // BINPUT
        return this.memoise(this.uint(1));
      case "r": // LONG_BINPUT
        return this.memoise(this.uint(4));
      case "\x94": // MEMOIZE
        return this.memoise(this.memo.size);
      case "h": // BINGET
        return this.recall(this.uint(1));
      case "j": // LONG_BINGET
        return this.recall(this.uint(4));

      case "c": {
        // GLOBAL
        const module = this.line();
        return this.push(this.find(module, this.line()));
      }
      case "\x93": {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        return this.push(this.find(module!, name!));
      }
      case "R": {
        // REDUCE
        const [callable, args] = this.popMany(2);
        return this.push(this.call(callable!, args!));
      }
      case "\x81": {
        // NEWOBJ
        const [type, args] = this.popMany(2);
        return this.push(this.make(type!, args!));
      }
      case "\x92": {
        // NEWOBJ_EX
        const [type, args] = this.popMany(3);
        return this.push(this.make(type!, args!));
      }
      case "b": // BUILD
        return this.build();
      case "Q": {
        // BINPERSID
        const [id] = this.popMany(1);
        return this.push(this.guarded(() => this.rules.persistent([id!])));
      }
      default:
        throw this.foreign(
          message("pickle opcode", `0x${opcode.charCodeAt(0).toString(16)}`),
        );
    }
  }

  /** Executes BUILD. Attributes, such as PyTorch's version numbers on an OrderedDict, are dropped. */
  private build(): void {
    this.popMany(1);
    const target = this.top();
    if (!(target instanceof PickleDict || target instanceof PickleInstance))
      throw this.error(message("pickle attributes"));
  }

  /** The class or function of this name. @throws PickleError if the rules do not allow it */
  private find(module: PickleValue, name: PickleValue): PickleValue {
    if (typeof module !== "string" || typeof name !== "string")
      throw this.error(message("pickle class"));
    const full = `${module}.${name}`;
    if (!this.rules.globals.has(full) && !this.rules.mayBeClass(full))
      throw this.forbidden(full);
    return new Global(full, this.rules.globals.get(full));
  }

  private forbidden(name: string): PickleError {
    return this.foreign(
      message("pickle asks for", JSON.stringify(name.slice(0, 120))),
    );
  }

  /** The error for something that is not supported, in a pickle that need not be damaged. */
  private foreign(reason: Message): PickleError {
    return new PickleError(this.start, reason, saveAlone);
  }

  /** Makes an object of a class, as `cls.__new__` does: without a call if the rules have no function. */
  private make(type: PickleValue, args: PickleValue): PickleValue {
    if (!(type instanceof Global) || type.call !== undefined)
      return this.call(type, args);
    return new PickleInstance(type.name);
  }

  private call(callable: PickleValue, args: PickleValue): PickleValue {
    if (!(callable instanceof Global))
      throw this.error(message("pickle calls something"));
    if (callable.call === undefined) {
      throw this.rules.globals.has(callable.name)
        ? this.error(message("pickle calls", callable.name))
        : this.forbidden(callable.name);
    }
    if (!(args instanceof PickleTuple))
      throw this.error(message("pickle no arguments", callable.name));
    const { call } = callable;
    return this.guarded(() => call(args.items));
  }

  /** Runs one of the caller's functions, and adds the opcode's offset to its refusal. */
  private guarded(action: () => PickleValue): PickleValue {
    try {
      return action();
    } catch (error) {
      throw error instanceof PickleRefusal ? this.foreign(error.told) : error;
    }
  }

  private append(list: PickleValue, items: readonly PickleValue[]): void {
    if (list instanceof PickleInstance) return;
    if (!(list instanceof PickleList)) throw this.error(message("pickle list"));
    for (const item of items) list.items.push(item);
  }

  private setItems(dict: PickleValue, items: readonly PickleValue[]): void {
    if (dict instanceof PickleInstance) return;
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0)
      throw this.error(message("pickle dict"));
    for (let i = 0; i < items.length; i += 2)
      dict.entries.set(items[i]!, items[i + 1]!);
  }

  private memoise(index: number): void {
    this.memo.set(index, this.top());
  }

  private recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.error(message("pickle memo", index));
    this.stack.push(value);
  }

  private push(value: PickleValue): void {
    this.stack.push(value);
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === mark)
      throw this.error(message("pickle stack"));
    return value;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let i = 0; i < count; i++) values.unshift(this.pop());
    return values;
  }

  private popToMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(mark);
    if (at < 0) throw this.error(message("pickle mark"));
    const values = this.stack.splice(at + 1) as PickleValue[];
    this.stack.pop();
    return values;
  }

  /** Text up to the next line feed. */
  private line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw this.error(message("pickle line"));
    const line = this.text(end - this.at);
    this.take(1);
    return line;
  }

  private text(length: number): string {
    return this.take(length).toString("utf8");
  }

  /** A signed little-endian integer of any length; a number if that is exact. */
  private long(length: number): number | bigint {
    const digits = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--)
      value = (value << 8n) | BigInt(digits[i]!);
    if (length > 0 && digits[length - 1]! & 0x80)
      value -= 1n << BigInt(8 * length);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  private uint(length: 1 | 2 | 4 | 8): number {
    const bytes = this.take(length);
    return length === 8
      ? Number(bytes.readBigUInt64LE())
      : bytes.readUIntLE(0, length);
  }

  private take(length: number): Buffer {
    if (this.at + length > this.bytes.length)
      throw this.error(message("pickle ends"));
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** The error for a damaged pickle. */
  private error(reason: Message): PickleError {
    return new PickleError(this.start, reason);
  }
}
