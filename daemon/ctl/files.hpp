// SPDX-License-Identifier: Apache-2.0
//
// Files that people name on the command line.
#pragma once

#include "daemon/ctl/words.hpp"

namespace gatehouse::ctl {

constexpr std::size_t named_file_bytes_max = 8 * 1024 * 1024; ///< a table of ten thousand rows

OrSentence<std::string> read_whole(const std::string& file);
/// The first line, not empty; refused when others than its owner may read the file.
OrSentence<std::string> read_secret(const std::string& file);
/// A new file of mode 0600; one that exists is refused, and what was half written is taken away.
OrSentence<bool> write_new(const std::string& file, const std::string& text);

} // namespace gatehouse::ctl
