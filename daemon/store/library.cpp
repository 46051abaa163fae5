// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/library_rows.hpp"

#include "daemon/base/in_turns.hpp"
#include "daemon/store/inside/core.hpp"

namespace gatehouse::store {

namespace {
constexpr std::size_t library_rows_max = 20'000; ///< of one answer
constexpr std::size_t prepared_piece = 64;       ///< changes prepared before the rest of the loop has a turn
} // namespace

Task<Result<std::vector<LibraryRow>>> EventLog::change_library(std::vector<LibraryChange> changes) {
    using Rows = std::vector<LibraryRow>;
    auto inside = inside_;
    if (changes.size() > library_changes_max)
        co_return Error(Fault::full, "more than " + std::to_string(library_changes_max) + " changes of the library at once");
    std::vector<Prepared> records;
    records.reserve(changes.size());
    InTurns turns(inside->parts.clock, prepared_piece);
    for (const auto& change : changes) {
        if (turns.is_up()) co_await turns.next();
        if (auto checked = check_record(change.record); !checked) co_return std::move(checked).error();
        auto prepared = inside->prepare_now(change.record, {});
        if (!prepared) co_return std::move(prepared).error();
        records.push_back(std::move(*prepared));
    }
    const auto now = inside->parts.clock.now();
    std::function<Result<Rows>(LogWriter&)> work = [changes = std::move(changes), records = std::move(records), now](LogWriter& log) -> Result<Rows> {
        if (auto good = check_library_changes(log.connection(), changes); !good) return std::move(good).error();
        Rows rows;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            auto made = apply_library_change(log.connection(), changes[i], log.next_position(), now);
            if (!made) return std::move(made).error();
            if (auto appended = log.append(records[i], std::nullopt); !appended) return std::move(appended).error();
            rows.push_back(std::move(*made));
        }
        return rows;
    };
    co_return co_await inside->change<Rows>(std::move(work));
}

Task<Result<std::vector<LibraryRow>>> EventLog::library_rows(LibraryQuery query) {
    using Rows = std::vector<LibraryRow>;
    query.rows_max = std::min(query.rows_max, library_rows_max);
    std::function<Result<Rows>(Connection&)> work = [query = std::move(query)](Connection& c) { return library_rows_of(c, query); };
    co_return co_await inside_->look<Rows>(std::move(work));
}

Task<Result<std::vector<LibraryRow>>> EventLog::library_versions(std::string row_class, std::string id) {
    using Rows = std::vector<LibraryRow>;
    std::function<Result<Rows>(Connection&)> work = [row_class = std::move(row_class), id = std::move(id)](Connection& c) {
        return library_versions_of(c, row_class, id);
    };
    co_return co_await inside_->look<Rows>(std::move(work));
}

Task<Result<std::vector<LibraryRow>>> EventLog::library_with_key(std::string row_class, std::uint64_t key) {
    using Rows = std::vector<LibraryRow>;
    std::function<Result<Rows>(Connection&)> work = [row_class = std::move(row_class), key](Connection& c) {
        return library_rows_with_key(c, row_class, key);
    };
    co_return co_await inside_->look<Rows>(std::move(work));
}

Task<Result<std::vector<LibraryRow>>> EventLog::library_about(std::string person) {
    using Rows = std::vector<LibraryRow>;
    std::function<Result<Rows>(Connection&)> work = [person = std::move(person)](Connection& c) { return library_rows_about(c, person); };
    co_return co_await inside_->look<Rows>(std::move(work));
}

Task<Result<std::vector<LibraryRow>>> EventLog::library_of_import(std::string import) {
    using Rows = std::vector<LibraryRow>;
    std::function<Result<Rows>(Connection&)> work = [import = std::move(import)](Connection& c) { return library_rows_of_import(c, import); };
    co_return co_await inside_->look<Rows>(std::move(work));
}

Task<Result<std::uint64_t>> EventLog::Inside::erase_from_library(std::uint64_t subject_key) {
    auto self = shared_from_this();
    const auto now = parts.clock.now();
    std::function<Result<std::uint64_t>(LogWriter&)> erasing = [self, subject_key, now](LogWriter& log) -> Result<std::uint64_t> {
        auto persons = persons_of_library(log.connection());
        if (!persons) return std::move(persons).error();
        std::uint64_t rows = 0;
        for (const auto& person : *persons) {
            if (keyed_hash(self->hashes.subject, "person:" + person) != subject_key) continue;
            auto erased = erase_library_rows(log.connection(), person, log.next_position(), now);
            if (!erased) return std::move(erased).error();
            rows += *erased;
        }
        return rows;
    };
    co_return co_await change<std::uint64_t>(std::move(erasing));
}

} // namespace gatehouse::store
