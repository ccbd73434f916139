#include "encode/huggingface/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/byte_reader.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

/// An object of the machine, named by its number: lists and dicts may hold themselves, and nothing here recurses.
using Handle = std::size_t;

struct None {};
struct Mark {};
struct Tuple {
  std::vector<Handle> items;
};
struct List {
  std::vector<Handle> items;
};
struct Dict {
  std::vector<std::pair<Handle, Handle>> items;
};
struct Global {
  std::string name;  // "torch._utils _rebuild_tensor_v2"
};
struct Storage {
  std::string type, key;
  std::uint64_t elements = 0;
};
using Object =
    std::variant<None, Mark, bool, std::int64_t, std::string, Tuple, List, Dict, Global, Storage, PickledTensor>;

constexpr std::string_view kRebuildTensor = "torch._utils _rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils _rebuild_parameter";
constexpr std::string_view kOrderedDict = "collections OrderedDict";
constexpr std::array<std::string_view, 10> kStorages = {
    "FloatStorage", "HalfStorage",  "BFloat16Storage", "DoubleStorage", "LongStorage",
    "IntStorage",   "ShortStorage", "CharStorage",     "ByteStorage",   "BoolStorage"};

// One tuple or text can be made use of again and again, so what is copied out of it must be small: else memory would
// grow with the square of the file's size.
constexpr std::size_t kMaxRank = 8, kMaxKeyBytes = 64;

