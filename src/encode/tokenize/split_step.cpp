#include "encode/tokenize/split_step.h"

#include <algorithm>
#include <utility>

#include "encode/tokenize/character_class.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

struct Segment {
  std::size_t begin = 0, end = 0;
  bool is_match = false;
};

void add_segments(std::vector<Segment>& segments, MatchBehavior behavior, std::vector<PieceList::Piece>& pieces) {
  const std::size_t first = pieces.size();
  const auto add = [&](const Segment& segment) { pieces.push_back({segment.begin, segment.end}); };
  bool after_match = false;
  switch (behavior) {
    case MatchBehavior::removed:
      for (const Segment& segment : segments) {
        if (!segment.is_match) add(segment);
      }
      break;
    case MatchBehavior::isolated:
      for (const Segment& segment : segments) add(segment);
      break;
    case MatchBehavior::contiguous:
      for (const Segment& segment : segments) {
        if (pieces.size() > first && segment.is_match == after_match) {
          pieces.back().end = segment.end;
        } else {
          add(segment);
        }
        after_match = segment.is_match;
      }
      break;
    case MatchBehavior::merged_with_previous:
      for (const Segment& segment : segments) {
        if (segment.is_match && !after_match && pieces.size() > first) {
          pieces.back().end = segment.end;
        } else {
          add(segment);
        }
        after_match = segment.is_match;
      }
      break;
    case MatchBehavior::merged_with_next:
      for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
        if (segment->is_match && !after_match && pieces.size() > first) {
          pieces.back().begin = segment->begin;
        } else {
          add(*segment);
        }
        after_match = segment->is_match;
      }
      std::reverse(pieces.begin() + static_cast<std::ptrdiff_t>(first), pieces.end());
      break;
  }
}

/// Cuts every piece by a function that appends its segments, offsets counted from the piece.
template <typename Segments>
void cut(PieceList& list, MatchBehavior behavior, Segments segments_of) {
  std::vector<PieceList::Piece> pieces;
  std::vector<Segment> segments;
  for (const auto& piece : list.pieces) {
    segments.clear();
    segments_of(list.view(piece), segments);
    for (Segment& segment : segments) {
      segment.begin += piece.begin;
      segment.end += piece.begin;
    }
    add_segments(segments, behavior, pieces);
  }
  list.pieces = std::move(pieces);
}

/// Every character that belongs is a match, and what lies between two of them is a segment.
template <typename Belongs>
auto each_character(Belongs belongs) {
  return [belongs](std::string_view text, std::vector<Segment>& segments) {
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
      const CodePoint point = read_code_point(text.substr(at, 4));
      if (belongs(point.value)) {
        if (begin != at) segments.push_back({begin, at, false});
        segments.push_back({at, at + point.bytes, true});
        begin = at + point.bytes;
      }
      at += point.bytes;
    }
    if (begin != text.size()) segments.push_back({begin, text.size(), false});
  };
}

auto belongs_to(CharacterClass wanted) {
  return [wanted](char32_t value) { return is(value, wanted); };
}

/// Makes the text anew from its pieces.
template <typename Put>
void rewrite_pieces(PieceList& list, Put put) {
  std::string text;
  text.reserve(list.text.size() + list.text.size() / 2);
  std::vector<PieceList::Piece> pieces;
  for (const auto& piece : list.pieces) {
    const std::size_t begin = text.size();
    put(piece, text);
    pieces.push_back({begin, text.size()});
  }
  list.text = std::move(text);
  list.pieces = std::move(pieces);
}

}  // namespace

SplitStep pattern_splitter(Pattern pattern, MatchBehavior behavior, bool invert) {
  return [pattern = std::move(pattern), behavior, invert](PieceList& list) {
    cut(list, behavior, [&](std::string_view text, std::vector<Segment>& segments) {
      std::size_t done = 0;
      pattern(text, [&](std::size_t begin, std::size_t end) {
        if (done != begin) segments.push_back({done, begin, invert});
        segments.push_back({begin, end, !invert});
        done = end;
      });
      if (done != text.size()) segments.push_back({done, text.size(), invert});
    });
  };
}

SplitStep white_space_splitter() {
  return [](PieceList& list) {
    cut(list, MatchBehavior::removed, each_character(belongs_to(CharacterClass::white_space)));
  };
}

SplitStep word_splitter() {
  return [](PieceList& list) {
    white_space_splitter()(list);
    cut(list, MatchBehavior::contiguous, each_character(belongs_to(CharacterClass::word)));
  };
}

SplitStep bert_splitter() {
  return [](PieceList& list) {
    std::vector<PieceList::Piece> pieces;
    for (const auto& piece : list.pieces) {
      std::size_t begin = piece.begin;
      const auto close = [&](std::size_t end) {
        if (begin != end) pieces.push_back({begin, end});
      };
      for (std::size_t at = piece.begin; at < piece.end;) {
        const CodePoint point = read_code_point(std::string_view(list.text).substr(at, 4));
        const std::uint16_t classes = character_classes(point.value);
        const std::size_t next = at + point.bytes;
        if (is(classes, CharacterClass::white_space)) {
          close(at);
          begin = next;
        } else if (is(classes, CharacterClass::bert_punctuation)) {
          close(at);
          pieces.push_back({at, next});
          begin = next;
        }
        at = next;
      }
      close(piece.end);
    }
    list.pieces = std::move(pieces);
  };
}

SplitStep punctuation_splitter(MatchBehavior behavior) {
  return [behavior](PieceList& list) {
    cut(list, behavior, each_character(belongs_to(CharacterClass::bert_punctuation)));
  };
}

SplitStep digit_splitter(bool each) {
  return [behavior = each ? MatchBehavior::isolated : MatchBehavior::contiguous](PieceList& list) {
    cut(list, behavior, each_character(belongs_to(CharacterClass::number)));
  };
}

SplitStep metaspace_splitter(std::string sign, PrependScheme scheme, bool split) {
  const auto mark_spaces = [sign, scheme](PieceList& list) {
    rewrite_pieces(list, [&](const PieceList::Piece& piece, std::string& text) {
      const std::string_view before = list.view(piece);
      const bool wanted =
          scheme == PrependScheme::always || (scheme == PrependScheme::first && list.at_start && piece.begin == 0);
      if (wanted && !before.starts_with(' ') && !before.starts_with(sign)) text += sign;
      for (const char byte : before) {
        if (byte == ' ') {
          text += sign;
        } else {
          text += byte;
        }
      }
    });
  };
  if (!split) return mark_spaces;
  return [mark_spaces, cut_signs = pattern_splitter(literal_pattern(sign), MatchBehavior::merged_with_next, false)](
             PieceList& list) {
    mark_spaces(list);
    cut_signs(list);
  };
}

SplitStep space_prepender() {
  return [](PieceList& list) {
    rewrite_pieces(list, [&](const PieceList::Piece& piece, std::string& text) {
      const std::string_view before = list.view(piece);
      if (!before.starts_with(' ')) text += ' ';
      text += before;
    });
  };
}

}  // namespace dragoman
