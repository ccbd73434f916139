// Scripts that write their vowels, each letter by itself: tables, and what languages change in them.

#include <array>

#include "text/romanize/letter_table.h"
#include "text/romanize/scripts.h"

namespace dragoman {
namespace {

/// As passports and newspapers spell Russian (BGN/PCGN without its rules for "ye" and its apostrophes).
constexpr std::string_view kRussian =
    "а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh "
    "щ=shch "
    "ъ= ы=y ь= э=e ю=yu я=ya кс=ks ий$=y ый$=y ьо=yo "
    // Letters that Russian has not; Ukrainian, Serbian and the languages of Central Asia need no table for them.
    "ґ=g є=ye і=i ї=yi ў=u ѓ=gj ќ=kj ѕ=dz ј=j љ=lj њ=nj џ=dzh ђ=dj ћ=ch ә=a ғ=gh қ=q ң=ng ө=o ұ=u ү=u һ=h ҳ=h ҷ=j ҹ=j "
    "җ=zh ӣ=i ӯ=u ӱ=u ӧ=o ӓ=a ӗ=e ӝ=zh ӟ=z ӥ=i ҥ=ng ҡ=k ҙ=dh ҫ=s ѣ=e ѳ=f ѵ=i ӑ=a ӳ=u ӡ=dz ҕ=gh ҟ=k ҭ=t ҵ=ts ҽ=ch ҿ=ch "
    "ӷ=gh "
    "ӏ= ӂ=zh ӄ=k ӈ=ng";
constexpr std::string_view kUkrainian =  // Cabinet of Ministers, 2010.
    "г=h зг=zgh и=y й=i ^й=y ^є=ye є=ie ^ї=yi ї=i ^ю=yu ю=iu ^я=ya я=ia ий$=yi ый$=yi щ=shch ʼ= ʹ=";
constexpr std::string_view kBelarusian = "г=h ў=u і=i й=i ^й=y ы=y ый$=y";
constexpr std::string_view kBulgarian = "щ=sht ъ=a ь=y ий$=iy ия$=ia х=h";  // The law of 2009.
/// Serbian has Latin letters of its own.
constexpr std::string_view kSerbian = "ж=ž х=h ц=c ч=č ш=š ђ=đ ћ=ć џ=dž љ=lj њ=nj ј=j ий$=ij";
constexpr std::string_view kMacedonian = "ж=zh х=h ц=c ч=ch ш=sh џ=dzh љ=lj њ=nj ј=j ѓ=gj ќ=kj ѕ=dz ий$=ij";
constexpr std::string_view kMongolian = "ж=j з=z ц=ts й=i ы=y ий$=ii ый$=y";
constexpr std::string_view kKazakh = "ж=zh и=i й=y у=u х=kh ы=y і=i";
constexpr std::string_view kKyrgyz = "ж=j";
constexpr std::string_view kTajik = "ж=zh х=kh ҷ=j ъ=";

/// ELOT 743 as people use it.
constexpr std::string_view kGreek =
    "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o "
    "ά=a έ=e ή=i ί=i ό=o ύ=y ώ=o ϊ=i ΐ=i ϋ=y ΰ=y "
    "ου=ou ού=ou γγ=ng γξ=nx γχ=nch γκ=gk ^γκ=g ^μπ=b μπ$=b ντ=nt "
    // αυ, ευ, ηυ before a voiceless letter, and at the end.
    "αυ=av ευ=ev ηυ=iv αύ=av εύ=ev ηύ=iv "
    "αυθ=afth αυκ=afk αυξ=afx αυπ=afp αυσ=afs αυτ=aft αυφ=aff αυχ=afch αυψ=afps "
    "ευθ=efth ευκ=efk ευξ=efx ευπ=efp ευσ=efs ευτ=eft ευφ=eff ευχ=efch ευψ=efps "
    "αύθ=afth αύκ=afk αύξ=afx αύσ=afs αύτ=aft αύχ=afch εύθ=efth εύκ=efk εύξ=efx εύσ=efs εύτ=eft εύχ=efch "
    "αυ$=af ευ$=ef αύ$=af εύ$=ef";

constexpr std::string_view kArmenian =
    "ա=a բ=b գ=g դ=d ե=e ^ե=ye զ=z է=e ը=y թ=t ժ=zh ի=i լ=l խ=kh ծ=ts կ=k հ=h ձ=dz ղ=gh ճ=ch մ=m յ=y ն=n շ=sh ո=o "
    "^ո=vo "
    "չ=ch պ=p ջ=j ռ=r ս=s վ=v տ=t ր=r ց=ts ւ=v ու=u փ=p ք=k և=ev եւ=ev ^և=yev օ=o ֆ=f";

/// The national system of 2002; its apostrophes, which nobody types, are left out.
constexpr std::string_view kGeorgian =
    "ა=a ბ=b გ=g დ=d ე=e ვ=v ზ=z თ=t ი=i კ=k ლ=l მ=m ნ=n ო=o პ=p ჟ=zh რ=r ს=s ტ=t უ=u ფ=p ქ=k ღ=gh ყ=q შ=sh ჩ=ch ც=ts "
    "ძ=dz წ=ts ჭ=ch ხ=kh ჯ=j ჰ=h ჱ=e ჲ=y ჳ=w ჴ=q ჵ=o ჶ=f";

void nothing(char32_t, std::string&) {}

struct CyrillicTables {
  LetterTable russian{kRussian};
  LetterTable ukrainian{kUkrainian, &russian}, belarusian{kBelarusian, &russian}, bulgarian{kBulgarian, &russian},
      serbian{kSerbian, &russian}, macedonian{kMacedonian, &russian}, mongolian{kMongolian, &russian},
      kazakh{kKazakh, &russian}, kyrgyz{kKyrgyz, &russian}, tajik{kTajik, &russian};