// Python's Lib/pickle.py names these.
enum Opcode : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kEmptyList = ']',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kEmptyTuple = ')',
  kSetItems = 'u',
  kEmptyDict = '}',
  kProto = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinUnicode = 0x8c,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95
};

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, std::string_view place) : reader_(bytes, place) {}

  std::map<std::string, PickledTensor, std::less<>> run() {
    while (step()) {
    }
    const auto* dict = std::get_if<Dict>(&at(pop()));
    if (dict == nullptr) reader_.fail("holds no dict of tensors");
    std::map<std::string, PickledTensor, std::less<>> tensors;
    for (const auto& [key, value] : dict->items) {
      const auto* name = std::get_if<std::string>(&at(key));
      if (name == nullptr) reader_.fail("holds a dict whose keys are no names");
      const auto* tensor = std::get_if<PickledTensor>(&at(value));
      if (tensor == nullptr) {
        reader_.fail(fmt::format("\"{}\" is no tensor; save the model's state_dict() alone", printable(*name)));
      }
      tensors.insert_or_assign(*name, *tensor);
    }
    return tensors;
  }

 private:
  const Object& at(Handle handle) const { return objects_[handle]; }

  void push(Object object) {
    objects_.push_back(std::move(object));
    stack_.push_back(objects_.size() - 1);
  }

  Handle pop() {
    if (stack_.empty()) reader_.fail("takes more from the stack than lies there");
    const Handle top = stack_.back();
    stack_.pop_back();
    return top;
  }

  /// Everything above the last mark, which goes too.
  std::vector<Handle> pop_to_mark() {
    const auto mark = std::find_if(stack_.rbegin(), stack_.rend(),
                                   [&](Handle handle) { return std::holds_alternative<Mark>(at(handle)); });
    if (mark == stack_.rend()) reader_.fail("looks for a mark that is not there");
    std::vector<Handle> items(mark.base(), stack_.end());
    stack_.erase(mark.base() - 1, stack_.end());
    return items;
  }

  void push_tuple(std::size_t size) {
    Tuple tuple;
    for (std::size_t i = 0; i < size; ++i) tuple.items.push_back(pop());
    std::ranges::reverse(tuple.items);
    push(std::move(tuple));
  }

  template <typename T>
  T& top(std::string_view what) {
    if (stack_.empty() || !std::holds_alternative<T>(objects_[stack_.back()])) {
      reader_.fail(fmt::format("expects {} on the stack", what));
    }
    return std::get<T>(objects_[stack_.back()]);
  }

  const std::string& text_at(Handle handle, std::string_view what) {
    const auto* text = std::get_if<std::string>(&at(handle));
    if (text == nullptr) reader_.fail(fmt::format("{} is no text", what));
    return *text;
  }

  std::uint64_t count_at(Handle handle, std::string_view what) {
    const auto* number = std::get_if<std::int64_t>(&at(handle));
    if (number == nullptr || *number < 0) reader_.fail(fmt::format("{} is no number, 0 or more", what));
    return static_cast<std::uint64_t>(*number);
  }

  std::vector<std::uint64_t> counts_at(Handle handle, std::string_view what) {
    const auto* tuple = std::get_if<Tuple>(&at(handle));
    if (tuple == nullptr) reader_.fail(fmt::format("{} is no tuple", what));
    if (tuple->items.size() > kMaxRank) reader_.fail(fmt::format("{} has {} members", what, tuple->items.size()));
    std::vector<std::uint64_t> counts;
    for (const Handle item : tuple->items) counts.push_back(count_at(item, what));
    return counts;
  }

  void push_global(std::string name) {
    const bool storage = name.starts_with("torch ") && std::ranges::find(kStorages, name.substr(6)) != kStorages.end();
    if (!storage && name != kRebuildTensor && name != kRebuildParameter && name != kOrderedDict) {
      reader_.fail(fmt::format("names \"{}\", which no dict of tensors needs; nothing was run", printable(name)));
    }
    push(Global{std::move(name)});
  }

  /// A storage is named, not held: ('storage', type, key, place, elements).
  void push_storage(const Tuple& id) {
    if (id.items.size() != 5 || text_at(id.items[0], "a persistent id") != "storage") {
      reader_.fail("has a persistent id that is no storage");
    }
    const auto* type = std::get_if<Global>(&at(id.items[1]));
    if (type == nullptr || !type->name.starts_with("torch ")) reader_.fail("has a storage without a type");
    const std::string& key = text_at(id.items[2], "a storage's key");
    if (key.size() > kMaxKeyBytes) reader_.fail(fmt::format("has a storage with a key of {} bytes", key.size()));
    push(Storage{type->name.substr(6), key, count_at(id.items[4], "a storage's size")});
  }

  void call() {
    const auto* arguments = std::get_if<Tuple>(&at(pop()));
    if (arguments == nullptr) reader_.fail("calls with arguments that are no tuple");
    const std::vector<Handle> items = arguments->items;
    const auto* callee = std::get_if<Global>(&at(pop()));
    if (callee == nullptr) reader_.fail("calls what is no function");
    if (callee->name == kOrderedDict && items.empty()) return push(Dict{});
    if (callee->name == kRebuildParameter && !items.empty()) {
      stack_.push_back(items[0]);
      return;
    }
    if (callee->name != kRebuildTensor || items.size() < 4) {
      reader_.fail(fmt::format("calls \"{}\" with {} arguments", callee->name, items.size()));
    }
    const auto* storage = std::get_if<Storage>(&at(items[0]));
    if (storage == nullptr) reader_.fail("has a tensor without a storage");
    PickledTensor tensor{storage->type,
                         storage->key,
                         storage->elements,
                         count_at(items[1], "a tensor's offset"),
                         counts_at(items[2], "a tensor's shape"),
                         counts_at(items[3], "a tensor's strides")};
    if (tensor.shape.size() != tensor.stride.size())
      reader_.fail("has a tensor with more sizes than strides, or fewer");
    push(std::move(tensor));
  }

  void set_items(Dict& dict, const std::vector<Handle>& items) {
    if (items.size() % 2 != 0) reader_.fail("sets a key without a value");
    for (std::size_t i = 0; i < items.size(); i += 2) dict.items.emplace_back(items[i], items[i + 1]);
  }

  void remember(std::uint64_t key) {
    if (stack_.empty()) reader_.fail("remembers what is not there");
    memo_[key] = stack_.back();
  }

  void recall(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) reader_.fail(fmt::format("recalls {}, which it never remembered", key));
    stack_.push_back(found->second);
  }

  std::string line() {
    std::string text;
    for (char c = reader_.text(1, "a name")[0]; c != '\n'; c = reader_.text(1, "a name")[0]) text.push_back(c);
    return text;
  }

  std::int64_t long1() {
    const auto size = reader_.read<std::uint8_t>("a number");
    if (size > sizeof(std::int64_t)) reader_.fail(fmt::format("has a number of {} bytes", size));
    const auto bytes = reader_.take(size, "a number");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << 8 * i;
    // Two's complement of whatever length.
    if (size > 0 && size < 8 && (bytes.back() & std::byte{0x80}) != std::byte{0})
      value |= ~std::uint64_t{0} << 8 * size;
    return static_cast<std::int64_t>(value);
  }

  bool step();

  ByteReader reader_;
  std::vector<Object> objects_;
  std::vector<Handle> stack_;
  std::unordered_map<std::uint64_t, Handle> memo_;
};

