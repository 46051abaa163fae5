// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/terminal_memory.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/uuid.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::drivers::isapi {

namespace {

constexpr int passes_max = 4; // a restart or the change to searching by time begins anew
constexpr std::size_t gap_records_max = 16;
constexpr int picture_failures_max = 3;
constexpr Duration window_overlap = std::chrono::minutes(5);
constexpr Duration window_ahead = std::chrono::hours(24);

std::optional<std::uint64_t> counted(const SerialRun::Hole& hole, bool is_dense) {
    if (!is_dense) return std::nullopt;
    return hole.last - hole.first + 1;
}

const AccessEvent& event_of(const Alert& alert) { return *alert.access; }

} // namespace

struct TerminalMemory::Pass {
    AcsEventSearch search;
    bool first_contact = false;
    bool first_page = true;
    std::uint64_t rows = 0;
    std::uint64_t lowest = serial_max;
    std::uint64_t highest = 0;
    std::optional<Time> older_than; ///< see drop_leftovers()
    bool two_counts = false;
    std::optional<std::uint64_t> in_a_row; ///< the last number that followed its neighbour

    // Numbers that stand close together are given one by one, so what is missing among them can be counted.
    // After a wrap the ring still holds the end of the generation before, under high numbers, and our log has it: rows that do not follow
    // their neighbour and are older than our last event. Where a counter began anew and the memory stayed, two rows bear one number: then
    // all that is older than our last event is of the generation before. `page_rows` are in the order of their numbers.
    void drop_leftovers(std::vector<Alert>& page_rows) {
        if (!older_than) return;
        std::set<std::uint64_t> numbers;
        for (const auto& row : page_rows) two_counts = !numbers.insert(*event_of(row).serial).second || two_counts;
        std::erase_if(page_rows, [&](const Alert& row) {
            const auto serial = *event_of(row).serial;
            if (two_counts && row.time.second && *row.time.second < *older_than) return true;
            const bool follows = !in_a_row || serial <= *in_a_row + 1;
            if (!follows && row.time.second && *row.time.second <= *older_than) return true;
            in_a_row = std::max(in_a_row.value_or(0), serial);
            return false;
        });
    }

    bool is_dense() const { return rows > 0 && highest - lowest + 1 < 2 * rows + 2; }
};

TerminalMemory::TerminalMemory(DeviceApi& api, Writer& writer, Surroundings surroundings, Options options, std::string device_id)
    : api_(api), writer_(writer), surroundings_(surroundings), options_(options), device_id_(std::move(device_id)) {}

Task<Result<AcsEventPage>> TerminalMemory::search(const AcsEventSearch& search) {
    auto body = encode_acs_event_search(search, surroundings_.zone);
    std::string method = "POST";
    std::string target(acs_event_target);
    auto answer = co_await api_.ask(std::move(method), std::move(target), std::move(body));
    if (!answer) co_return std::move(answer).error();
    writer_.heard();
    co_return decode_acs_event_page(*answer, surroundings_.zone);
}

Task<Done> TerminalMemory::catch_up() {
    struct Over {
        TerminalMemory& memory;
        ~Over() {
            memory.writer_.keep_contradictions(false);
            memory.left_behind_.reset();
        }
    } over{*this};
    co_return co_await read();
}

Task<Done> TerminalMemory::read() {
    if (!writer_.run().known() && !options_.with_history && writer_.run().generation() == 0) co_return co_await begin_now();
    for (int passes = 0; passes < passes_max; ++passes) {
        auto after = co_await pass();
        if (!after) co_return std::move(after).error();
        if (*after == After::done) co_return Done();
    }
    co_return Error(Fault::malformed, "the device's memory starts anew at every search");
}

// At first contact without history: the newest number is where our run begins.
Task<Done> TerminalMemory::begin_now() {
    AcsEventSearch newest;
    newest.search_id = to_text(make_uuid_v7(surroundings_.clock.now(), surroundings_.entropy));
    newest.begin_serial = 1;
    newest.rows = 1;
    auto page = co_await search(newest);
    if (!page) co_return std::move(page).error();
    const auto oldest = page->rows.empty() ? 1 : *event_of(page->rows.front()).serial;
    writer_.run().begin_after(oldest + page->total - 1);
    Record began = writer_.record_now(Kind::device_changed);
    began.facts["setting"] = "listening_from";
    began.facts["value"] = std::to_string(writer_.run().number());
    co_return co_await writer_.tell(std::move(began), writer_.run().mark());
}

