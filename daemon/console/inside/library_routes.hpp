// SPDX-License-Identifier: Apache-2.0
//
// The resource library: its classes in force, their versions, changes, imports and exports. Which class a route speaks of, the first part of its
// path says. Whoever reads something personal is in the audit trail before the answer leaves.
#pragma once

#include "daemon/console/route.hpp"

namespace gatehouse::console::inside {

constexpr std::size_t page_entries_max = 500;
constexpr std::size_t table_bytes_max = 8 * 1024 * 1024;

Task<net::HttpResponse> get_classes(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_entries(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_entry(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_versions(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_entry(Parts& parts, const Asking& asking);
Task<net::HttpResponse> put_entry(Parts& parts, const Asking& asking);
Task<net::HttpResponse> delete_entry(Parts& parts, const Asking& asking);
/// One home with who lives there, its leases, vehicles and visits in force.
Task<net::HttpResponse> get_home(Parts& parts, const Asking& asking);
Task<net::HttpResponse> put_place(Parts& parts, const Asking& asking);
Task<net::HttpResponse> delete_place(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_about(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_erase_person(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_import(Parts& parts, const Asking& asking);
Task<net::HttpResponse> delete_import(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_export(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
