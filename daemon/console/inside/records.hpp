// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

constexpr std::size_t page_records_max = 500;
constexpr std::size_t page_records_usual = 100;

/// What several routes read out of their query, into a question to the log.
Result<bool> flag_of(const Asking& asking, const std::string& name);
Done read_kind_and_source(const Asking& asking, store::HistoryQuery& into);
Done read_subject(const Asking& asking, store::HistoryQuery& into);
net::HttpResponse lacks_personal();

Task<net::HttpResponse> get_records(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_record(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_picture(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_audit(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
