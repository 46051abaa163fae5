// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

constexpr std::size_t page_records_max = 500;
constexpr std::size_t page_records_usual = 100;

Task<net::HttpResponse> get_records(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_record(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_picture(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_audit(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
