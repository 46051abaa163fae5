// SPDX-License-Identifier: Apache-2.0
//
// Whole files as texts. A file that can't be read is an empty text: what is looked for in it is then not found, and that is told.
#pragma once

#include <filesystem>
#include <string>

namespace gatehouse::mutants {

std::string text_of(const std::filesystem::path& path);

/// Writes only where the text differs, so that a build that follows sees no change where there is none. False: could not be written.
bool write_text(const std::filesystem::path& path, const std::string& text);

} // namespace gatehouse::mutants
