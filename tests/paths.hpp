// SPDX-License-Identifier: Apache-2.0
//
// Where the checkout and its programs lie. Two functions and not two macros: a test file is then the same words in every checkout, and ccache
// has it for a second one.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::tests {

/// The absolute path of `file`, which is named from the root of the checkout: "config/events".
std::string source_path(std::string_view file);

/// The absolute path of a program of this build: "gatehouse-media".
std::string program_path(std::string_view name);

} // namespace gatehouse::tests
