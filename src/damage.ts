/**
 * Parts of the sentences in `messages.ts` that say what is wrong in a file of a model or tokenizer, or in
 * its download. As there, a part is a code with arguments, and client and server share this list.
 */
import type { Sentence } from "./translate";

export const damage = {
  // Names of parts of files, as arguments of the sentences below.
  "magic number": (t) => t("the magic number"),
  version: (t) => t("the version"),
  "header length": (t) => t("the header's length"),
  header: (t) => t("the header"),
  "zip directory": (t) => t("the zip directory"),
  "zip end": (t) => t("the end of the zip archive"),
  "zip64 locator": (t) => t("the zip64 locator"),
  "zip64 end": (t) => t("the zip64 end record"),
  "zip64 field": (t) => t("a zip64 field"),
  name: (t) => t("a name"),
  start: (t) => t("the start"),
  index: (t) => t("the index"),
  dimensions: (t) => t("a tensor's dimensions"),
  "tensor name": (t) => t("a tensor's name"),
  dimension: (t) => t("a dimension"),
  "number type": (t) => t("a number type"),
  "number of tensors": (t) => t("the number of tensors"),
  "number of keys": (t) => t("the number of metadata keys"),
  "metadata type": (t) => t("a metadata type"),
  "metadata key": (t, a) => t("metadata key {0}", a),
  "name of tensor": (t, a) => t("the name of tensor {0}", a),
  "dimension of": (t, a) => t("a dimension of {0}", a),
  "offset of": (t, a) => t("the offset of {0}", a),
  "length of": (t, a) => t("the length of {0}", a),
  "type of": (t, a) => t("the type of {0}", a),
  "header of": (t, a) => t("the header of {0}", a),
  tensor: (t, a) => t("tensor {0}", a),
  place: (t, a, b, c) => t("{0}, byte {1}: {2}", a, b, c),
  "a matrix": (t) => t("a matrix"),
  "equal parts": (t, a) => t("{0} equal parts", a),
  // Files of any kind, and what a server sends.
  it: (t) => t("it"),
  "no such file": (t) => t("there is no such file or folder"),
  "not permitted": (t) => t("access to it is not permitted"),
  "read-only": (t) => t("its disk is read-only"),
  "not regular": (t) => t("it is no regular file"),
  "too large": (t, a, b) =>
    t("it has {0} bytes, more than the {1} it may have", a, b),
  "nothing came": (t, a) => t("nothing came for {0} s", a),
  "ended early": (t) => t("it ended early"),
  "another part": (t) => t("it sends another part"),
  "no such part": (t) => t("it has no such part"),
  "too long": (t) => t("it is too long"),
  "no list": (t) => t("it is no list"),
  "not JSON": (t, a) => t("{0} is not JSON", a),
  "JSON too deep": (t, a, b) =>
    t("{0} is nested more than {1} levels deep", a, b),
  "JSON too many": (t, a, b) =>
    t("{0} has more than {1} values, which is too many", a, b),
  "file ends inside": (t, a) => t("the file ends inside {0}", a),
  "beyond the file": (t, a, b, c) =>
    t("{0} would take {1} bytes, but the file has only {2}", a, b, c),
  "absurd number": (t, a, b) => t("{0} is impossibly large ({1})", a, b),
  missing: (t, a) => t("{0} is missing", a),
  overlap: (t, a, b) => t("{0} and {1} overlap", a, b),
  // Tensors.
  "tensor dimensions": (t, a, b) => t("{0} has the dimensions {1}", a, b),
  "tensor rows": (t, a, b, c) =>
    t("{0} has rows of {1} values, which {2} cannot hold", a, b, c),
  "tensor not finite": (t, a, b) =>
    t("{0} contains {1}, so the model cannot be computed", a, b),
  "tensor twice": (t, a) => t("{0} is in the file twice", a),
  "tensor rank": (t, a, b) => t("{0} claims {1} dimensions", a, b),
  "tensors claimed": (t, a) => t("the file claims {0} tensors", a),
  "tensor unknown": (t, a) =>
    t(
      "{0} belongs to no RWKV that is known; choose another model, or save the weights of the network alone (adapters merged) and import those",
      a,
    ),
  "tensor of no architecture": (t, a, b) =>
    t(
      "{0} belongs to no {1} that is known; update the extension or choose another model",
      a,
      b,
    ),
  "both are": (t, a, b) => t("{0} and another tensor are both {1}", a, b),
  "two are": (t, a) => t("two tensors are both {0}", a),
  "two networks": (t, a, b) =>
    t(
      "{0} and another tensor are both {1}: the file holds two networks, so save one of them alone and import that",
      a,
      b,
    ),
  "no decay rate": (t) => t("is no decay rate: it must not be positive"),
  "no decay": (t) => t("is no decay: it must lie in 0 … 1"),
  "no bonus": (t) => t("is no bonus: it must not be negative"),
  // safetensors.
  "header too long": (t, a) => t("the header claims to be {0} bytes long", a),
  "header no object": (t) => t("the header is not an object"),
  "header twice": (t, a) => t("the header lists {0} twice", a),
  "header tensors": (t, a) => t("the header lists {0} tensors", a),
  "tensor data type": (t, a, b) =>
    t("{0} is stored as {1}; only F64, F32, F16 and BF16 are read", a, b),
  "save in these": (t) => t("save or choose the model in one of these"),
  "tensor offsets": (t, a) => t("{0} has no valid shape and offsets", a),
  "tensor bytes": (t, a, b, c) =>
    t("{0} has {1} bytes, its shape wants {2}", a, b, c),
  // Zip archives.
  "zip claims": (t, a, b) =>
    t("the zip directory claims {0} members in {1} bytes", a, b),
  "zip member malformed": (t, a) =>
    t("member {0} of the zip directory is not well-formed", a),
  "zip twice": (t, a) => t("{0} is in the archive twice", a),
  "zip member too large": (t, a, b, c) =>
    t(
      "{0} claims {1} bytes, more than the {2} that such a member may have",
      a,
      b,
      c,
    ),
  "zip not unpacked": (t, a, b) => t("{0} cannot be unpacked ({1})", a, b),
  "zip other size": (t, a) =>
    t("{0} unpacks to another size than it claims", a),
  "zip no end": (t) =>
    t("the zip archive has no end record; the file is probably incomplete"),
  "zip encrypted": (t, a) => t("{0} is encrypted, which is not read", a),
  "zip method": (t, a, b) =>
    t("{0} is packed by method {1}, which is not read", a, b),
  "zip64 sizes": (t, a) => t("{0} lacks its zip64 sizes", a),
  "zip header": (t, a) =>
    t("the header of {0} is not where the directory says", a),
  "zip stored size": (t, a, b, c) =>
    t("{0} is stored in {1} bytes but claims {2}", a, b, c),
  // PyTorch's pickles.
  "pickle steps": (t, a) => t("the pickle takes more than {0} steps", a),
  "pickle protocol": (t, a) => t("pickle protocol {0} is not read", a),
  "pickle opcode": (t, a) => t("opcode {0} is none that checkpoints use", a),
  "pickle asks for": (t, a) =>
    t("the pickle asks for {0}, which no checkpoint needs; nothing was run", a),
  "pickle calls": (t, a) =>
    t("the pickle calls {0}, which is not a function that may be called", a),
  "pickle calls something": (t) =>
    t("the pickle calls something that is not a function"),
  "pickle no arguments": (t, a) => t("{0} is called without arguments", a),
  "pickle memo": (t, a) => t("memo {0} was never written", a),
  "pickle line": (t) => t("a line does not end"),
  "pickle ends": (t) => t("the pickle ends inside an opcode"),
  "pickle stack": (t) => t("the stack is empty"),
  "pickle mark": (t) => t("there is no mark on the stack"),
  "pickle set": (t) => t("items are added to something that is not a set"),
  "pickle list": (t) => t("items are appended to something that is not a list"),
  "pickle dict": (t) => t("items are set on something that is not a dict"),
  "pickle attributes": (t) =>
    t("attributes are set on something that is not an object"),
  "pickle class": (t) => t("the name of a class is not text"),
  "ordered dict": (t) => t("an OrderedDict is made with arguments"),
  "no storage": (t) => t("a reference to something that is not a storage"),
  "tensor description": (t) =>
    t("a tensor is described in another way than torch.save does"),
  "parameter no tensor": (t) => t("a parameter that is not a tensor"),
  "tensor rebuilt": (t) => t("a tensor that is rebuilt by an unknown function"),
  "save alone": (t) =>
    t(
      "in Python, save the weights alone (torch.save of the model's state_dict()) and import that",
    ),
  TorchScript: (t) =>
    t(
      "this is a TorchScript program, not a checkpoint; import the .pth file it was made from",
    ),
  "byte order": (t, a) => t("the byte order is {0}", a),
  "save little-endian": (t) =>
    t(
      "load it with PyTorch on a little-endian machine and save it again there",
    ),
  "no data.pkl": (t) =>
    t(
      "this zip archive holds no PyTorch checkpoint (there is no data.pkl); import the checkpoint itself",
    ),
  "no dict of tensors": (t) => t("the pickle holds no dict of tensors"),
  "choose weights": (t) =>
    t(
      "choose the file of the weights; if this is it, save it again with torch.save of the model's state_dict()",
    ),
  "pickle tensors": (t, a) => t("the pickle lists {0} tensors", a),
  "converted for a strategy": (t) =>
    t(
      "this file was converted by the rwkv package for one strategy; import the checkpoint it was made from",
    ),
  "dict empty": (t) => t("the dict of tensors is empty"),
  "dict without tensors": (t, a) =>
    t("the dict of tensors holds no tensor; its first entry is {0}", a),
  "tensor storage type": (t, a, b) =>
    t(
      "{0} is a {1}; only float64, float32, float16 and bfloat16 are read, so save or choose the model in one of these",
      a,
      b,
    ),
  "storage missing": (t, a, b) =>
    t(
      "{0} refers to storage {1}, which is not in the file; download or export it again",
      a,
      b,
    ),
  "tensor packed": (t, a) => t("{0} is packed, which is not read", a),
  "pack without compression": (t) =>
    t("unpack the archive and pack it again without compression (zip -0 -r)"),
  "tensor reaches": (t, a, b, c) =>
    t("{0} reaches to value {1} of a storage of {2}", a, b, c),
  "tensor repeats": (t, a, b, c) =>
    t(
      "{0} repeats values (strides {1} for {2}); save its .contiguous() instead",
      a,
      b,
      c,
    ),
  "object as a whole": (t, a) =>
    t(
      "this file holds an object of the class {0}, whose code would be needed to read it; in Python, save its state_dict() and import that",
      a,
    ),
  "several networks": (t, a) =>
    t(
      "this file holds several networks ({0}); in Python, save one of them alone and import that",
      a,
    ),
  // GGUF and rwkv.cpp.
  "one of parts": (t, a) =>
    t(
      "this is one of {0} parts of a model; join them with llama.cpp's llama-gguf-split --merge",
      a,
    ),
  "not GGUF": (t) => t("the magic number is not GGUF's"),
  "big-endian": (t) => t("the file is big-endian, which is not read"),
  "GGUF version": (t, a) =>
    t("version {0} of GGUF is not read, only 2 and 3", a),
  "convert with llama.cpp": (t) =>
    t(
      "convert the model with a current llama.cpp, or import the .pth or safetensors that it was made from",
    ),
  "keys claimed": (t, a) => t("the file claims {0} metadata keys", a),
  "metadata twice": (t, a) => t("the metadata has {0} twice", a),
  alignment: (t, a) => t("the alignment is {0}", a),
  "number type unknown": (t, a, b) =>
    t("{0} has the number type {1}, which is not known", a, b),
  "newer or another type": (t) =>
    t(
      "if the file is whole it is newer than this extension: update the extension, or import the same model in another type such as Q8_0",
    ),
  "number type not read": (t, a, b, c) =>
    t("{0} is stored as {1}, which is not read ({2} are)", a, b, c),
  "import in these": (t) =>
    t(
      "import the same model in one of these types, or the .pth or safetensors that it was made from",
    ),
  "value claims bytes": (t, a, b) => t("{0} claims {1} bytes", a, b),
  "value claims items": (t, a, b) => t("{0} claims {1} items", a, b),
  "value array type": (t, a, b) => t("{0} is an array of type {1}", a, b),
  "value type": (t, a, b) =>
    t("{0} has the type {1}, which is not known", a, b),
  "no RWKV in GGUF": (t, a) =>
    t(
      "this is a {0}, which has a Qwen feed-forward network and RMS norms instead of RWKV's channel mixing; choose an rwkv6 or rwkv7 model",
      a,
    ),
  "other architecture": (t, a) =>
    t(
      "this is a model of the architecture {0}; only rwkv6 and rwkv7 are read",
      a,
    ),
  "not rwkv.cpp": (t) => t("the magic number is not rwkv.cpp's"),
  "format version": (t, a) => t("version {0} of the format is not known", a),
  "convert with rwkv.cpp": (t) =>
    t(
      "convert the model again with a current rwkv.cpp, or import the .pth that it was made from",
    ),
  "more tensors": (t, a) => t("there are more than {0} tensors", a),
  "a tensor's rank": (t, a) => t("a tensor claims {0} dimensions", a),
  "a tensor's name length": (t, a) =>
    t("a tensor claims a name of {0} bytes", a),
  "rwkv.cpp type": (t, a) =>
    t(
      "number type {0} is not known (FP32, FP16, Q4_0, Q4_1, Q5_0, Q5_1 and Q8_0 are)",
      a,
    ),
  "old blocks": (t, a) =>
    t(
      "this is {0} of version 100, with a block layout that rwkv.cpp dropped in May 2023; quantise the model again with a later rwkv.cpp",
      a,
    ),
  // Files of several parts, and what is no checkpoint.
  "Git LFS pointer": (t) =>
    t(
      "this is a Git LFS pointer, not the file it points to; download the file itself",
    ),
  "web page": (t) => t("this is a web page; download the file itself"),
  "old PyTorch": (t) =>
    t(
      "this is a PyTorch file of before version 1.6, which is not read; load it and save it again with a current PyTorch",
    ),
  "no checkpoint": (t) =>
    t(
      "this is no checkpoint that is known (.pth, .safetensors, GGUF, rwkv.cpp's .bin)",
    ),
  "choose a checkpoint": (t) =>
    t(
      "choose the file of an RWKV's weights; if this is one, it is damaged: download it again",
    ),
  "absurd parts": (t, a) =>
    t("by its name this is one of {0} parts, which is too many", a),
  "not in part": (t, a, b) =>
    t(
      "{0} is not in {1}, as this index says: they do not belong together, so download all files of the model again",
      a,
      b,
    ),
  "in two parts": (t, a, b) =>
    t(
      "{0} is in this part and in {1}: they do not belong together, so download all files of the model again",
      a,
      b,
    ),
  "absurd index": (t, a) => t("the index has {0} bytes, which is too many", a),
  "no weights": (t) =>
    t(
      "this is JSON, not a model's weights; choose the file of the weights that lies beside it",
    ),
  "no part's name": (t, a) => t("{0} is no name of a part", a),
  "no part named": (t) => t("the index names no part"),
  "parts missing": (t, a, b) =>
    t(
      "the model has {0} parts, and {1} is missing; put all parts into one folder",
      a,
      b,
    ),
  "and more": (t, a, b) => t("{0} and {1} more", a, b),
  // Networks.
  "no tensor": (t, a) => t("has no tensor {0}", a),
  heads: (t, a, b, c) =>
    t(
      "has {0} heads of {1} channels, which do not make its width of {2}",
      a,
      b,
      c,
    ),
  "no RWKV": (t) => t("is no RWKV: it has neither att.r_k nor att.time_decay"),
  "choose an RWKV": (t) =>
    t("choose an RWKV checkpoint (.pth, safetensors, GGUF or rwkv.cpp's .bin)"),
  "claims another size": (t, a, b, c) =>
    t("says {0} = {1} but holds {2}", a, b, c),
  "no head": (t) => t("has no head.weight"),
  shape: (t, a, b, c, d) =>
    t("has the shape {0} for {1} where {2} is expected ({3})", a, b, c, d),
  "bonus tensors": (t, a, b) => t("has {0} bonus tensors in layer {1}", a, b),
  "matrices of values": (t, a, b, c) =>
    t(
      "has {0} values per token in ffn.s_emb where {1} × {1} are expected, in layer {2}",
      a,
      b,
      c,
    ),
  "foreign tensor": (t, a, b) =>
    t("has a tensor {0}, which RWKV-{1} does not", a, b),
  "save the network alone": (t) =>
    t(
      "choose another model, or save the weights of the network alone and import those",
    ),
  // Packages of models.
  "unknown architecture": (t, a) =>
    t("names the architecture {0}, which is unknown", a),
  "unknown generation": (t, a, b) =>
    t("names the generation {0}, which {1} does not have", a, b),
  "no valid field": (t, a) => t("has no valid {0}", a),
  "state too large": (t) => t("describes a state that is too large to be kept"),
  "unknown quantisation": (t, a) => t("names the quantisation {0}", a),
  "unknown tokenizer": (t) => t("names no tokenizer that is known"),
  "lists no files": (t) => t("lists no files"),
  "lists too many files": (t, a) => t("lists more than {0} files", a),
  "no plain name": (t, a) => t("lists the file {0}, which is no plain name", a),
  "no size and checksum": (t, a) => t("has no size and checksum for {0}", a),
  "does not list": (t, a) => t("does not list {0}", a),
  "is a link": (t) => t("is a link to another place"),
  "is no folder": (t) => t("is no folder"),
  "has other files": (t) => t("has files that belong to no model"),
  "has another file": (t, a) => t("has {0}, which is no model's file", a),
  "cannot be read": (t, a) => t("cannot be read ({0})", a),
  "exit code": (t, a) => t("exit code {0}", a),
  "tokenizer source": (t) =>
    t(
      " (every RWKV World model has the same; the authors' repositories and the PyPI package rwkv bring it)",
    ),
  // Tokenizers and their files.
  "token too long": (t, a, b) =>
    t("token {0} of the tokenizer file has more than {1} bytes", a, b),
  "not rwkv-bpe": (t) =>
    t("the tokenizer file is not of format rwkv-bpe, version 1"),
  "no specials or merges": (t) =>
    t("the tokenizer file lacks its special tokens or its merges"),
  "merge too early": (t, a) =>
    t("merge {0} of the tokenizer file joins tokens that do not exist yet", a),
  "byte without token": (t, a, b) =>
    t("{0} has no token for the byte {1}", a, b),
  "two tokens with id": (t, a, b) =>
    t("{0} has two tokens with the id {1}", a, b),
  vocabulary: (t) => t("the vocabulary"),
  "not in byte alphabet": (t, a) =>
    t("its token {0} is not in the byte alphabet", a),
  "no BPE": (t) => t("its model is not a BPE"),
  "other pieces": (t) =>
    t("it does not cut text into pieces the way GPT-NeoX does"),
  "changes text": (t) => t("it changes text in a way that cannot be undone"),
  "model option": (t, a) => t("its model has {0}, which is not read", a),
  "too many tokens": (t, a) => t("it has {0} tokens, which is too many", a),
  "token invalid": (t, a) => t("its token {0} is not valid", a),
  "merges invalid": (t) => t("it has no valid list of merges"),
  "merge no pair": (t, a) => t("its merge {0} is not a pair", a),
  "merge of unknown": (t, a) =>
    t("its merge {0} is of tokens that it does not have", a),
  "merge twice": (t, a) => t("its merge {0} is there twice", a),
  "added no list": (t) => t("its added tokens are no list"),
  "added incomplete": (t) => t("it has an added token without id or content"),
  "added unread": (t, a) =>
    t("its added token {0} is not read; only runs of spaces are", a),
  "spaces lack": (t, a) => t("its runs of spaces lack the one of {0}", a),
  "token id": (t, a) => t("a token of the vocabulary has the id {0}", a),
  "token length": (t, a) =>
    t("token {0} of the vocabulary is empty or too long", a),
  "token twice": (t, a) => t("token {0} is in the vocabulary twice", a),
  "vocabulary lines": (t, a) => t("the vocabulary has more than {0} lines", a),
  "vocabulary line": (t, a) =>
    t("line {0} of the vocabulary is not of the form: id 'token' length", a),
  "vocabulary token": (t, a, b) =>
    t("the token in line {0} of the vocabulary cannot be read: {1}", a, b),
  "vocabulary token length": (t, a, b, c) =>
    t(
      "the token in line {0} of the vocabulary has {1} bytes, not {2}",
      a,
      b,
      c,
    ),
  "vocabulary bytes": (t, a) =>
    t("the vocabulary has {0} bytes, which is too many", a),
  "no quoted string": (t) => t("it is not a quoted string"),
  "quote in middle": (t) => t("it has a quote in its middle"),
  "not ASCII": (t) => t("its bytes are not written in ASCII"),
  "unknown escape": (t, a) => t("it has the unknown escape {0}", a),
  "escape among bytes": (t, a) => t("it has the escape {0} among bytes", a),
  "no character": (t, a) =>
    t("it names the character {0}, which does not exist", a),
  "same text": (t, a, b) =>
    t(
      "the tokens {0} and {1} are the same text, so its merges are not clear",
      a,
      b,
    ),
  "no n-gram table": (t) => t("it does not begin as an n-gram table does"),
  "n-gram table size": (t, a, b) =>
    t("it has {0} bytes, its header claims {1}", a, b),
} satisfies Record<string, Sentence>;
