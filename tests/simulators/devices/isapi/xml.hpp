// SPDX-License-Identifier: Apache-2.0
// The little XML and text that a pretend device needs: writing with escapes, and finding the text of the first element
// of a local name in a request (devices are no stricter).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::simulators::isapi {

std::string escape_xml(std::string_view text);

// <name>escaped text</name> and a line feed.
std::string element(std::string_view name, std::string_view text);

// The raw inside of the first element of this local name, whatever its prefix and attributes; entities are undone.
std::optional<std::string> element_text(std::string_view xml, std::string_view local_name);

// The insides of all elements of this local name, entities untouched.
std::vector<std::string> elements(std::string_view xml, std::string_view local_name);

// The namespace variants that real firmware sends, applied to a finished document: "hikvision10", "hikvision20",
// "isapi", "stdcgi10", "stdcgi20", "psia", "none", "prefixed". Anything else is used as the namespace itself.
std::string with_namespace(std::string_view xml, std::string_view variant);

std::string without_declaration(std::string_view xml);

// UTF-8 to GB18030. Text that is not UTF-8 comes back as it is.
std::string to_gb18030(std::string_view utf8);

} // namespace gatehouse::simulators::isapi
