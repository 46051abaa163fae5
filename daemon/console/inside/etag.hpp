// SPDX-License-Identifier: Apache-2.0
//
// RFC 9110, 8.8.3 and 13.1: entity tags, If-Match before a write, If-None-Match before a read. Our tags are all strong.
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

/// Changes with every change of `content`.
std::string etag_of(std::string_view content);

/// Who says which state it changes is refused when that is not the present one: 412 "outdated"; 400 when the header is no list of tags.
/// Who says nothing may write.
std::optional<net::HttpResponse> refuse_outdated(const Asking& asking, std::string_view present);

/// `answer` with its tag, or 304 when the caller holds that state already.
net::HttpResponse tagged(const Asking& asking, net::HttpResponse answer, std::string_view etag);

} // namespace gatehouse::console::inside
