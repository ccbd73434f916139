#include "dragoman/dataset/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "dataset/formats.h"
#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

/// Files that lie beside data everywhere and are none.
bool is_beside(const fs::path& file) {
  const std::string name = file.filename().string();
  constexpr std::array<std::string_view, 8> kEndings = {".md", ".py", ".sh", ".yml", ".yaml", ".cfg", ".html", ".pdf"};
  return name.starts_with('.') || name.starts_with("README") || name.starts_with("LICENSE") || name == "meta.json" ||
         name == "dataset.json" ||
         std::ranges::any_of(kEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

void add_file(const fs::path& path, const std::string& label, const std::string& named, std::vector<InputFile>& files) {
  if (std::ranges::any_of(files, [&](const InputFile& file) { return file.path == path.string(); })) return;
  files.push_back({path.string(), label, parse_file_name(named)});
}

/// A folder's files in the order of the bytes of their paths, so that every file system gives the same.
void add_folder(const fs::path& folder, std::vector<InputFile>& files) {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->is_directory() && entry->path().filename().string().starts_with('.')) entry.disable_recursion_pending();
    if (entry->is_regular_file() && !is_beside(entry->path())) found.push_back(entry->path());
  }
  std::ranges::sort(found, {}, [](const fs::path& path) { return path.string(); });
  const std::string own_name = fs::weakly_canonical(folder).filename().string();
  for (const fs::path& path : found) {
    const std::string label = path.lexically_relative(folder).generic_string();
    add_file(path, label, fmt::format("{}/{}", own_name, label), files);
  }
}

std::vector<InputFile> find_files(const ConvertOptions& options, const NamedSet& set) {
  std::vector<InputFile> files;
  for (const std::string& input : options.inputs) {
    std::error_code error;
    fs::path path(input);
    if (!fs::exists(path, error)) throw NotFound(fmt::format("{}: no such file", input));
    if (!fs::is_directory(path, error)) {
      const std::string name = path.filename().string();
      add_file(path, name, (path.parent_path().filename() / name).generic_string(), files);
      continue;
    }
    if (!set.folder.empty() && fs::is_directory(path / set.folder, error)) path /= set.folder;
    add_folder(path, files);
  }
  return files;
}

/// A file that names a language or a split is for the named set only if they are the set's.
bool belongs(const InputFile& file, const NamedSet& set) {
  const auto names = [&](const Language& wanted) {
    return std::ranges::any_of(file.name.languages, [&](const Language& named) { return matches(wanted, named); });
  };
  if (!file.name.languages.empty() && !std::ranges::all_of(set.languages, names)) return false;
  const bool has_split = !file.name.split.empty() && file.name.role != FileRole::documents;
  return set.split.empty() || !has_split || file.name.split == set.split;
}

void check_split(const std::string& split) {
  const bool plain = std::ranges::all_of(
      split, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; });
  if (split.empty() || !plain || split.starts_with('.')) {
    throw InvalidArgument(
        fmt::format("split is '{}'; it names a file, of letters, digits, '-', '_' and '.'", printable(split)));
  }
}

const char* name_of(FileRole role) {
  switch (role) {
    case FileRole::documents:
      return "documents";
    case FileRole::queries:
      return "queries";
    case FileRole::judgements:
      return "judgements";
    case FileRole::run:
      return "run";
  }
  return "";
}

const char* name_of(TopicField field) {
  return field == TopicField::title ? "title" : field == TopicField::description ? "description" : "narrative";
}

/// What was asked for beyond the defaults, in the words of the command line.
OrderedJson describe_options(const ConvertOptions& options) {
  OrderedJson json = OrderedJson::object();
  if (!options.language.undetermined()) json["lang"] = options.language.tag();
  if (!options.query_language.undetermined()) json["query_lang"] = options.query_language.tag();
  json["split"] = options.split;
  std::string fields;
  for (const TopicField field : options.fields) fields += (fields.empty() ? "" : "+") + std::string(name_of(field));
  json["fields"] = fields;
  if (!options.encoding.empty()) json["encoding"] = options.encoding;
  if (!options.title_elements.empty()) json["title_elements"] = options.title_elements;
  if (!options.text_elements.empty()) json["text_elements"] = options.text_elements;
  return json;
}

OrderedJson describe(const ConvertOptions& options, const NamedSet& set, const std::vector<InputFile>& files) {
  OrderedJson json = {{"dragoman_dataset", 1},
                      {"from", options.from},
                      {"format", set.format->about.name},
                      {"options", describe_options(options)}};
  json["sources"] = OrderedJson::array();
  for (const InputFile& file : files) {
    json["sources"].push_back({{"file", file.label},
                               {"as", name_of(file.name.role)},
                               {"bytes", fs::file_size(file.path)},
                               {"sha256", sha256_of_file(file.path)}});
  }
  return json;
}

}  // namespace

std::vector<TopicField> parse_topic_fields(std::string_view list) {
  std::vector<TopicField> fields;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find('+', begin), list.size());
    const std::string_view name = list.substr(begin, end - begin);
    if (name == "title") {
      fields.push_back(TopicField::title);
    } else if (name == "desc" || name == "description") {
      fields.push_back(TopicField::description);
    } else if (name == "narr" || name == "narrative") {
      fields.push_back(TopicField::narrative);
    } else {
      throw InvalidArgument(
          fmt::format("topic field '{}' is unknown; there are title, description, narrative", printable(name)));
    }
    begin = end + 1;
  }
  return fields;
}

ConvertReport convert_dataset(const ConvertOptions& options, const ProgressCallback& progress) {
  const NamedSet set = resolve_set(options.from);
  if (options.inputs.empty()) throw InvalidArgument("no input; give files or folders");
  if (options.fields.empty()) throw InvalidArgument("no topic field; choose of title, description, narrative");
  check_split(options.split);
  if (!options.encoding.empty()) Decoder check(options.encoding);

  std::vector<InputFile> files = find_files(options, set);
  std::erase_if(files, [&](const InputFile& file) { return !belongs(file, set); });
  if (files.empty()) {
    throw NotFound(fmt::format("{}: holds no file of {}; expected {}", options.inputs.front(), options.from,
                               set.format->about.files));
  }
  // What the set is called says what neither the user nor a file does.
  ConvertOptions effective = options;
  if (effective.language.undetermined() && set.languages.size() == 1) effective.language = set.languages.front();
  if (!set.split.empty()) effective.split = set.split;

  DatasetWriter writer(options.into);
  InputProgress input_progress(files, progress);
  set.format->read({effective, set.format->settings, files, input_progress}, writer);
  if (writer.empty()) throw InvalidData(fmt::format("{}: holds nothing to convert", options.inputs.front()));
  return writer.commit(describe(options, set, files));
}

}  // namespace dragoman
