// SPDX-License-Identifier: Apache-2.0
#include "config/flaw.hpp"

namespace gatehouse::config {

std::string to_text(const Flaw& flaw, Language language) {
    std::string text = flaw.file + ":" + std::to_string(flaw.line) + ":" + std::to_string(flaw.column) + ": ";
    if (!flaw.key.empty()) text += flaw.key + ": ";
    return text + flaw.what.in(language);
}

std::string to_text(const std::vector<Flaw>& flaws, Language language) {
    std::string text;
    for (const Flaw& flaw : flaws) text += to_text(flaw, language) + "\n";
    return text;
}

} // namespace gatehouse::config
