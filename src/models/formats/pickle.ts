import { message, ToldError, type Message } from "../../messages";

/**
 * Reads Python pickles as plain data (opcodes: CPython's `pickletools`). Where Python would import a
 * class and call it, only the functions that the caller names are called, and those are ours: a
 * pickle cannot run anything.
 *
 * Hostile pickles may refer to themselves, memoise without end, nest without end or claim absurd
 * lengths: nothing here recurses, nothing is copied, and the number of steps is bounded.
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

/** A dict or an OrderedDict; later keys replace earlier ones, as in Python. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** What the caller's functions return: anything of its own. */
export abstract class PickleObject {
  abstract readonly kind: string;
}

/** An object of which only the class is known: its contents are read over. */
export class PickleInstance extends PickleObject {
  readonly kind = "instance";
  constructor(readonly className: string) {
    super();
  }
}

/** A class or function that the pickle names and the caller allows. */
class Global extends PickleObject {
  readonly kind = "global";
  constructor(
    readonly name: string,
    readonly call: PickleFunction | undefined,
  ) {
    super();
  }
}

/** @throws PickleRefusal if the arguments are not usable */
export type PickleFunction = (args: readonly PickleValue[]) => PickleValue;

export interface PickleRules {
  /**
   * What may be named, by its full name (`collections.OrderedDict`). `undefined` stands for a name
   * that may be passed on (`globalName`) but not called.
   */
  globals: ReadonlyMap<string, PickleFunction | undefined>;
  /**
   * Whether a name that is not among them may be a class. It cannot be called; an object that the
   * pickle has of it (`cls.__new__(cls)`, with attributes set afterwards) is a `PickleInstance`.
   */
  mayBeClass: (name: string) => boolean;
  /** An object that lies outside the pickle. */
  persistent: PickleFunction;
}

/** Why a pickle was refused, at which of its bytes. */
export class PickleError extends ToldError {
  /** @param help what to do, unless the file may be damaged */
  constructor(
    readonly offset: number,
    reason: Message,
    readonly help?: Message,
  ) {
    super(reason);
  }
}

/** Why one of the caller's functions refuses its arguments. */
export class PickleRefusal extends ToldError {}

/** A checkpoint takes some forty per tensor; one step may cost 250 bytes of memory. */
const mostSteps = 400_000;

const saveAlone = message("save alone");

/** The full name of an allowed class or function, if that is what the value is. */
export function globalName(value: PickleValue | undefined): string | undefined {
  return value instanceof Global ? value.name : undefined;
}

/** @throws PickleError */
export function readPickle(bytes: Buffer, rules: PickleRules): PickleValue {
  return new Machine(bytes, rules).run();
}

const mark = Symbol("mark");

class Machine {
  private at = 0;
  /** Where the running opcode stands. */
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
      if (opcode === ".") return this.pop();
      this.execute(opcode);
    }
    throw this.error(message("pickle steps", mostSteps));
  }

  private execute(opcode: string): void {
    switch (opcode) {
      case "\x80": {
        const protocol = this.uint(1);
        if (protocol < 2 || protocol > 5)
          throw this.foreign(message("pickle protocol", protocol));
        return;
      }
      case "\x95": // FRAME: a hint for buffering
        this.take(8);
        return;
      case "(":
        this.stack.push(mark);
        return;
      case "0":
        if (this.stack.pop() === undefined)
          throw this.error(message("pickle stack"));
        return;
      case "1":
        this.popToMark();
        return;
      case "2":
        return this.push(this.top());

      case "N":
        return this.push(null);
      case "\x88":
        return this.push(true);
      case "\x89":
        return this.push(false);
      case "J":
        return this.push(this.take(4).readInt32LE());
      case "K":
        return this.push(this.uint(1));
      case "M":
        return this.push(this.uint(2));
      case "\x8a":
        return this.push(this.long(this.uint(1)));
      case "G":
        return this.push(this.take(8).readDoubleBE());
      case "X":
        return this.push(this.text(this.uint(4)));
      case "\x8c":
        return this.push(this.text(this.uint(1)));
      case "\x8d":
        return this.push(this.text(this.uint(8)));
      case "U":
        return this.push(this.take(this.uint(1)).toString("latin1"));
      case "T":
        return this.push(this.take(this.uint(4)).toString("latin1"));
      case "\x96": // BYTEARRAY8
        return this.push(this.take(this.uint(8)));
      case "C":
        return this.push(this.take(this.uint(1)));
      case "B":
        return this.push(this.take(this.uint(4)));
      case "\x8e":
        return this.push(this.take(this.uint(8)));

      case ")":
        return this.push(new PickleTuple([]));
      case "t":
        return this.push(new PickleTuple(this.popToMark()));
      case "\x85":
        return this.push(new PickleTuple(this.popMany(1)));
      case "\x86":
        return this.push(new PickleTuple(this.popMany(2)));
      case "\x87":
        return this.push(new PickleTuple(this.popMany(3)));
      case "]":
        return this.push(new PickleList());
      case "l": {
        const list = new PickleList();
        this.append(list, this.popToMark());
        return this.push(list);
      }
      case "a": {
        const [item] = this.popMany(1);
        return this.append(this.top(), [item!]);
      }
      case "e": {
        const items = this.popToMark();
        return this.append(this.top(), items);
      }
      case "}":
        return this.push(new PickleDict());
      case "d": {
        const dict = new PickleDict();
        this.setItems(dict, this.popToMark());
        return this.push(dict);
      }
      case "s": {
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
        const pairs = this.popToMark();
        return this.setItems(this.top(), pairs);
      }

      case "q":
        return this.memoise(this.uint(1));
      case "r":
        return this.memoise(this.uint(4));
      case "\x94":
        return this.memoise(this.memo.size);
      case "h":
        return this.recall(this.uint(1));
      case "j":
        return this.recall(this.uint(4));

      case "c": {
        const module = this.line();
        return this.push(this.find(module, this.line()));
      }
      case "\x93": {
        const [module, name] = this.popMany(2);
        return this.push(this.find(module!, name!));
      }
      case "R": {
        const [callable, args] = this.popMany(2);
        return this.push(this.call(callable!, args!));
      }
      case "\x81": {
        const [type, args] = this.popMany(2);
        return this.push(this.make(type!, args!));
      }
      case "\x92": {
        const [type, args] = this.popMany(3);
        return this.push(this.make(type!, args!));
      }
      case "b":
        return this.build();
      case "Q": {
        const [id] = this.popMany(1);
        return this.push(this.guarded(() => this.rules.persistent([id!])));
      }
      default:
        throw this.foreign(
          message("pickle opcode", `0x${opcode.charCodeAt(0).toString(16)}`),
        );
    }
  }

  /** Drops attributes, such as PyTorch's version numbers on an OrderedDict. */
  private build(): void {
    this.popMany(1);
    const target = this.top();
    if (!(target instanceof PickleDict || target instanceof PickleInstance))
      throw this.error(message("pickle attributes"));
  }

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

  /** What a file may have that is whole. */
  private foreign(reason: Message): PickleError {
    return new PickleError(this.start, reason, saveAlone);
  }

  /** An object of a class without a call of it. */
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

  /** The caller's functions do not know where they are called from. */
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

  private error(reason: Message): PickleError {
    return new PickleError(this.start, reason);
  }
}
