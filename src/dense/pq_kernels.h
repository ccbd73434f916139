#pragma once

#include <cstddef>
#include <cstdint>

namespace dragoman {

/// Codes of four bits are summed up in blocks of so many passages.
inline constexpr std::size_t kPqBlockRows = 32;

/// Sums of table entries for the 32 passages of a block: out[row] = sum_m tables[m][code of row in m]. Andre, Kermarrec
/// and Le Scouarnec, "Cache locality is not enough", VLDB 2015: a table of sixteen bytes is a register, and looking up
/// in it is one instruction.
///
/// @param codes  [parts][16 bytes]: byte i has the code of passage i in its low, of passage i + 16 in its high four
/// bits.
/// @param tables [parts][16].
/// @param parts  a multiple of 4. Sums must stay below 2^16.
/// @param out    [32].
void sum_pq4(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t parts, std::uint16_t* out);
void sum_pq4_scalar(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t parts, std::uint16_t* out);

/// The greatest of 32 sums.
std::uint16_t greatest_of(const std::uint16_t* sums);

}  // namespace dragoman
