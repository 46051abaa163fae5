// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/library_rows.hpp"

#include <algorithm>
#include <map>

namespace gatehouse::store {

namespace {

#define GATEHOUSE_SELECT_LIBRARY                                                                                                   \
    "select class, id, version, person, import, from_position, until_position, valid_from, valid_to, body, personal, erased from " \
    "library_row "

LibraryRow library_row_at(const Statement& row) {
    LibraryRow made;
    made.row_class = row.string(0);
    made.id = row.string(1);
    made.version = static_cast<std::uint32_t>(row.number(2));
    made.person = row.string(3);
    made.import = row.string(4);
    made.from_position = row.unsigned_number(5);
    if (!row.is_null(6)) made.until_position = row.unsigned_number(6);
    made.valid_from = from_us(row.number(7));
    if (!row.is_null(8)) made.valid_to = from_us(row.number(8));
    made.body = row.string(9);
    const auto personal = row.blob(10);
    made.personal.assign(personal.begin(), personal.end());
    made.erased = row.number(11) != 0;
    return made;
}

Result<std::vector<LibraryRow>> all_library_rows(Statement& statement) {
    std::vector<LibraryRow> rows;
    for (;;) {
        auto there = statement.step();
        if (!there) return std::move(there).error();
        if (!*there) return rows;
        rows.push_back(library_row_at(statement));
    }
}

Result<std::vector<LibraryRow>> rows_by_text(Use statement, const std::string& text) {
    statement->bind(1, text);
    return all_library_rows(*statement);
}

Result<std::optional<LibraryRow>> row_in_force(Connection& connection, const std::string& row_class, const std::string& id) {
    auto row = connection.use(GATEHOUSE_SELECT_LIBRARY "where class = ?1 and id = ?2 and until_position is null");
    if (!row) return std::move(row).error();
    (*row)->bind(1, row_class).bind(2, id);
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    if (!*there) return std::optional<LibraryRow>();
    return std::optional(library_row_at(**row));
}

Result<std::uint32_t> newest_version(Connection& connection, const LibraryChange& change) {
    auto row = connection.use("select coalesce(max(version), 0) from library_row where class = ?1 and id = ?2");
    if (!row) return std::move(row).error();
    (*row)->bind(1, change.row_class).bind(2, change.id);
    if (auto there = (*row)->step(); !there) return std::move(there).error();
    return static_cast<std::uint32_t>((*row)->number(0));
}

Done close_row(Connection& connection, const std::string& row_class, const std::string& id, std::uint64_t position, Time now) {
    {
        auto row =
            connection.use("update library_row set until_position = ?3, valid_to = ?4 where class = ?1 and id = ?2 and until_position is null");
        if (!row) return std::move(row).error();
        (*row)->bind(1, row_class).bind(2, id).bind(3, position).bind(4, to_us(now));
        if (auto done = (*row)->run(); !done) return done;
    }
    auto keys = connection.use("delete from library_key where class = ?1 and id = ?2");
    if (!keys) return std::move(keys).error();
    (*keys)->bind(1, row_class).bind(2, id);
    return (*keys)->run();
}

Done write_keys(Connection& connection, const LibraryChange& change) {
    for (const auto key : change.keys) {
        auto row = connection.use("insert into library_key(hash, class, id) values (?1, ?2, ?3) on conflict do nothing");
        if (!row) return std::move(row).error();
        (*row)->bind(1, key).bind(2, change.row_class).bind(3, change.id);
        if (auto done = (*row)->run(); !done) return done;
    }
    return {};
}

/// Ids of the class that have the key, in force.
Result<std::vector<std::string>> holders_of(Connection& connection, const std::string& row_class, std::uint64_t key) {
    auto row = connection.use("select id from library_key where hash = ?1 and class = ?2");
    if (!row) return std::move(row).error();
    (*row)->bind(1, key).bind(2, row_class);
    std::vector<std::string> ids;
    for (;;) {
        auto there = (*row)->step();
        if (!there) return std::move(there).error();
        if (!*there) return ids;
        ids.push_back((*row)->string(0));
    }
}

Done check_version(Connection& connection, const LibraryChange& change) {
    auto present = row_in_force(connection, change.row_class, change.id);
    if (!present) return std::move(present).error();
    const auto version = *present ? (*present)->version : 0;
    if (version == change.builds_on && version != 0) return {};
    if (version == change.builds_on) {
        auto newest = newest_version(connection, change);
        if (!newest) return std::move(newest).error();
        // The personal part is bound to class, id and version: an id that was used is not used again.
        if (*newest == 0 && !change.ends) return {};
        return Error(Fault::gone, change.row_class + " " + change.id + " is not in force");
    }
    if (!*present) return Error(Fault::gone, change.row_class + " " + change.id + " is not in force");
    return Error(Fault::busy, change.row_class + " " + change.id + " is at version " + std::to_string(version) + " by now");
}

} // namespace

Done check_library_changes(Connection& connection, const std::vector<LibraryChange>& changes) {
    std::map<std::pair<std::string, std::uint64_t>, std::string> claimed;
    std::map<std::pair<std::string, std::string>, bool> ends;
    for (const auto& change : changes) {
        if (!ends.emplace(std::pair(change.row_class, change.id), change.ends).second)
            return Error(Fault::malformed, change.row_class + " " + change.id + " is changed twice at once");
        if (auto good = check_version(connection, change); !good) return good;
    }
    for (const auto& change : changes) {
        if (change.ends) continue;
        for (const auto key : change.unique_keys) {
            if (const auto [first, is_new] = claimed.emplace(std::pair(change.row_class, key), change.id); !is_new && first->second != change.id)
                return Error(Fault::refused, change.row_class + ": two rows with the same number at once");
            auto holders = holders_of(connection, change.row_class, key);
            if (!holders) return std::move(holders).error();
            for (const auto& id : *holders) {
                const auto leaving = ends.find({change.row_class, id});
                if (id != change.id && (leaving == ends.end() || !leaving->second))
                    return Error(Fault::refused, "another " + change.row_class + " is registered with it: " + id);
            }
        }
    }
    return {};
}

Result<LibraryRow> apply_library_change(Connection& connection, const LibraryChange& change, std::uint64_t position, Time now) {
    LibraryRow made;
    if (change.ends) {
        auto present = row_in_force(connection, change.row_class, change.id);
        if (!present) return std::move(present).error();
        if (!*present) return Error(Fault::gone, change.row_class + " " + change.id + " is not in force");
        made = std::move(**present);
        made.until_position = position;
        made.valid_to = now;
        if (auto closed = close_row(connection, change.row_class, change.id, position, now); !closed) return std::move(closed).error();
        return made;
    }
    auto newest = newest_version(connection, change);
    if (!newest) return std::move(newest).error();
    if (auto closed = close_row(connection, change.row_class, change.id, position, now); !closed) return std::move(closed).error();
    made.row_class = change.row_class;
    made.id = change.id;
    made.version = *newest + 1;
    made.person = change.person;
    made.import = change.import;
    made.from_position = position;
    made.valid_from = now;
    made.body = change.body;
    made.personal = change.personal;
    auto row = connection.use("insert into library_row(class, id, version, person, import, from_position, valid_from, body, personal) "
                              "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    if (!row) return std::move(row).error();
    auto& statement = **row;
    statement.bind(1, made.row_class).bind(2, made.id).bind(3, made.version);
    made.person.empty() ? statement.bind_null(4) : statement.bind(4, made.person);
    made.import.empty() ? statement.bind_null(5) : statement.bind(5, made.import);
    statement.bind(6, position).bind(7, to_us(now)).bind(8, made.body);
    made.personal.empty() ? statement.bind_null(9) : statement.bind(9, ByteView(made.personal));
    if (auto done = statement.run(); !done) return std::move(done).error();
    if (auto done = write_keys(connection, change); !done) return std::move(done).error();
    return made;
}

Result<std::vector<LibraryRow>> library_rows_of(Connection& connection, const LibraryQuery& query) {
    // Two texts, so that what is in force is found by its own index.
    auto rows = query.as_of ? connection.use(GATEHOUSE_SELECT_LIBRARY "where class = ?1 and id > ?2 and from_position <= ?4 and "
                                                                      "(until_position is null or until_position > ?4) order by id limit ?3")
                            : connection.use(GATEHOUSE_SELECT_LIBRARY "where class = ?1 and id > ?2 and until_position is null order by id limit ?3");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, query.row_class).bind(2, query.after).bind(3, static_cast<std::uint64_t>(query.rows_max));
    if (query.as_of) (*rows)->bind(4, *query.as_of);
    return all_library_rows(**rows);
}

Result<std::vector<LibraryRow>> library_versions_of(Connection& connection, const std::string& row_class, const std::string& id) {
    auto rows = connection.use(GATEHOUSE_SELECT_LIBRARY "where class = ?1 and id = ?2 order by version");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, row_class).bind(2, id);
    return all_library_rows(**rows);
}

