#include "dataset/sgml.h"

#include <gmock/gmock.h>

#include <string>

#include "dragoman/base/error.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::EndsWith;
using testing::ThrowsMessage;

/// "<a>", "</a>" and text, in brackets of their own.
std::string shown(std::string_view sgml) {
  std::string all;
  for (const SgmlToken& token : scan_sgml(sgml)) {
    all += token.kind == SgmlToken::Kind::text    ? "[" + token.text() + "]"
           : token.kind == SgmlToken::Kind::begin ? "<" + token.name + ">"
                                                  : "</" + token.name + ">";
  }
  return all;
}

TEST(Sgml, FindsTagsWhateverTheirCase) {
  EXPECT_EQ(shown("<DOC><Title>Чай</TITLE></doc>"), "<doc><title>[Чай]</title></doc>");
}

TEST(Sgml, TakesASignThatBeginsNoTagForText) {
  EXPECT_EQ(shown("a < b, <3 & 5<6"), "[a < b, <3 & 5<6]");
  EXPECT_EQ(shown("<p>x < y</p>"), "<p>[x < y]</p>");
  EXPECT_EQ(shown("<p never closed"), "[<p never closed]");
}

TEST(Sgml, DropsCommentsAndDeclarations) {
  EXPECT_EQ(shown("<?xml version=\"1.0\"?><!DOCTYPE x><a><!-- <b> -->x</a>"), "<a>[x]</a>");
}

TEST(Sgml, TakesCdataAsItIs) { EXPECT_EQ(shown("<a><![CDATA[قهوة & <b>]]></a>"), "<a>[قهوة & <b>]</a>"); }

TEST(Sgml, DecodesEntities) {
  EXPECT_EQ(decode_entities("Caf&eacute; &amp; Stra&szlig;e &#x4E2D;&#25991; &lt;b&gt;"), "Café & Straße 中文 <b>");
  EXPECT_EQ(decode_entities("&nbsp;&yuml;"), "\u00A0ÿ");
}

TEST(Sgml, LeavesEntitiesThatItDoesNotKnow) {
  EXPECT_EQ(decode_entities("AT&T; &hyph; R&D & &#0; &#xD800; &#99999999999;"),
            "AT&T; &hyph; R&D & &#0; &#xD800; &#99999999999;");
}

TEST(Sgml, ReadsAttributes) {
  EXPECT_EQ(sgml_attribute(" lang=\"EN\" xml:id='q1'", "lang"), "EN");
  EXPECT_EQ(sgml_attribute(" lang = sw ", "lang"), "sw");
  EXPECT_EQ(sgml_attribute(" hreflang=\"de\"", "lang"), "");
  EXPECT_EQ(sgml_attribute("", "lang"), "");
}

class SgmlRecordsTest : public testing::Test {
 protected:
  /// name@line:content of each record, one after another.
  std::string read(std::string_view text) {
    const std::vector<InputFile> files = {{folder_.write("docs.sgml", text).string(), "docs.sgml", {}}};
    InputProgress progress(files, {});
    InputLines lines(files[0], progress);
    SgmlRecords records(lines, {"doc"});
    std::string all;
    for (SgmlRecords::Record record; records.next(record);) {
      all += record.name + "@" + record.place.substr(record.place.rfind(':') + 1) + ":" + record.content + "|";
    }
    return all;
  }

  test::TemporaryFolder folder_;
};

TEST_F(SgmlRecordsTest, FindsSeveralInALineAndOneOverSeveralLines) {
  EXPECT_EQ(read("<DOCS><DOC>a</DOC><DOC id=2>b</DOC>\n\n<doc>\nc\n</doc></DOCS>"), "doc@1:a|doc@1:b|doc@3:\nc\n|");
}

TEST_F(SgmlRecordsTest, DoesNotTakeDocnoForDoc) {
  EXPECT_EQ(read("<DOC><DOCNO>1</DOCNO></DOC>"), "doc@1:<DOCNO>1</DOCNO>|");
}

TEST_F(SgmlRecordsTest, NamesTheLineOfARecordWithoutAnEnd) {
  EXPECT_THAT([&] { read("<DOC>a</DOC>\n<DOC>b\n"); },
              ThrowsMessage<InvalidData>(EndsWith("docs.sgml:2: the <doc> that begins here has no end tag </doc>")));
  EXPECT_THAT([&] { read("<DOC>a\n<DOC>b</DOC>\n"); },
              ThrowsMessage<InvalidData>(testing::HasSubstr("docs.sgml:2: the <doc> of ")));
}

}  // namespace
}  // namespace dragoman
