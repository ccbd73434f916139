#include "dataset/file_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace dragoman {
namespace {

/// ISO 639-1.
constexpr std::string_view kTwoLetters =
    " aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu iw ja "
    "jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ";

/// ISO 639-3, those of FLORES-200, NTREX, Tatoeba, AfriQA and the macrolanguages above them. "run", Rundi, is missing:
/// in a file's name it means a run.
constexpr std::string_view kThreeLetters =
    " ace acm acq aeb afr ajp aka als amh ang apc ara arb arq ars ary arz asm ast awa ayr aze azb azj bak bam ban bel "
    "bem ben ber bho bjn bod bos bre bug bul cat cbk ceb ces cha ckb cmn cjk cor crh csb cym dan deu dik din dsb dtp "
    "dyu "
    "dzo ell eng epo est eus ewe fao fas fij fil fin fon fra fry fur ful fuv gaz gla gle glg grn gsw guj hat hau heb "
    "hin "
    "hne hrv hsb hun hye ibo ido ile ilo ina ind isl ita jav jpn kab kac kam kan kas kat kaz kbp kea khk khm kik kin "
    "kir "
    "kmb kmr knc kon kor kur kzj lao lat lav lfn lij lim lin lit lmo ltg ltz lua lug luo lus lvs mag mai mal mar mhr "
    "min "
    "mkd mlg mlt mni mon mos mri msa mya nds nep nld nno nob nor nov npi nqo nso nus nya oci ori orm orv ory pag pam "
    "pan "
    "pap pbt pes plt pms pol por prs pus que quy ron rus sag san sat scn shn sin slk slv smo sna snd som sot spa sqi "
    "srd "
    "srp ssw sun swa swe swg swh szl tam taq tat tel tgk tgl tha tir tpi tsn tso tuk tum tur twi tzl tzm uig ukr umb "
    "urd "
    "uzb uzn vec vie war wol wuu xho ydd yid yor yue zho zsm zul ";

using Name = std::pair<std::string_view, std::string_view>;

/// How Mr. TyDi, mMARCO, CIRAL and CLEF call their languages.
constexpr std::array<Name, 35> kEnglishNames = {{
    {"amharic", "am"},  {"arabic", "ar"},     {"bengali", "bn"}, {"bulgarian", "bg"},  {"chinese", "zh"},
    {"czech", "cs"},    {"dutch", "nl"},      {"english", "en"}, {"finnish", "fi"},    {"french", "fr"},
    {"german", "de"},   {"greek", "el"},      {"hausa", "ha"},   {"hindi", "hi"},      {"hungarian", "hu"},
    {"igbo", "ig"},     {"indonesian", "id"}, {"italian", "it"}, {"japanese", "ja"},   {"korean", "ko"},
    {"mandarin", "zh"}, {"persian", "fa"},    {"polish", "pl"},  {"romanian", "ro"},   {"russian", "ru"},
    {"somali", "so"},   {"spanish", "es"},    {"swahili", "sw"}, {"swedish", "sv"},    {"telugu", "te"},
    {"thai", "th"},     {"vietnamese", "vi"}, {"turkish", "tr"}, {"portuguese", "pt"}, {"yoruba", "yo"},
}};

std::optional<FileRole> role_of_word(std::string_view word) {
  using Role = std::pair<std::string_view, FileRole>;
  static constexpr std::array<Role, 16> kRoles = {{
      {"passages", FileRole::documents},
      {"docs", FileRole::documents},
      {"collection", FileRole::documents},
      {"corpus", FileRole::documents},
      {"topic", FileRole::queries},
      {"topics", FileRole::queries},
      {"query", FileRole::queries},
      {"queries", FileRole::queries},
      {"questions", FileRole::queries},
      {"qrel", FileRole::judgements},
      {"qrels", FileRole::judgements},
      {"judgements", FileRole::judgements},
      {"judgments", FileRole::judgements},
      {"gold", FileRole::judgements},
      {"run", FileRole::run},
      {"runs", FileRole::run},
  }};
  const auto found = std::find_if(kRoles.begin(), kRoles.end(), [&](const Role& role) { return role.first == word; });
  return found == kRoles.end() ? std::nullopt : std::optional(found->second);
}

/// What follows a split and belongs to it: "test-a", "dev.small".
bool qualifies_split(std::string_view word) {
  return word == "a" || word == "b" || word == "small" || word == "pools" || word == "matched";
}

bool is_script(std::string_view word) {
  return word.size() == 4 && std::isupper(static_cast<unsigned char>(word[0])) != 0 &&
         std::all_of(word.begin() + 1, word.end(), [](unsigned char c) { return std::islower(c) != 0; });
}

bool is_region(std::string_view word) {
  return word.size() == 2 &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isupper(c) != 0; });
}

