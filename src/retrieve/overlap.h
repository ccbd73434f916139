#pragma once

#include "dragoman/text/analyzer.h"

namespace dragoman {

/// Have two tokens of one text a byte of it in common?
inline bool overlap(const Token& a, const Token& b) { return a.begin < b.end && b.begin < a.end; }

}  // namespace dragoman