Task<Result<TerminalMemory::After>> TerminalMemory::pass() {
    auto& run = writer_.run();
    Pass pass;
    pass.first_contact = !run.known();
    if (run.generation() > 0) pass.older_than = run.known() ? run.second() : wrapped_after_;
    if (run.known()) pass.in_a_row = run.number();
    pass.search.search_id = to_text(make_uuid_v7(surroundings_.clock.now(), surroundings_.entropy));
    if (serials_ignored_) {
        // By the device's own clock: only it stands in its memory.
        const auto offset = Duration(writer_.clock_reading().offset_us.value_or(0));
        pass.search.from = run.second() ? *run.second() - window_overlap : from_us(0);
        pass.search.to = surroundings_.clock.now() + offset + window_ahead;
    } else {
        // From our last event on, that one included: if it is another event now, the device counts anew.
        pass.search.begin_serial = std::max<std::uint64_t>(run.known() ? run.number() : 1, 1);
    }
    for (;;) {
        auto page = co_await search(pass.search);
        if (!page) co_return std::move(page).error();
        const auto matches = page->matches;
        const bool more = page->more && matches > 0;
        auto after = co_await take_page(pass, std::move(*page));
        if (!after) co_return std::move(after).error();
        if (*after == After::again) co_return After::again;
        pass.first_page = false;
        pass.search.position += matches;
        if (!more || pass.search.position >= pass_rows_max) break;
    }
    if (pass.rows == 0 && !pass.first_contact && run.number() > 0) co_return co_await look_for_restart(false);
    auto closed = co_await close_holes(pass);
    if (!closed) co_return std::move(closed).error();
    if (writer_.restart_suspected() && !pass.first_contact) {
        auto after = co_await look_for_restart(true);
        writer_.restart_looked_into();
        co_return std::move(after);
    }
    wrapped_after_.reset();
    co_return After::done;
}

Task<Result<TerminalMemory::After>> TerminalMemory::take_page(Pass& pass, AcsEventPage page) {
    auto& run = writer_.run();
    writer_.status().malformed += page.unreadable.size();
    for (const auto serial : page.unreadable)
        if (serial > 0) {
            pass.highest = std::max(pass.highest, serial);
            pass.lowest = std::min(pass.lowest, serial);
            ++pass.rows;
        }
    std::stable_sort(page.rows.begin(), page.rows.end(),
                     [](const Alert& one, const Alert& other) { return *event_of(one).serial < *event_of(other).serial; });
    if (left_behind_)
        std::erase_if(page.rows, [&](const Alert& row) {
            const bool is_last = row.time.second == left_behind_->second && *event_of(row).serial == left_behind_->serial;
            return is_last || (row.time.second && *row.time.second < left_behind_->second);
        });
    pass.drop_leftovers(page.rows);
    if (page.rows.empty()) co_return After::done;
    const auto first = *event_of(page.rows.front()).serial;
    if (pass.first_page && pass.search.begin_serial && first < *pass.search.begin_serial) {
        log::info("isapi", "the firmware does not search by serial number; searching by time", {{"device", device_id_}});
        serials_ignored_ = true;
        co_return After::again;
    }
    for (const auto& row : page.rows) {
        ++pass.rows;
        pass.lowest = std::min(pass.lowest, *event_of(row).serial);
        pass.highest = std::max(pass.highest, *event_of(row).serial);
    }
    if (pass.first_page && !run.known()) run.begin_after(first == 0 ? 0 : first - 1);
    // The oldest that the device has is beyond our run: what lies between is gone, whatever follows.
    if (pass.first_page && pass.search.begin_serial && !pass.first_contact && first > run.number() + 1) {
        const std::string cause = "the device's memory no longer has them";
        const auto holes = run.holes_up_to(first - 1);
        for (const auto& hole : holes) {
            auto told = co_await writer_.give_up(hole, counted(hole, pass.is_dense()), cause);
            if (!told) co_return std::move(told).error();
        }
    }
    for (auto& row : page.rows) {
        const auto serial = *event_of(row).serial;
        const auto second = row.time.second;
        const bool was_ours = serial <= run.number() && !pass.first_contact;
        Arrival arrival;
        arrival.alert = std::move(row);
        if (!was_ours) co_await fetch_picture(arrival);
        auto kept = co_await writer_.write(std::move(arrival), Way::search);
        // What cannot be stored stays a hole, and the holes are counted at the end of the pass.
        if (!kept && kept.error().fault() != Fault::malformed) co_return std::move(kept).error();
        if (!kept || *kept != Kept::deferred) continue;
        // Where it is later than our last event, the device's clock tells the two counts apart.
        if (second && run.second() && *second > *run.second()) left_behind_ = Last{run.number(), *run.second()};
        co_return co_await restart("event " + std::to_string(serial) + " is another one now", false);
    }
    co_return After::done;
}

