#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace dragoman {

/// "freedict-eng-deu.index".
bool is_dictd_index(const std::string& path);
/// "freedict-eng-deu.dict.dz" or ".dict".
bool is_dictd_data(const std::string& path);

/// The headwords of a FreeDict dictionary in the form that dictd serves, with the translations that its entries list.
/// An entry is a headword, with its pronunciation between slashes and its grammar in angle brackets, and translations
/// in the lines below it, which may be numbered by sense and parted by commas or semicolons; what stands in brackets of
/// any kind, and examples in quotes, are left out.
/// @param take (headword, translation, rank), ranks from 1 in the order of the entry.
/// @throws NotFound if the data is missing; InvalidData, with its place, if the index points outside it.
void read_dictd(
    const std::string& index_path,
    const std::function<void(std::string_view headword, std::string_view translation, std::size_t rank)>& take);

}  // namespace dragoman