  const LetterTable& of(std::string_view language) const {
    if (language == "uk") return ukrainian;
    if (language == "be") return belarusian;
    if (language == "bg") return bulgarian;
    if (language == "sr" || language == "bs" || language == "hr" || language == "sh") return serbian;
    if (language == "mk") return macedonian;
    if (language == "mn") return mongolian;
    if (language == "kk") return kazakh;
    if (language == "ky") return kyrgyz;
    if (language == "tg") return tajik;
    return russian;
  }
};

/// Consonants of Ethiopic, of rows of eight syllables from U+1200 on.
constexpr std::array<std::string_view, 43> kEthiopicRows = {
    "h",  "l", "h",  "m", "s",  "r", "s", "sh", "q",  "qw",  "q",  "qw", "b", "v",  "t",
    "ch", "h", "hw", "n", "ny", "'", "k", "kw", "kh", "khw", "w",  "'",  "z", "zh", "y",
    "d",  "d", "j",  "g", "gw", "g", "t", "ch", "p",  "ts",  "ts", "f",  "p"};
constexpr std::array<std::string_view, 8> kEthiopicVowels = {"e", "u", "i", "a", "e", "", "o", "wa"};

}  // namespace

void romanize_cyrillic(std::u32string_view word, std::string_view language, std::string& out) {
  static const CyrillicTables tables;
  tables.of(language).convert(word, out, nothing);
}

void romanize_greek(std::u32string_view word, std::string_view, std::string& out) {
  static const LetterTable table(kGreek);
  table.convert(word, out, nothing);
}

void romanize_armenian(std::u32string_view word, std::string_view, std::string& out) {
  static const LetterTable table(kArmenian);
  table.convert(word, out, nothing);
}

void romanize_georgian(std::u32string_view word, std::string_view, std::string& out) {
  static const LetterTable table(kGeorgian);
  table.convert(word, out, nothing);
}

void romanize_ethiopic(std::u32string_view word, std::string_view, std::string& out) {
  bool after_vowel = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::size_t row = (word[i] - 0x1200) / 8, order = (word[i] - 0x1200) % 8;
    if (word[i] < 0x1200 || row >= kEthiopicRows.size()) continue;
    std::string_view consonant = kEthiopicRows[row], vowel = kEthiopicVowels[order];
    // The glottal letters are not heard, and with the letters h their first order is a.
    const bool glottal = consonant == "'";
    if (glottal) consonant = "";
    if (order == 0 && (glottal || consonant == "h")) vowel = "a";
    if (order == 5) {
      // The sixth order has a short vowel or none: it is spoken where two consonants before it would meet.
      const bool last = i + 1 == word.size();
      vowel = (glottal || (!after_vowel && !(last && i > 0))) ? "i" : "";
    }
    out += consonant;
    out += vowel;
    after_vowel = !vowel.empty();
  }
}

}  // namespace dragoman