/// One instruction; false after the last.
bool Machine::step() {
  const auto opcode = reader_.read<std::uint8_t>("an instruction");
  switch (opcode) {
    case kProto:
      reader_.take(1, "the protocol");
      return true;
    case kFrame:
      reader_.take(8, "a frame");
      return true;
    case kStop:
      return false;
    case kMark:
      push(Mark{});
      return true;
    case kPop:
      pop();
      return true;
    case kNone:
      push(None{});
      return true;
    case kNewTrue:
    case kNewFalse:
      push(opcode == kNewTrue);
      return true;
    case kBinInt:
      push(std::int64_t{reader_.read<std::int32_t>("a number")});
      return true;
    case kBinInt1:
      push(std::int64_t{reader_.read<std::uint8_t>("a number")});
      return true;
    case kBinInt2:
      push(std::int64_t{reader_.read<std::uint16_t>("a number")});
      return true;
    case kLong1:
      push(long1());
      return true;
    case kBinUnicode:
      push(std::string(reader_.text(reader_.read<std::uint32_t>("a text's size"), "a text")));
      return true;
    case kShortBinUnicode:
      push(std::string(reader_.text(reader_.read<std::uint8_t>("a text's size"), "a text")));
      return true;
    case kEmptyTuple:
      push(Tuple{});
      return true;
    case kTuple1:
    case kTuple2:
    case kTuple3:
      push_tuple(opcode - kTuple1 + std::size_t{1});
      return true;
    case kTuple:
      push(Tuple{pop_to_mark()});
      return true;
    case kEmptyList:
      push(List{});
      return true;
    case kEmptyDict:
      push(Dict{});
      return true;
    case kAppend: {
      const Handle item = pop();
      top<List>("a list").items.push_back(item);
      return true;
    }
    case kAppends: {
      const auto items = pop_to_mark();
      auto& list = top<List>("a list").items;
      list.insert(list.end(), items.begin(), items.end());
      return true;
    }
    case kSetItem: {
      const Handle value = pop(), key = pop();
      set_items(top<Dict>("a dict"), {key, value});
      return true;
    }
    case kSetItems: {
      const auto items = pop_to_mark();
      set_items(top<Dict>("a dict"), items);
      return true;
    }
    case kGlobal: {
      const std::string module = line();
      push_global(module + ' ' + line());
      return true;
    }
    case kStackGlobal: {
      const Handle name = pop(), module = pop();
      push_global(text_at(module, "a module's name") + ' ' + text_at(name, "a function's name"));
      return true;
    }
    case kBinPersId: {
      const auto* id = std::get_if<Tuple>(&at(pop()));
      if (id == nullptr) reader_.fail("has a persistent id that is no tuple");
      push_storage(Tuple(*id));
      return true;
    }
    case kReduce:
      call();
      return true;
    case kBuild:
      // An OrderedDict's attributes: "_metadata", the versions of its modules.
      pop();
      top<Dict>("a dict");
      return true;
    case kBinPut:
      remember(reader_.read<std::uint8_t>("a memo's number"));
      return true;
    case kLongBinPut:
      remember(reader_.read<std::uint32_t>("a memo's number"));
      return true;
    case kMemoize:
      remember(memo_.size());
      return true;
    case kBinGet:
      recall(reader_.read<std::uint8_t>("a memo's number"));
      return true;
    case kLongBinGet:
      recall(reader_.read<std::uint32_t>("a memo's number"));
      return true;
    default:
      reader_.fail(fmt::format("instruction {:#04x}, which no dict of tensors needs; nothing was run", opcode));
  }
}

}  // namespace

std::map<std::string, PickledTensor, std::less<>> read_pickled_tensors(std::span<const std::byte> bytes,
                                                                       std::string_view place) {
  return Machine(bytes, place).run();
}

}  // namespace dragoman
