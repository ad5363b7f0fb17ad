/** Keywords, and names that a language gives everybody. */
const javascript = `arguments async await break catch class clearTimeout console const constructor
  continue debugger decodeURIComponent default delete document encodeURIComponent export extends
  false finally function import instanceof isNaN module navigator null parseFloat parseInt process
  prototype queueMicrotask require return setInterval setTimeout static structuredClone super switch
  throw toString typeof undefined window while yield Array ArrayBuffer Boolean Buffer Error Infinity
  Intl JSON Math Number Object Promise Proxy RangeError Reflect RegExp String Symbol TypeError
  Uint8Array WeakMap WeakSet localStorage sessionStorage globalThis`;
const typescript = `${javascript} abstract boolean declare implements interface keyof namespace never
  number object override private protected public readonly satisfies string unknown Exclude Extract
  NonNullable Omit Partial Parameters Pick Readonly ReadonlyArray Record Required ReturnType`;
const c = `break case char const continue default define double elif else endif enum extern float
  ifdef ifndef include inline int long malloc memcpy memset NULL pragma printf return short signed
  sizeof static strcmp strlen struct switch typedef undef union unsigned void volatile while fprintf
  snprintf stderr stdout uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t int64_t size_t`;
const words: Readonly<Record<string, string>> = {
  c,
  cpp: `${c} auto bool catch class concept consteval constexpr const_cast decltype delete
    dynamic_cast explicit export false final friend make_shared make_unique mutable namespace
    noexcept nullptr operator override private protected public reinterpret_cast requires
    shared_ptr static_assert static_cast std string string_view template this throw true typename
    unique_ptr unordered_map using vector virtual`,
  csharp: `abstract async await base bool break byte case catch char class const continue decimal
    default delegate double else enum event explicit extern false finally fixed float foreach
    implicit interface internal namespace nameof null object operator override params private
    protected public readonly record return sealed static string struct switch this throw true
    typeof using virtual void volatile where while yield Console Dictionary Exception List String
    Task`,
  go: `append break case chan const context continue copy default defer delete error errors
    fallthrough false float64 func import int64 interface iota make package panic print range
    recover return select string strings struct switch true type uint64`,
  java: `abstract assert boolean break byte case catch char class const continue default double
    else enum extends false final finally float implements import instanceof interface long native
    null override package private protected public record return short static string super switch
    synchronized this throw throws transient true void volatile while ArrayList Boolean Collections
    Double Exception HashMap HashSet Integer IllegalArgumentException IllegalStateException
    Iterator List Long Object Objects Optional Override RuntimeException String StringBuilder
    System Thread`,
  javascript,
  javascriptreact: javascript,
  kotlin: `abstract break class companion const constructor continue data else enum false final
    finally fun import inline interface internal lateinit listOf mapOf mutableListOf null object
    open override package private println protected public return sealed suspend this throw true
    typealias when while Boolean Int List Long Map String Unit`,
  php: `abstract array break callable case catch class clone const continue declare default
    echo else elseif empty extends false final finally foreach function global implements include
    instanceof interface isset match namespace null private protected public readonly require
    require_once return static string switch this throw trait true unset while yield Exception`,
  python: `__init__ __main__ __name__ assert async await break class classmethod continue
    dataclass def del elif else enumerate except False filter finally float for from getattr
    global hasattr import isinstance issubclass lambda len list None nonlocal object open pass print
    property raise range return reversed self setattr sorted staticmethod str super True tuple try
    while with yield zip ArithmeticError AssertionError AttributeError Exception FileNotFoundError
    ImportError IndexError KeyError NotImplementedError OSError RuntimeError StopIteration
    TypeError ValueError`,
  ruby: `attr_accessor attr_reader begin break case class def defined each else elsif end ensure
    extend false include lambda module next nil private protected public puts raise redo require
    require_relative rescue retry return self super then true undef unless until when while yield
    StandardError`,
  rust: `async await bool Box break clone collections const continue crate dyn else enum expect
    extern false HashMap HashSet impl into_iter iter let loop match move mut Option panic println
    pub ref return Result self Some static str String struct super trait true type unimplemented
    unsafe unwrap usize Vec where while Default Debug derive PartialEq to_string to_owned assert
    assert_eq`,
  shellscript: `break case continue declare done echo elif else esac eval exec exit export false
    function local printf read readonly return select set shift source test then trap true unset
    until while`,
  sql: `ALTER BEGIN BETWEEN COMMIT CONSTRAINT CREATE DELETE DESC DISTINCT DROP EXISTS FOREIGN FROM
    GROUP HAVING INDEX INNER INSERT INTEGER INTO JOIN LEFT LIMIT NOT NULL ORDER PRIMARY REFERENCES
    SELECT TABLE UNIQUE UPDATE VALUES VARCHAR WHERE`,
  swift: `associatedtype break case catch class continue default defer deinit else enum extension
    fallthrough false fileprivate final func guard import indirect init inout internal lazy let
    mutating nil open override private protocol public repeat required rethrows return self static
    struct subscript super switch throw throws true typealias var weak where while Array Bool
    Dictionary Double String`,
  typescript,
  typescriptreact: typescript,
};

/** Letters of the shortest word; typing a shorter one is as fast as accepting it. */
const shortest = 5;
/** Least typed letters; with fewer, too many words match. */
const leastTyped = 2;

const lists = new Map<string, readonly string[]>();

/** The words that everybody uses in a language and that begin with what is typed, or are it. */
export function commonWords(
  languageId: string,
  typed: string,
): readonly string[] {
  if (typed.length < leastTyped) return [];
  let list = lists.get(languageId);
  if (list === undefined) {
    const all = Object.hasOwn(words, languageId) ? words[languageId]! : "";
    list = [...new Set(all.split(/\s+/))];
    lists.set(languageId, list);
  }
  return list.filter(
    (word) =>
      word.startsWith(typed) && (word.length >= shortest || word === typed),
  );
}
