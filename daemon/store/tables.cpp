// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/tables.hpp"

namespace gatehouse::store {

namespace {

/// Reads all rows of a statement into a vector.
template <class T, class Read>
Result<std::vector<T>> rows_of(Statement& statement, Read read) {
    std::vector<T> all;
    for (;;) {
        auto row = statement.step();
        if (!row) return std::move(row).error();
        if (!*row) return all;
        all.push_back(read(statement));
    }
}

RegistryRow registry_row_at(const Statement& row, const std::string& row_class) {
    RegistryRow made;
    made.row_class = row_class;
    made.id = row.string(0);
    made.version = static_cast<std::uint32_t>(row.number(1));
    made.from_position = row.unsigned_number(2);
    if (!row.is_null(3)) made.until_position = row.unsigned_number(3);
    made.body = row.string(4);
    return made;
}

} // namespace

Done move_cursor(Connection& connection, const std::string& reader, Cursor to) {
    if (reader.empty() || reader.size() > reader_name_bytes_max) return Error(Fault::malformed, "a reader's name is empty or too long");
    auto row = connection.use("insert into cursor(reader, settled, member) values (?1, ?2, ?3) "
                              "on conflict(reader) do update set settled = ?2, member = ?3, retired = 0");
    if (!row) return std::move(row).error();
    (*row)->bind(1, reader).bind(2, to.settled).bind(3, to.member);
    if (auto done = (*row)->run(); !done) return std::move(done).error().during("moving the cursor of " + reader);
    return {};
}

Done retire_reader(Connection& connection, const std::string& reader) {
    auto row = connection.use("update cursor set retired = 1 where reader = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, reader);
    return (*row)->run();
}

Result<std::optional<Cursor>> cursor_of(Connection& connection, const std::string& reader) {
    auto row = connection.use("select settled, member from cursor where reader = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, reader);
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    if (!*there) return std::optional<Cursor>();
    return std::optional(Cursor{(*row)->unsigned_number(0), (*row)->unsigned_number(1)});
}

Result<std::map<std::string, Cursor>> live_cursors(Connection& connection) {
    auto rows = connection.use("select reader, settled, member from cursor where retired = 0");
    if (!rows) return std::move(rows).error();
    std::map<std::string, Cursor> all;
    for (;;) {
        auto row = (*rows)->step();
        if (!row) return std::move(row).error();
        if (!*row) return all;
        all.emplace((*rows)->string(0), Cursor{(*rows)->unsigned_number(1), (*rows)->unsigned_number(2)});
    }
}

Result<std::vector<EntitlementVersion>> entitlements_of(Connection& connection, const std::string& upstream) {
    auto rows = connection.use("select version, from_position, rules from entitlement where upstream = ? order by version");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, upstream);
    return rows_of<EntitlementVersion>(**rows, [](const Statement& row) {
        return EntitlementVersion{static_cast<std::uint32_t>(row.number(0)), row.unsigned_number(1), row.string(2)};
    });
}

Result<EntitlementVersion> insert_entitlement(Connection& connection, const std::string& upstream, std::uint64_t from_position,
                                              const std::string& rules) {
    auto known = entitlements_of(connection, upstream);
    if (!known) return std::move(known).error();
    EntitlementVersion made;
    made.version = known->empty() ? 1 : known->back().version + 1;
    made.from_position = from_position;
    made.rules = rules;
    auto row = connection.use("insert into entitlement(upstream, version, from_position, rules) values (?, ?, ?, ?)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, upstream).bind(2, made.version).bind(3, from_position).bind(4, rules);
    if (auto done = (*row)->run(); !done) return std::move(done).error();
    return made;
}

Done insert_dead_letter(Connection& connection, const DeadLetter& letter) {
    auto row = connection.use("insert into dead_letter(reader, position, reason, at) values (?, ?, ?, ?) on conflict do nothing");
    if (!row) return std::move(row).error();
    (*row)->bind(1, letter.reader).bind(2, letter.position).bind(3, letter.reason).bind(4, to_us(letter.at));
    return (*row)->run();
}

Result<std::vector<DeadLetter>> dead_letters_of(Connection& connection, const std::string& reader, std::size_t letters_max) {
    auto rows = connection.use("select reader, position, reason, at from dead_letter where reader = ? order by position desc limit ?");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, reader).bind(2, static_cast<std::uint64_t>(letters_max));
    return rows_of<DeadLetter>(**rows, [](const Statement& row) {
        return DeadLetter{row.string(0), row.unsigned_number(1), row.string(2), from_us(row.number(3))};
    });
}

Result<std::string> note_of(Connection& connection, const std::string& key) {
    auto row = connection.use("select value from note where key = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, key);
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    return *there ? (*row)->string(0) : std::string();
}

Done write_note(Connection& connection, const std::string& key, const std::string& value) {
    auto row = connection.use("insert into note(key, value) values (?1, ?2) on conflict(key) do update set value = ?2");
    if (!row) return std::move(row).error();
    (*row)->bind(1, key).bind(2, value);
    return (*row)->run();
}

Result<std::optional<SourceMark>> mark_of(Connection& connection, const std::string& source) {
    auto row = connection.use("select generation, number, text from source_mark where source = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, source);
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    if (!*there) return std::optional<SourceMark>();
    return std::optional(SourceMark{static_cast<std::uint32_t>((*row)->number(0)), (*row)->unsigned_number(1), (*row)->string(2)});
}

Done end_registry_row(Connection& connection, const std::string& row_class, const std::string& id, std::uint64_t position) {
    {
        auto known = connection.use("select 1 from registry_row where class = ? and id = ? and until_position is null");
        if (!known) return std::move(known).error();
        (*known)->bind(1, row_class).bind(2, id);
        auto there = (*known)->step();
        if (!there) return std::move(there).error();
        if (!*there) return Error(Fault::gone, row_class + " " + id + " is not in the registry");
    }
    // What stands sealed at its end goes with it (0003_passwords_forgotten.sql).
    auto row = connection.use("update registry_row set until_position = ?3, body = case when instr(body, ',\"sealed_password\":\"') > 0 then "
                              "substr(body, 1, instr(body, ',\"sealed_password\":\"') - 1) || '}' else body end "
                              "where class = ?1 and id = ?2 and until_position is null");
    if (!row) return std::move(row).error();
    (*row)->bind(1, row_class).bind(2, id).bind(3, position);
    return (*row)->run();
}

Result<RegistryRow> insert_registry_row(Connection& connection, const std::string& row_class, const std::string& id, const std::string& body,
                                        std::uint64_t position) {
    RegistryRow made;
    made.row_class = row_class;
    made.id = id;
    made.from_position = position;
    made.body = body;
    {
        auto last = connection.use("select coalesce(max(version), 0) from registry_row where class = ? and id = ?");
        if (!last) return std::move(last).error();
        (*last)->bind(1, row_class).bind(2, id);
        auto there = (*last)->step();
        if (!there) return std::move(there).error();
        made.version = static_cast<std::uint32_t>((*last)->number(0)) + 1;
    }
    if (auto ended = end_registry_row(connection, row_class, id, position); !ended && ended.error().fault() != Fault::gone)
        return std::move(ended).error();
    auto row = connection.use("insert into registry_row(class, id, version, from_position, until_position, body) values (?, ?, ?, ?, null, ?)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, row_class).bind(2, id).bind(3, made.version).bind(4, position).bind(5, body);
    if (auto done = (*row)->run(); !done) return std::move(done).error();
    return made;
}

Result<std::vector<RegistryRow>> registry_rows_of(Connection& connection, const std::string& row_class, std::optional<std::uint64_t> as_of) {
    auto rows =
        connection.use("select id, version, from_position, until_position, body from registry_row where class = ?1 and "
                       "((?2 is null and until_position is null) or (from_position <= ?2 and (until_position is null or until_position > ?2))) "
                       "order by id");
    if (!rows) return std::move(rows).error();
    (*rows)->bind(1, row_class);
    as_of ? (*rows)->bind(2, *as_of) : (*rows)->bind_null(2);
    return rows_of<RegistryRow>(**rows, [&](const Statement& row) { return registry_row_at(row, row_class); });
}

Result<std::optional<std::pair<std::uint64_t, std::optional<std::uint64_t>>>> span_of_epoch(Connection& connection, const std::string& epoch) {
    using Span = std::pair<std::uint64_t, std::optional<std::uint64_t>>;
    auto row =
        connection.use("select first_position, (select n.first_position from epoch n where n.number = e.number + 1) from epoch e where id = ?");
    if (!row) return std::move(row).error();
    (*row)->bind(1, epoch);
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    if (!*there) return std::optional<Span>();
    Span span{(*row)->unsigned_number(0), std::nullopt};
    if (!(*row)->is_null(1)) span.second = (*row)->unsigned_number(1) - 1;
    return std::optional(span);
}

} // namespace gatehouse::store
