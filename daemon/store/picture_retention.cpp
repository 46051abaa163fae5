// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/picture_retention.hpp"

#include "daemon/store/commitment.hpp"
#include "daemon/store/inside/core.hpp"

namespace gatehouse::store {

Result<DuePictures> read_due_pictures(Connection& connection, Damage& damage, std::uint64_t after, PictureRole role, Time heard_before,
                                      const ClockMarks& marks, Time now) {
    Walk walk(connection, damage,
              "select position, heard_at, pictures from record where position >= ? and position <= ? and pictures is not null order by position",
              after);
    DuePictures due;
    due.read_through = due.due_through = after;
    bool all_so_far = true;
    std::size_t read = 0;
    for (; read < picture_rows_max; ++read) {
        auto row = walk.next();
        if (!row) return std::move(row).error();
        if (!*row) break;
        const auto& columns = walk.row();
        due.read_through = columns.unsigned_number(0);
        const auto heard_at = from_us(columns.number(1));
        auto pictures = parse_pictures(columns.text(2));
        if (!pictures) return walk.is_bad(std::move(pictures).error());
        for (const auto& picture : *pictures) {
            if (picture.role != role) continue;
            if (marks.heard_at(due.read_through, heard_at, now) <= heard_before)
                due.pictures.push_back({picture.sha256, heard_at});
            else
                all_so_far = false;
        }
        if (all_so_far) due.due_through = due.read_through;
    }
    due.more = read == picture_rows_max;
    return due;
}

Task<Result<std::uint64_t>> EventLog::Inside::picture_pass_of(PictureRole role, Time heard_before) {
    auto self = shared_from_this();
    std::uint64_t gone = 0;
    auto& gone_through = pictures_gone[role];
    auto after = gone_through;
    for (bool more = true; more;) {
        std::function<Result<DuePictures>(Connection&)> reading = [self, after, role, heard_before, marks = clock_marks,
                                                                   now = parts.clock.now()](Connection& c) {
            return read_due_pictures(c, self->damage, after, role, heard_before, marks, now);
        };
        auto due = co_await look_past_damage<DuePictures>(std::move(reading));
        if (!due) co_return std::move(due).error();
        std::function<Done()> dropping = [self, pictures = due->pictures]() -> Done {
            // The file was written within moments of the hearing; an hour spans midnight.
            for (const auto& picture : pictures)
                if (auto dropped = self->pictures.drop_of(picture.sha256, picture.heard_at, picture.heard_at + std::chrono::hours(1)); !dropped)
                    return dropped;
            return {};
        };
        auto dropped = co_await on<Done>(parts.pool, std::move(dropping));
        if (!dropped) co_return std::move(dropped).error();
        gone += due->pictures.size();
        if (gone_through == after) gone_through = due->due_through;
        // A row heard under a clock that ran ahead must not shield those behind it: reading ends with a page that has nothing due.
        more = due->more && (!due->pictures.empty() || due->due_through == due->read_through);
        after = due->read_through;
    }
    co_return gone;
}

Task<Result<std::uint64_t>> EventLog::Inside::picture_pass() {
    auto self = shared_from_this();
    std::uint64_t gone = 0;
    co_await look_at_clock();
    if (!may_delete_by_time()) co_return gone;
    const bool is_at_reserve = parts.files.free_bytes(options.directory) < options.reserve_bytes;
    for (const auto& [role, kept] : options.pictures_kept) {
        const auto heard_before = parts.clock.now() - std::chrono::days(is_at_reserve ? kept.floor_days : kept.ceiling_days);
        auto done = co_await picture_pass_of(role, heard_before);
        if (!done) co_return std::move(done).error();
        gone += *done;
    }
    co_return gone;
}

} // namespace gatehouse::store
