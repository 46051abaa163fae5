// SPDX-License-Identifier: Apache-2.0
//
// The small tables beside the log: readers' cursors, entitlements, dead letters, notes, marks, registry versions, epochs. Plain
// functions on a connection; what changes something is called within LogWriter's begin() and commit().
#pragma once

#include "daemon/store/sqlite.hpp"
#include "daemon/store/store.hpp"

namespace gatehouse::store {

constexpr std::size_t note_bytes_max = 64 * 1024;
constexpr std::size_t reader_name_bytes_max = 256;
constexpr std::size_t mark_text_bytes_max = 256;

/// Fault::refused: backwards (the trigger's answer). A retired reader that moves is in service again.
Done move_cursor(Connection& connection, const std::string& reader, Cursor to);
Done retire_reader(Connection& connection, const std::string& reader);
Result<std::optional<Cursor>> cursor_of(Connection& connection, const std::string& reader);
/// Of readers in service.
Result<std::map<std::string, Cursor>> live_cursors(Connection& connection);

Result<std::vector<EntitlementVersion>> entitlements_of(Connection& connection, const std::string& upstream);
Result<EntitlementVersion> insert_entitlement(Connection& connection, const std::string& upstream, std::uint64_t from_position,
                                              const std::string& rules);

Done insert_dead_letter(Connection& connection, const DeadLetter& letter);
Result<std::vector<DeadLetter>> dead_letters_of(Connection& connection, const std::string& reader, std::size_t letters_max);

Result<std::string> note_of(Connection& connection, const std::string& key);
Done write_note(Connection& connection, const std::string& key, const std::string& value);

Result<std::optional<SourceMark>> mark_of(Connection& connection, const std::string& source);

Result<RegistryRow> insert_registry_row(Connection& connection, const std::string& row_class, const std::string& id, const std::string& body,
                                        std::uint64_t position);
/// Fault::gone: none is in force.
Done end_registry_row(Connection& connection, const std::string& row_class, const std::string& id, std::uint64_t position);
Result<std::vector<RegistryRow>> registry_rows_of(Connection& connection, const std::string& row_class, std::optional<std::uint64_t> as_of);

/// First position, and last unless it is the present one.
Result<std::optional<std::pair<std::uint64_t, std::optional<std::uint64_t>>>> span_of_epoch(Connection& connection, const std::string& epoch);

} // namespace gatehouse::store