Result<std::vector<LibraryRow>> library_rows_with_key(Connection& connection, const std::string& row_class, std::uint64_t key) {
    auto rows = connection.use(GATEHOUSE_SELECT_LIBRARY "where until_position is null and class = ?1 and id in "
                                                        "(select k.id from library_key k where k.hash = ?2 and k.class = ?1) order by id");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, row_class).bind(2, key);
    return all_library_rows(**rows);
}

Result<std::vector<LibraryRow>> library_rows_about(Connection& connection, const std::string& person) {
    auto rows = connection.use(GATEHOUSE_SELECT_LIBRARY "where person = ?1 order by number");
    if (!rows) return std::move(rows).error();
    return rows_by_text(std::move(*rows), person);
}

Result<std::vector<LibraryRow>> library_rows_of_import(Connection& connection, const std::string& import) {
    auto rows = connection.use(GATEHOUSE_SELECT_LIBRARY "where import = ?1 order by number");
    if (!rows) return std::move(rows).error();
    return rows_by_text(std::move(*rows), import);
}

Result<std::vector<std::string>> persons_of_library(Connection& connection) {
    auto rows = connection.use("select distinct person from library_row where person is not null and personal is not null");
    if (!rows) return std::move(rows).error();
    std::vector<std::string> persons;
    for (;;) {
        auto there = (*rows)->step();
        if (!there) return std::move(there).error();
        if (!*there) return persons;
        persons.push_back((*rows)->string(0));
    }
}

Result<std::uint64_t> erase_library_rows(Connection& connection, const std::string& person, std::uint64_t position, Time now) {
    auto rows = library_rows_about(connection, person);
    if (!rows) return std::move(rows).error();
    for (const auto& row : *rows)
        if (!row.until_position)
            if (auto closed = close_row(connection, row.row_class, row.id, position, now); !closed) return std::move(closed).error();
    auto emptied = connection.use("update library_row set personal = null, erased = 1 where person = ?1");
    if (!emptied) return std::move(emptied).error();
    (*emptied)->bind(1, person);
    if (auto done = (*emptied)->run(); !done) return std::move(done).error();
    return static_cast<std::uint64_t>(rows->size());
}

} // namespace gatehouse::store
