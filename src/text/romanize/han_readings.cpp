#include "text/romanize/han_readings.h"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "text/romanize/word_list.h"

namespace dragoman {
namespace {

constexpr char32_t kFirstHan = 0x3400, kLastHan = 0x9FFF;

/// Countries, prefectures and cities, frequent family names, and words of everyday Japanese.
constexpr std::string_view kJapaneseWords =
    "日本=nihon 東京=tokyo 京都=kyoto 大阪=osaka 横浜=yokohama 名古屋=nagoya 神戸=kobe 札幌=sapporo 福岡=fukuoka "
    "広島=hiroshima "
    "長崎=nagasaki 仙台=sendai 奈良=nara 沖縄=okinawa 北海道=hokkaido 九州=kyushu 四国=shikoku 本州=honshu 青森=aomori "
    "岩手=iwate "
    "宮城=miyagi 秋田=akita 山形=yamagata 福島=fukushima 茨城=ibaraki 栃木=tochigi 群馬=gunma 埼玉=saitama 千葉=chiba "
    "神奈川=kanagawa 新潟=niigata 富山=toyama 石川=ishikawa 福井=fukui 山梨=yamanashi 長野=nagano 岐阜=gifu "
    "静岡=shizuoka 愛知=aichi "
    "三重=mie 滋賀=shiga 兵庫=hyogo 和歌山=wakayama 鳥取=tottori 島根=shimane 岡山=okayama 山口=yamaguchi "
    "徳島=tokushima 香川=kagawa "
    "愛媛=ehime 高知=kochi 佐賀=saga 熊本=kumamoto 大分=oita 宮崎=miyazaki 鹿児島=kagoshima 鎌倉=kamakura 江戸=edo "
    "銀座=ginza "
    "新宿=shinjuku 渋谷=shibuya 秋葉原=akihabara 上野=ueno 浅草=asakusa 日光=nikko 箱根=hakone 富士山=fujisan "
    "富士=fuji 関西=kansai "
    "関東=kanto 中国=chugoku 韓国=kankoku 台湾=taiwan 北京=pekin 上海=shanhai 香港=honkon 米国=beikoku 英国=eikoku "
    "欧州=oshu "
    "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 伊藤=ito 渡辺=watanabe 山本=yamamoto 中村=nakamura "
    "小林=kobayashi 加藤=kato "
    "吉田=yoshida 山田=yamada 佐々木=sasaki 松本=matsumoto 井上=inoue 木村=kimura 清水=shimizu 斎藤=saito 斉藤=saito "
    "林=hayashi "
    "山崎=yamazaki 森=mori 池田=ikeda 橋本=hashimoto 阿部=abe 安倍=abe 岡田=okada 前田=maeda 藤田=fujita 小川=ogawa "
    "後藤=goto "
    "村上=murakami 長谷川=hasegawa 近藤=kondo 石井=ishii 坂本=sakamoto 遠藤=endo 青木=aoki 藤井=fujii 西村=nishimura "
    "福田=fukuda "
    "太田=ota 三浦=miura 岡本=okamoto 松田=matsuda 中島=nakajima 中野=nakano 原田=harada 小野=ono 田村=tamura "
    "竹内=takeuchi "
    "金子=kaneko 和田=wada 中山=nakayama 石田=ishida 上田=ueda 森田=morita 宮本=miyamoto 内田=uchida 黒澤=kurosawa "
    "黒沢=kurosawa "
    "宮崎駿=miyazaki-hayao 徳川=tokugawa 豊臣=toyotomi 織田=oda 信長=nobunaga 秀吉=hideyoshi 家康=ieyasu 明治=meiji "
    "大正=taisho "
    "昭和=showa 平成=heisei 令和=reiwa 天皇=tenno 将軍=shogun 侍=samurai 武士=bushi 忍者=ninja 芸者=geisha "
    "歌舞伎=kabuki "
    "相撲=sumo 柔道=judo 空手=karate 剣道=kendo 寿司=sushi 刺身=sashimi 天麩羅=tempura 醤油=shoyu 味噌=miso 豆腐=tofu "
    "酒=sake "
    "弁当=bento 着物=kimono 神社=jinja 寺=tera 神道=shinto 仏教=bukkyo 禅=zen 津波=tsunami 台風=taifu 地震=jishin "
    "漫画=manga "
    "俳句=haiku 先生=sensei 学生=gakusei 大学=daigaku 学校=gakko 会社=kaisha 電車=densha 新幹線=shinkansen 空港=kuko "
    "駅=eki "
    "人=hito 私=watashi 今日=kyo 明日=ashita 昨日=kino 日本語=nihongo 英語=eigo 日本人=nihonjin 時間=jikan 世界=sekai "
    "戦争=senso "
    "政府=seifu 首相=shusho 大統領=daitoryo 経済=keizai 社会=shakai 文化=bunka 歴史=rekishi 音楽=ongaku 映画=eiga "
    "新聞=shinbun "
    "写真=shashin 電話=denwa 山=yama 川=kawa 海=umi 空=sora 花=hana 桜=sakura 水=mizu 火=hi 木=ki 犬=inu 猫=neko "
    "本=hon 家=ie "
    "国=kuni 都=miyako 市=shi 県=ken 区=ku 町=machi 村=mura 年=nen 月=gatsu 日=nichi 何=nani 誰=dare 大=dai 小=sho";

constexpr std::string_view kChineseWords =
    "重庆=chongqing 重慶=chongqing 成都=chengdu 西藏=xizang 厦门=xiamen 廈門=xiamen 长江=changjiang 長江=changjiang "
    "长城=changcheng 長城=changcheng 长沙=changsha 長沙=changsha 长春=changchun 長春=changchun 校长=xiaozhang "
    "部长=buzhang "
    "市长=shizhang 院长=yuanzhang 银行=yinhang 銀行=yinhang 行业=hangye 音乐=yinyue 音樂=yinyue 重新=chongxin "
    "大夫=daifu "
    "朝鲜=chaoxian 朝鮮=chaoxian 朝代=chaodai 首都=shoudu 都市=dushi 还是=haishi 角色=juese 觉得=juede 睡觉=shuijiao "
    "尉迟=yuchi 单于=chanyu 大厦=dasha 台州=taizhou 六安=luan 什么=shenme 什麼=shenme 为什么=weishenme 了解=liaojie "
    "的确=dique 目的=mudi";

HanWord longest_at(const WordList& words, std::u32string_view text) {
  for (std::size_t size = std::min(words.longest(), text.size()); size > 0; --size) {
    if (const std::string_view latin = words.find(text.substr(0, size)); !latin.empty()) return {size, latin};
  }
  return {};
}

/// Readings of characters, asked of ICU by blocks when the first character of a block is met: its rules are slow, and
/// take a fifth of a second to be compiled. Thread-safe.
class Readings {
 public:
  std::string_view of(char32_t character) {
    const std::size_t index = character - kFirstHan, block = index / kBlock;
    std::call_once(read_[block], [&] { read(block); });
    return syllables_[index];
  }