std::string small(std::string_view word) {
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// Adds what one part of a path says, where a part nearer to the file has not said it.
void add_part(std::string_view part, FileName& name, std::optional<FileRole>& role) {
  std::vector<Language> languages;
  std::string split;
  std::optional<FileRole> part_role;
  const auto words = words_of_name(part);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto found = role_of_word(small(words[i]))) {
      if (!part_role) part_role = found;
    } else if (auto word_split = split_of_word(words[i]); !word_split.empty() && split.empty()) {
      split = std::move(word_split);
      while (i + 1 < words.size() && qualifies_split(words[i + 1])) split += "-" + std::string(words[++i]);
    } else if (Language language = language_of_word(words[i]); !language.undetermined()) {
      if (i + 1 < words.size() && (is_script(words[i + 1]) || is_region(words[i + 1]))) {
        language = Language::parse(std::string(words[i]) + "-" + std::string(words[i + 1]));
        ++i;
      }
      languages.push_back(std::move(language));
    }
  }
  if (!role) role = part_role;
  if (name.languages.empty()) name.languages = std::move(languages);
  if (name.split.empty()) name.split = std::move(split);
}

}  // namespace

std::vector<std::string_view> words_of_name(std::string_view name) {
  constexpr std::string_view kBetween = ".-_/";
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; (begin = name.find_first_not_of(kBetween, begin)) != std::string_view::npos;) {
    const std::size_t end = std::min(name.find_first_of(kBetween, begin), name.size());
    words.push_back(name.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

Language language_of_word(std::string_view word) {
  const bool small_letters =
      std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::islower(c) != 0; });
  if (small_letters && (word.size() == 2 || word.size() == 3)) {
    const auto& codes = word.size() == 2 ? kTwoLetters : kThreeLetters;
    const bool known = codes.find(" " + std::string(word) + " ") != std::string_view::npos;
    return known ? Language::parse(word) : Language();
  }
  const std::string lower = small(word);
  const auto found =
      std::find_if(kEnglishNames.begin(), kEnglishNames.end(), [&](const Name& name) { return name.first == lower; });
  return found == kEnglishNames.end() ? Language() : Language::parse(found->second);
}

std::string split_of_word(std::string_view word) {
  const std::string lower = small(word);
  if (lower == "train" || lower == "training") return "train";
  if (lower == "dev" || lower == "val" || lower == "valid" || lower == "validation") return "dev";
  if (lower == "testa" || lower == "testb") return lower == "testa" ? "test-a" : "test-b";
  if (lower == "test" || lower == "devtest" || lower == "sample") return lower;
  return "";
}

FileName parse_file_name(std::string_view path) {
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (path.ends_with(ending)) path.remove_suffix(ending.size());
  }
  FileName name;
  std::optional<FileRole> role;
  for (bool first = true; !path.empty(); first = false) {
    const std::size_t slash = path.rfind('/');
    const std::string_view part = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (first) name.stem = part;
    add_part(part, name, role);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
  }
  name.role = role.value_or(FileRole::documents);
  return name;
}

}  // namespace dragoman