// Nothing from our last event on, not even that one; or a live event bore an old number.
Task<Result<TerminalMemory::After>> TerminalMemory::look_for_restart(bool last_is_there) {
    auto& run = writer_.run();
    if (serials_ignored_) co_return After::done;
    AcsEventSearch oldest;
    oldest.search_id = to_text(make_uuid_v7(surroundings_.clock.now(), surroundings_.entropy));
    oldest.begin_serial = 1;
    oldest.rows = 1;
    auto page = co_await search(oldest);
    if (!page) co_return std::move(page).error();
    if (page->rows.empty()) co_return After::done; // cleared; what comes next tells how it counts
    const auto& first = page->rows.front();
    const auto serial = *event_of(first).serial;
    const auto newest = serial + std::max<std::uint64_t>(page->total, 1) - 1;
    if (!last_is_there && newest < run.number()) co_return co_await restart("its newest event is " + std::to_string(newest), false);
    const bool is_later = first.time.second && run.second() && *first.time.second > *run.second();
    if (last_is_there && serial < run.number() && is_later) co_return co_await restart("its counter wrapped", true);
    co_return After::done;
}

Task<Result<TerminalMemory::After>> TerminalMemory::restart(std::string why, bool is_wrap) {
    auto& run = writer_.run();
    log::warning("isapi", "the device counts its events anew", {{"device", device_id_}, {"why", why}});
    Record gap = writer_.record_now(Kind::gap);
    gap.facts["of"] = device_id_;
    gap.facts["cause"] = "the device counts its events anew: " + why;
    gap.facts["count_known"] = false;
    gap.facts["first"] = static_cast<std::int64_t>(run.number() + 1);
    gap.facts["generation"] = static_cast<std::int64_t>(run.generation());
    if (run.second()) gap.facts["from"] = to_text(*run.second());
    wrapped_after_.reset();
    if (is_wrap) {
        wrapped_after_ = run.second(); // all up to the wrap was just read, so nothing is missing
    } else {
        auto told = co_await writer_.tell(std::move(gap));
        if (!told) co_return std::move(told).error();
    }
    run.restart();
    writer_.restart_looked_into();
    writer_.keep_contradictions(true);
    co_return After::again;
}

Task<Done> TerminalMemory::close_holes(const Pass& pass) {
    if (pass.highest == 0) co_return Done();
    auto holes = writer_.run().holes_up_to(pass.highest);
    if (holes.empty()) co_return Done();
    const std::string cause = "missing from the device's memory";
    if (!pass.is_dense() || holes.size() > gap_records_max) {
        std::uint64_t count = 0;
        for (const auto& hole : holes) count += hole.last - hole.first + 1;
        const SerialRun::Hole whole{holes.front().first, holes.back().last};
        co_return co_await writer_.give_up(whole, pass.is_dense() ? std::optional(count) : std::nullopt, cause);
    }
    for (const auto& hole : holes) {
        auto told = co_await writer_.give_up(hole, counted(hole, true), cause);
        if (!told) co_return told;
    }
    co_return Done();
}

// With digest like everything else; an event without its picture is better than no event.
Task<void> TerminalMemory::fetch_picture(Arrival& arrival) {
    const auto& url = event_of(arrival.alert).picture_url;
    if (!options_.with_pictures || url.empty() || picture_failures_ >= picture_failures_max) co_return;
    auto target = picture_target(url);
    if (!target) {
        ++writer_.status().malformed;
        co_return;
    }
    std::string method = "GET";
    auto answer = co_await api_.ask(std::move(method), std::move(*target), std::string(), DeviceApi::Patience::once);
    if (!answer) {
        ++picture_failures_;
        co_return;
    }
    picture_failures_ = 0;
    if (answer->size() > picture_bytes_max) {
        ++writer_.status().oversize;
    } else if (!answer->starts_with("\xff\xd8")) {
        ++writer_.status().malformed;
    } else {
        NamedPicture picture{"Picture", PictureRole::face, std::make_shared<const Bytes>(answer->begin(), answer->end())};
        arrival.pictures.push_back(std::move(picture));
    }
}

} // namespace gatehouse::drivers::isapi