 private:
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kCharacters = kLastHan - kFirstHan + 1;

  /// ICU's transliterators serve one thread at a time.
  void read(std::size_t block) {
    const std::lock_guard lock(mutex_);
    UErrorCode status = U_ZERO_ERROR;
    if (han_latin_ == nullptr) {
      han_latin_.reset(icu::Transliterator::createInstance("Han-Latin", UTRANS_FORWARD, status));
    }
    const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status) || han_latin_ == nullptr) {
      throw Unavailable(fmt::format("ICU has no readings of Chinese characters ({}); install its data (package libicu)",
                                    u_errorName(status)));
    }
    icu::UnicodeString text;
    for (std::size_t i = block * kBlock; i < (block + 1) * kBlock; ++i) {
      text.append(static_cast<UChar32>(kFirstHan + i)).append(u'\n');
    }
    han_latin_->transliterate(text);
    std::int32_t begin = 0;
    for (std::size_t i = block * kBlock; i < (block + 1) * kBlock; ++i) {
      const std::int32_t end = text.indexOf(u'\n', begin);
      syllables_[i] = without_tone(text.tempSubStringBetween(begin, end), *nfd, *nfc);
      begin = end + 1;
    }
  }

  static std::string without_tone(const icu::UnicodeString& reading, const icu::Normalizer2& nfd,
                                  const icu::Normalizer2& nfc) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString decomposed = nfd.normalize(reading, status);
    icu::UnicodeString plain;
    for (std::int32_t i = 0; i < decomposed.length(); ++i) {
      const char16_t unit = decomposed.charAt(i);
      // The marks of the tones; the two dots of ü are another vowel.
      if (unit != 0x0300 && unit != 0x0301 && unit != 0x0304 && unit != 0x030C && unit != u' ') plain.append(unit);
    }
    std::string syllable;
    nfc.normalize(plain, status).toUTF8String(syllable);
    // A character without a reading is still one.
    return syllable.empty() || static_cast<unsigned char>(syllable[0]) >= 0xE0 ? std::string() : syllable;
  }

  std::mutex mutex_;
  std::unique_ptr<icu::Transliterator> han_latin_;
  std::array<std::once_flag, kCharacters / kBlock> read_;
  std::vector<std::string> syllables_ = std::vector<std::string>(kCharacters);
};

}  // namespace

std::string_view pinyin(char32_t character) {
  if (character < kFirstHan || character > kLastHan) return {};
  static Readings readings;
  return readings.of(character);
}

HanWord known_japanese_word(std::u32string_view text) {
  static const WordList words(kJapaneseWords);
  return longest_at(words, text);
}

HanWord known_chinese_word(std::u32string_view text) {
  static const WordList words(kChineseWords);
  return longest_at(words, text);
}

}  // namespace dragoman
