// SPDX-License-Identifier: Apache-2.0
#include "sync/mqtt/lane_feed.hpp"

#include "daemon/base/log.hpp"

#include <algorithm>

namespace gatehouse::sync::mqtt {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_records_max = 500;
constexpr std::size_t read_bytes_max = 512 * 1024;
constexpr std::size_t ready_bytes_max = 512 * 1024;
constexpr std::size_t ready_events_max = 4'096;
constexpr std::size_t ready_pictures_max = 2; ///< records; a picture is up to 4 MiB
constexpr std::size_t batch_bytes_min = 4 * 1024;
constexpr std::size_t packet_overhead_bytes = 1'024; ///< topic and properties
constexpr std::uint64_t reserve_step = 4'096;
constexpr std::uint64_t lazy_positions_max = 1'000;
constexpr auto lazy_cursor_max = 10s;
constexpr auto quick_acknowledgement = 500ms;
constexpr auto slow_acknowledgement = 5s;
constexpr auto store_retry = 1s;
constexpr int silent_tries_max = 30; // of one picture, a store_retry apart
constexpr auto pause_min = 1s;
constexpr auto pause_max = 60s;
constexpr std::size_t letters_loaded_max = 1'000;
constexpr std::size_t sums_waiting_max = 100;
constexpr std::size_t summed_members_max = 10'000;
constexpr auto survey_pause_min = 100ms; // between two chunks of a backlog
constexpr auto survey_pause_max = 1s;

std::string note_text(std::uint64_t start, std::uint64_t reserved, std::uint64_t digested) {
    json::object note;
    note["start"] = start;
    note["reserved"] = reserved;
    note["digested"] = digested;
    return json::serialize(note);
}

Task<void> sleep_or(Clock& clock, Duration howlong, Event& event) {
    auto waited = event.wait();
    co_await finish_within(clock, howlong, std::move(waited));
}

} // namespace

LaneFeed::LaneFeed(Shared shared, Lane lane, std::function<void()> woken)
    : shared_(shared), lane_(lane), reader_("upstream/" + shared.settings.name + "/" + std::string(name_of(lane))), woken_(std::move(woken)),
      last_digest_at_(shared.around.clock.steady_now()) {
    status_.lane = lane;
}

// --- Beginning -------------------------------------------------------------------------------------------------------------------

Task<Done> LaneFeed::prepare(std::uint64_t start) {
    auto& store = shared_.around.store;
    auto found = co_await store.cursor(reader_);
    if (!found) co_return std::move(found).error();
    store::Cursor cursor;
    if (*found) {
        cursor = **found;
    } else {
        cursor.settled = start;
        auto moved = co_await store.move_cursor(reader_, cursor);
        if (!moved) co_return std::move(moved).error();
    }
    auto note = co_await store.note(reader_);
    if (!note) co_return std::move(note).error();
    start_ = digested_ = cursor.settled;
    reserved_ = 0;
    if (const auto parsed = parse_json(*note); !note->empty() && parsed && parsed->is_object()) {
        const auto number = [&](std::string_view name, std::uint64_t otherwise) {
            const auto value = number_at(parsed->get_object(), name);
            return value && *value >= 0 ? static_cast<std::uint64_t>(*value) : otherwise;
        };
        start_ = number("start", start_);
        reserved_ = number("reserved", 0);
        digested_ = number("digested", start_);
    } else {
        auto saved = co_await save_note();
        if (!saved) co_return saved;
    }
    auto letters = co_await store.dead_letters(reader_, letters_loaded_max);
    if (!letters) co_return std::move(letters).error();

    LaneRun::Options options;
    options.mode = shared_.settings.receipts;
    options.receipt_wait_min = shared_.settings.receipt_wait_min;
    options.receipt_wait_max = shared_.settings.receipt_wait_max;
    run_.emplace(options, cursor, std::min(reserved_, store.head().position));
    saved_ = cursor;
    saved_at_ = shared_.around.clock.steady_now();
    for (const auto& letter : *letters) run_->was_refused_before(letter.position);
    auto filled = co_await fill_digest();
    co_return filled;
}

Task<Done> LaneFeed::save_note() {
    auto text = note_text(start_, reserved_, digested_);
    auto saved = co_await shared_.around.store.set_note(reader_, std::move(text));
    co_return saved;
}

// What was published and receipted before this start, and stands in no digest yet. An event that has been revised since cannot be
// rendered as it went: no range holds it.
Task<Done> LaneFeed::fill_digest() {
    digest_ = DigestRun(digested_);
    auto after = digested_;
    const auto through = run_->cursor().settled;
    std::uint64_t previous = digested_ == start_ ? 0 : digested_;
    const auto now = shared_.around.clock.now();
    const auto close = [&] {
        if (auto sum = digest_.close()) sums_.push_back(std::move(*sum));
    };
    while (after < through) {
        auto records = co_await chunk(after, through);
        if (!records) co_return std::move(records).error();
        if (records->empty()) break;
        for (const auto& record : *records) {
            after = record.position;
            if (!is_member(record, lane_, shared_.entitlements)) continue;
            bool revised = record.erased;
            std::vector<Digest> digests;
            if (is_a_picture_lane()) {
                revised = revised || is_behind_damage(previous, record);
                for (const auto index : pictures_of(record, shared_.entitlements)) {
                    if (!may_go(record, record.pictures[index], shared_.entitlements, now)) revised = true;
                    digests.push_back(record.pictures[index].sha256);
                }
            } else {
                const auto event =
                    to_event(record, shared_.settings.gateway, previous, shared_.entitlements, now, is_behind_damage(previous, record));
                revised = event.revised;
                digests.push_back(sha256(event.json));
            }
            previous = record.position;
            if (revised) {
                close();
                digest_.leave_out(record.position);
                continue;
            }
            if (auto closed = digest_.add(record.position, record.epoch, digests.front())) sums_.push_back(std::move(*closed));
            for (std::size_t i = 1; i < digests.size(); ++i) digest_.add_more(digests[i]);
            if (digest_.is_full()) close();
        }
    }
    if (!sums_.empty()) sums_waiting_.set();
    co_return Done();
}

Task<Result<std::vector<store::StoredRecord>>> LaneFeed::chunk(std::uint64_t after, std::uint64_t through) {
    std::vector<store::StoredRecord> none;
    if (after >= through) co_return none;
    auto records = co_await shared_.around.store.read_after(after, read_records_max, read_bytes_max);
    if (records)
        while (!records->empty() && records->back().position > through) records->pop_back();
    co_return records;
}

// --- For ever --------------------------------------------------------------------------------------------------------------------

Task<void> LaneFeed::run() {
    std::vector<Task<void>> parts;
    parts.push_back(read());
    parts.push_back(survey());
    parts.push_back(keep_cursor());
    parts.push_back(keep_digests());
    parts.push_back(keep_letters());
    co_await all(std::move(parts));
}

bool LaneFeed::wants_more() const {
    if (!is_online_ || !run_->has_room()) return false;
    if (is_a_picture_lane()) return ready_.size() < ready_pictures_max;
    return ready_bytes_ < ready_bytes_max && ready_.size() < ready_events_max;
}

Task<void> LaneFeed::read() {
    auto& store = shared_.around.store;
    for (;;) {
        if (!wants_more()) {
            wake_.reset();
            co_await wake_.wait();
            continue;
        }
        const auto round = run_->round();
        const auto after = run_->scanned();
        if (store.head().position <= after) {
            wake_.reset();
            auto beyond = store.until_beyond(after);
            auto woken = wake_.wait();
            co_await first_of(std::move(beyond), std::move(woken));
            continue;
        }
        // Pictures are rendered one record at a time, and few are kept.
        auto records = co_await store.read_after(after, read_records_max, read_bytes_max);
        if (!records) {
            log::warning("sync", "the log can't be read", {{"reader", reader_}, {"fault", records.error().what()}});
            co_await sleep_or(shared_.around.clock, store_retry, wake_);
            continue;
        }
        if (records->empty()) {
            // Retention took all that was between here and the head.
            co_await sleep_or(shared_.around.clock, store_retry, wake_);
            continue;
        }
        if (!co_await reserve(records->back().position)) continue;
        for (const auto& record : *records) {
            if (round != run_->round()) break;
            if (!is_member(record, lane_, shared_.entitlements)) {
                run_->pass_over(record.position);
                continue;
            }
            const auto previous = run_->last_member();
            auto ready = co_await render(record, previous);
            if (round != run_->round()) break;
            if (!ready) {
                log::warning("sync", "a record can't be rendered", {{"reader", reader_}, {"fault", ready.error().what()}});
                co_await sleep_or(shared_.around.clock, store_retry, wake_);
                break;
            }
            if (run_->take(record.position, record.heard_at) == LaneRun::Then::send) {
                ready_bytes_ += ready->bytes;
                ready_.push_back(std::move(*ready));
            }
            if (is_a_picture_lane() && !wants_more()) break;
        }
        woken_();
    }
}

// Offline the lane stands at its cursor and reads nothing to be sent; but it is then that people ask what waits, and since when. Positions
// alone would say as many alarms as there are records.
Task<void> LaneFeed::survey() {
    auto& store = shared_.around.store;
    auto& clock = shared_.around.clock;
    for (;;) {
        if (is_online_) {
            went_offline_.reset();
            co_await went_offline_.wait();
            continue;
        }
        const auto round = run_->round();
        if (survey_.round != round) {
            survey_ = Survey{};
            survey_.round = round;
            survey_.through = run_->scanned();
        }
        const auto head = store.head().position;
        if (head > survey_.through) {
            auto records = co_await store.read_after(survey_.through, read_records_max, read_bytes_max);
            if (round != run_->round()) continue;
            if (records) {
                for (const auto& record : *records) {
                    if (!is_member(record, lane_, shared_.entitlements)) continue;
                    ++survey_.members;
                    if (!survey_.oldest) survey_.oldest = record.heard_at;
                }
                survey_.through = records->empty() ? head : records->back().position;
            }
        }
        co_await clock.sleep_for(survey_.through < store.head().position ? Duration(survey_pause_min) : Duration(survey_pause_max));
    }
}

// Positions above what is reserved were never sent, not even by a process that died: so a receipt for them is a lie.
Task<bool> LaneFeed::reserve(std::uint64_t through) {
    if (through <= reserved_) co_return true;
    const auto before = reserved_;
    reserved_ = through + reserve_step;
    const auto saved = co_await save_note();
    if (saved) co_return true;
    reserved_ = before;
    wake_.reset(); // set already, it would make the pause none and the disk's outage a busy loop
    co_await sleep_or(shared_.around.clock, store_retry, wake_);
    co_return false;
}

Payload LaneFeed::picture_payload(const store::StoredRecord& record, std::uint64_t previous, const store::PictureRef* picture, std::size_t index,
                                  std::size_t count, const Bytes& jpeg, std::string_view reason) const {
    std::vector<std::pair<std::string, std::string>> properties;
    if (picture != nullptr) {
        properties.emplace_back("sha256", to_hex(picture->sha256));
        properties.emplace_back("role", name_of(picture->role));
    }
    properties.emplace_back("epoch", record.epoch);
    properties.emplace_back("sequence", sequence_text(record.position));
    properties.emplace_back("previous", sequence_text(previous));
    properties.emplace_back("index", std::to_string(index));
    properties.emplace_back("count", std::to_string(count));
    if (!reason.empty()) properties.emplace_back("reason", reason);
    Payload payload;
    if (shared_.settings.mqtt == net::MqttVersion::v5) {
        if (reason.empty()) {
            payload.bytes.assign(as_text(jpeg));
            payload.content_type = "image/jpeg";
        }
        payload.user_properties = std::move(properties);
    } else {
        json::object object;
        for (const auto& [name, value] : properties) object[name] = value;
        if (reason.empty()) object["jpeg"] = to_base64(jpeg);
        payload.bytes = json::serialize(object);
    }
    return payload;
}

// A disk that is out is waited for; one picture's bad sector is not waited for for ever.
bool LaneFeed::is_silent_for_long(const Digest& picture) {
    if (silent_picture_ != picture) silent_tries_ = 0;
    silent_picture_ = picture;
    return ++silent_tries_ > silent_tries_max && shared_.around.store.status().disk == store::DiskState::sound;
}

bool LaneFeed::is_behind_damage(std::uint64_t previous, const store::StoredRecord& record) const {
    return shared_.around.store.is_damaged_between(std::max(previous, start_), record.position);
}

Task<Result<LaneFeed::Ready>> LaneFeed::render(const store::StoredRecord& record, std::uint64_t previous) {
    Ready ready;
    ready.position = record.position;
    ready.epoch = record.epoch;
    ready.is_behind_damage = is_behind_damage(previous, record);
    const auto now = shared_.around.clock.now();
    if (!is_a_picture_lane()) {
        auto event = to_event(record, shared_.settings.gateway, previous, shared_.entitlements, now, ready.is_behind_damage);
        ready.digests.push_back(sha256(event.json));
        Payload payload;
        payload.bytes = std::move(event.json);
        ready.bytes = payload.bytes.size();
        ready.payloads.push_back(std::move(payload));
        co_return ready;
    }
    const auto nothing = sha256(ByteView());
    const Bytes no_bytes;
    const auto indexes = pictures_of(record, shared_.entitlements);
    if (indexes.empty()) {
        ready.payloads.push_back(picture_payload(record, previous, nullptr, 0, 1, no_bytes, "erased"));
        ready.digests.push_back(nothing);
    }
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        const auto& picture = record.pictures[indexes[i]];
        std::string_view reason;
        Bytes jpeg;
        if (!may_go(record, picture, shared_.entitlements, now)) {
            reason = "expired";
        } else {
            auto read = co_await shared_.around.store.read_picture(picture.sha256);
            if (read)
                jpeg = std::move(*read);
            else if (read.error().fault() == Fault::gone || read.error().fault() == Fault::damaged || is_silent_for_long(picture.sha256))
                reason = "expired";
            else
                co_return std::move(read).error();
        }
        auto payload = picture_payload(record, previous, &picture, i, indexes.size(), jpeg, reason);
        if (reason.empty() && payload.bytes.size() > payload_bytes_max()) {
            reason = "too_large";
            payload = picture_payload(record, previous, &picture, i, indexes.size(), no_bytes, reason);
        }
        ready.digests.push_back(reason.empty() ? picture.sha256 : nothing);
        ready.payloads.push_back(std::move(payload));
    }
    for (const auto& payload : ready.payloads) ready.bytes += payload.bytes.size();
    co_return ready;
}

Task<void> LaneFeed::keep_cursor() {
    auto& store = shared_.around.store;
    for (;;) {
        co_await cursor_moved_.wait();
        cursor_moved_.reset();
        const auto to = run_->cursor();
        if (to.settled == saved_.settled && to.member == saved_.member) continue;
        // Retention may have passed over what was receipted by nobody, and moved it further than we are.
        const auto stored = co_await store.cursor(reader_);
        if (stored && *stored && (*stored)->settled > to.settled) continue;
        const auto moved = co_await store.move_cursor(reader_, to);
        if (!moved) {
            log::warning("sync", "a cursor can't be kept", {{"reader", reader_}, {"fault", moved.error().what()}});
            co_await shared_.around.clock.sleep_for(store_retry);
            cursor_moved_.set();
            continue;
        }
        saved_ = to;
        saved_at_ = shared_.around.clock.steady_now();
    }
}

Task<void> LaneFeed::keep_digests() {
    auto& around = shared_.around;
    for (;;) {
        if (sums_.empty()) {
            sums_waiting_.reset();
            co_await sums_waiting_.wait();
            continue;
        }
        const auto sum = sums_.front();
        Record record;
        record.kind = Kind::digest;
        record.heard_at = around.clock.now();
        record.clock = around.clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
        record.source = "gateway";
        record.facts = to_facts(sum, shared_.settings.name, lane_, around.store.head().seal, record.heard_at, around.signing);
        std::optional<SourceMark> no_mark;
        const auto appended = co_await around.store.append(std::move(record), no_mark);
        if (!appended) {
            log::warning("sync", "a lane digest can't be kept", {{"reader", reader_}, {"fault", appended.error().what()}});
            co_await around.clock.sleep_for(store_retry);
            continue;
        }
        digested_ = sum.last;
        sums_.pop_front();
        co_await save_note();
    }
}

Task<void> LaneFeed::keep_letters() {
    for (;;) {
        if (too_large_.empty()) {
            too_large_waiting_.reset();
            co_await too_large_waiting_.wait();
            continue;
        }
        const auto letter = too_large_.front();
        const auto added = co_await add_letter(letter.refusal, letter.epoch);
        if (!added) {
            co_await shared_.around.clock.sleep_for(store_retry);
            continue;
        }
        too_large_.pop_front();
    }
}

Task<Done> LaneFeed::add_letter(const Refusal& refusal, const std::string& epoch) {
    auto& around = shared_.around;
    store::DeadLetter letter;
    letter.reader = reader_;
    letter.position = refusal.position;
    letter.reason = refusal.reason;
    letter.at = around.clock.now();
    auto added = co_await around.store.add_dead_letter(std::move(letter));
    if (!added) co_return added;
    // A platform that refuses our records of its refusals would otherwise make one of each.
    const auto refused = co_await around.store.read_at(refusal.position);
    if (refused && *refused && (*refused)->kind == Kind::upstream_refused) co_return Done();
    Record record;
    record.kind = Kind::upstream_refused;
    record.heard_at = around.clock.now();
    record.source = "gateway";
    record.facts["upstream"] = shared_.settings.name;
    record.facts["lane"] = name_of(lane_);
    record.facts["position"] = refusal.position;
    record.facts["epoch"] = epoch;
    record.facts["cause"] = refusal.reason;
    around.store.hand_over(std::move(record));
    co_return Done();
}

// --- The connection's side -------------------------------------------------------------------------------------------------------

void LaneFeed::online(std::size_t packet_bytes_max) {
    packet_bytes_max_ = packet_bytes_max;
    is_online_ = true;
    pause_ = {};
    paused_until_ = {};
    wake_.set();
}

void LaneFeed::offline() {
    is_online_ = false;
    clear_ready();
    sent_.clear();
    run_->disconnected();
    went_offline_.set();
}

void LaneFeed::clear_ready() {
    ready_.clear();
    ready_bytes_ = 0;
}

std::size_t LaneFeed::payload_bytes_max() const {
    const auto packet = packet_bytes_max_ > 2 * packet_overhead_bytes ? packet_bytes_max_ - packet_overhead_bytes : packet_bytes_max_ / 2;
    return is_a_picture_lane() ? packet : std::min(packet, batch_bytes_limit_max);
}

Outgoing LaneFeed::batch_of(std::vector<Ready> events) const {
    Outgoing out;
    out.first = events.front().position;
    out.last = events.back().position;
    Payload payload;
    payload.events = events.size();
    if (shared_.settings.batch_records_max == 1) {
        payload.bytes = std::move(events.front().payloads.front().bytes);
        payload.content_type = "application/cloudevents+json";
    } else {
        std::size_t bytes = 2;
        for (const auto& event : events) bytes += event.bytes + 1;
        payload.bytes.reserve(bytes);
        for (const auto& event : events) {
            payload.bytes += payload.bytes.empty() ? '[' : ',';
            payload.bytes += event.payloads.front().bytes;
        }
        payload.bytes += ']';
        payload.content_type = "application/cloudevents-batch+json";
    }
    out.payloads.push_back(std::move(payload));
    return out;
}

std::optional<std::pair<LaneRun::MessageId, Outgoing>> LaneFeed::next(std::size_t room) {
    const auto now = shared_.around.clock.steady_now();
    if (!is_ready(now)) return std::nullopt;
    Outgoing out;
    const auto resent_through = run_->sent_through();
    if (is_a_picture_lane()) {
        if (ready_.front().bytes > room && room != SIZE_MAX) return std::nullopt;
        auto ready = std::move(ready_.front());
        ready_.pop_front();
        ready_bytes_ -= ready.bytes;
        count_towards_digest(ready);
        out.first = out.last = ready.position;
        out.payloads = std::move(ready.payloads);
        status_.resent += out.first <= resent_through ? 1 : 0;
    } else {
        while (!ready_.empty() && ready_.front().bytes + 2 > payload_bytes_max()) {
            Letter letter;
            letter.refusal.position = ready_.front().position;
            letter.refusal.reason = "too_large: the broker takes no packet of " + std::to_string(ready_.front().bytes) + " bytes";
            letter.epoch = ready_.front().epoch;
            ready_bytes_ -= ready_.front().bytes;
            ready_.pop_front();
            ++status_.refused;
            run_->refuse(letter.refusal.position, now);
            too_large_.push_back(std::move(letter));
            too_large_waiting_.set();
            cursor_moved_.set();
        }
        if (ready_.empty() || (ready_.front().bytes + 2 > room && room != SIZE_MAX)) return std::nullopt;
        const auto limit = std::min({room, batch_bytes_, payload_bytes_max(), shared_.settings.batch_bytes_max});
        std::vector<Ready> events;
        std::size_t bytes = 2;
        while (!ready_.empty() && events.size() < shared_.settings.batch_records_max &&
               (events.empty() || bytes + ready_.front().bytes + 1 <= limit)) {
            bytes += ready_.front().bytes + 1;
            ready_bytes_ -= ready_.front().bytes;
            count_towards_digest(ready_.front());
            status_.resent += ready_.front().position <= resent_through ? 1 : 0;
            events.push_back(std::move(ready_.front()));
            ready_.pop_front();
        }
        out = batch_of(std::move(events));
    }
    const auto message = run_->sent(out.first, out.last, out.payloads.size(), now);
    std::uint64_t events = 0;
    for (const auto& payload : out.payloads) events += payload.events;
    status_.published += events;
    status_.sent = out.last;
    sent_.emplace(message, Sent{now, out.first, out.last, events, out.payloads.size()});
    wake_.set();
    return std::pair(message, std::move(out));
}

void LaneFeed::count_towards_digest(const Ready& ready) {
    if (digest_.has(ready.position)) return;
    if (ready.is_behind_damage) {
        if (auto sum = digest_.close()) sums_.push_back(std::move(*sum));
        digest_.leave_out(ready.position);
        if (!sums_.empty()) sums_waiting_.set();
        return;
    }
    if (auto closed = digest_.add(ready.position, ready.epoch, ready.digests.front())) sums_.push_back(std::move(*closed));
    for (std::size_t i = 1; i < ready.digests.size(); ++i) digest_.add_more(ready.digests[i]);
    if (digest_.is_full()) {
        if (auto sum = digest_.close()) sums_.push_back(std::move(*sum));
        last_digest_at_ = shared_.around.clock.steady_now();
    }
    while (sums_.size() > sums_waiting_max) sums_.pop_back(); // the disk has been gone for long; the next range begins behind it
    if (!sums_.empty()) sums_waiting_.set();
}

void LaneFeed::close_digest_if_due() {
    const auto now = shared_.around.clock.steady_now();
    if (now - last_digest_at_ < digest_every) return;
    last_digest_at_ = now;
    if (auto sum = digest_.close()) {
        sums_.push_back(std::move(*sum));
        sums_waiting_.set();
    }
}

void LaneFeed::acknowledged(LaneRun::MessageId message) {
    const auto now = shared_.around.clock.steady_now();
    if (const auto found = sent_.find(message); found != sent_.end() && --found->second.parts == 0) {
        const auto took = now - found->second.at;
        if (took < quick_acknowledgement)
            batch_bytes_ = std::min(batch_bytes_limit_max, batch_bytes_ * 2);
        else if (took > slow_acknowledgement)
            batch_bytes_ = std::max(batch_bytes_min, batch_bytes_ / 2);
        if (counted_.count == 0) counted_.first = found->second.first;
        counted_.last = std::max(counted_.last, found->second.last);
        counted_.count += found->second.events;
        sent_.erase(found);
    }
    pause_ = {};
    const auto before = run_->unsettled();
    run_->acknowledged(message, now);
    settled(before - run_->unsettled());
}

void LaneFeed::rejected(LaneRun::MessageId message, int reason) {
    sent_.erase(message);
    run_->rejected(message);
    clear_ready();
    constexpr int packet_too_large = 0x95;
    if (reason == packet_too_large) batch_bytes_ = std::max(batch_bytes_min, batch_bytes_ / 2);
    // What was on its way when the first was refused is refused with it: one burst, one pause.
    const auto now = shared_.around.clock.steady_now();
    if (now >= paused_until_) {
        pause_ = std::clamp<Duration>(pause_ * 2, pause_min, pause_max);
        paused_until_ = now + pause_;
    }
    wake_.set();
}

void LaneFeed::settled(std::size_t members) {
    if (members == 0) return;
    status_.receipted += members;
    receipted_lately_.emplace_back(shared_.around.clock.steady_now(), members);
    while (receipted_lately_.size() > 1'000) receipted_lately_.pop_front();
    cursor_moved_.set();
    wake_.set();
    woken_();
}

// --- Receipts --------------------------------------------------------------------------------------------------------------------

void LaneFeed::hold(Range range) { settled(run_->hold(range, shared_.around.clock.steady_now())); }

Task<void> LaneFeed::refuse(Refusal refusal, const std::string& epoch) {
    if (!run_->refuse(refusal.position, shared_.around.clock.steady_now())) co_return;
    ++status_.refused;
    log::warning("sync", "refused by the platform", {{"reader", reader_}, {"position", refusal.position}});
    const auto added = co_await add_letter(refusal, epoch);
    if (!added) {
        // The member is settled in memory already; its letter follows when the disk is back.
        Letter letter;
        letter.refusal = std::move(refusal);
        letter.epoch = epoch;
        too_large_.push_back(std::move(letter));
        too_large_waiting_.set();
    }
    cursor_moved_.set();
    wake_.set();
    woken_();
}

void LaneFeed::go_back_if_due() {
    const auto now = shared_.around.clock.steady_now();
    if (run_->went_back(now)) {
        log::info("sync", "no receipt in time; the lane goes back to its cursor",
                  {{"reader", reader_},
                   {"settled", run_->cursor().settled},
                   {"next_wait_s", static_cast<std::int64_t>(run_->receipt_wait().count() / 1'000'000)}});
        clear_ready();
        wake_.set();
    }
    const auto cursor = run_->cursor();
    if (cursor.settled - saved_.settled >= lazy_positions_max || (cursor.settled != saved_.settled && now - saved_at_ >= lazy_cursor_max))
        cursor_moved_.set();
    if (paused_until_ != Instant{} && now >= paused_until_) {
        paused_until_ = {};
        woken_();
    }
}

// --- By request ------------------------------------------------------------------------------------------------------------------

Task<Result<LaneFeed::Span>> LaneFeed::span(std::uint64_t first, std::uint64_t last, std::size_t members_max) {
    Span span;
    first = std::max(first, start_ + 1);
    last = std::min(last, run_->sent_through());
    if (first > last) co_return span;
    // Backwards for the one before, in steps that grow.
    std::uint64_t through = first - 1, step = 256;
    while (through > start_ && span.previous == 0) {
        const auto after = through - start_ > step ? through - step : start_;
        auto at = after;
        for (;;) {
            auto records = co_await chunk(at, through);
            if (!records) co_return std::move(records).error();
            if (records->empty()) break;
            for (const auto& record : *records)
                if (is_member(record, lane_, shared_.entitlements)) span.previous = record.position;
            at = records->back().position;
        }
        through = after;
        step *= 4;
    }
    auto at = first - 1;
    for (;;) {
        auto records = co_await chunk(at, last);
        if (!records) co_return std::move(records).error();
        if (records->empty()) break;
        for (const auto& record : *records)
            if (is_member(record, lane_, shared_.entitlements)) span.members.push_back(record.position);
        if (span.members.size() > members_max) co_return Error(Fault::full, "more than " + std::to_string(members_max) + " events");
        at = records->back().position;
    }
    co_return span;
}

Task<Done> LaneFeed::again(Span span, std::function<Task<void>(Outgoing)> send) {
    if (span.members.empty()) co_return Done();
    auto at = span.members.front() - 1;
    auto previous = span.previous;
    std::vector<Ready> events;
    std::size_t bytes = 2;
    for (;;) {
        auto records = co_await chunk(at, span.members.back());
        if (!records) co_return std::move(records).error();
        if (records->empty()) break;
        for (const auto& record : *records) {
            if (!is_member(record, lane_, shared_.entitlements)) continue;
            auto ready = co_await render(record, previous);
            if (!ready) co_return std::move(ready).error();
            previous = record.position;
            ++status_.resent;
            if (is_a_picture_lane()) {
                Outgoing out;
                out.first = out.last = ready->position;
                out.payloads = std::move(ready->payloads);
                co_await send(std::move(out));
                continue;
            }
            const auto limit = std::min({batch_bytes_, payload_bytes_max(), shared_.settings.batch_bytes_max});
            if (!events.empty() && (bytes + ready->bytes + 1 > limit || events.size() >= shared_.settings.batch_records_max)) {
                auto out = batch_of(std::move(events));
                events.clear();
                bytes = 2;
                co_await send(std::move(out));
            }
            bytes += ready->bytes + 1;
            events.push_back(std::move(*ready));
        }
        at = records->back().position;
    }
    if (!events.empty()) {
        auto out = batch_of(std::move(events));
        co_await send(std::move(out));
    }
    co_return Done();
}

Task<Result<LaneSum>> LaneFeed::sum(std::uint64_t first, std::uint64_t last) {
    auto found = co_await span(first, last, summed_members_max);
    if (!found) co_return std::move(found).error();
    if (found->members.empty()) co_return Error(Fault::gone, "no event of this lane in the range");
    DigestRun digest(found->members.front() - 1);
    auto at = found->members.front() - 1;
    auto previous = found->previous;
    for (;;) {
        auto records = co_await chunk(at, found->members.back());
        if (!records) co_return std::move(records).error();
        if (records->empty()) break;
        for (const auto& record : *records) {
            if (!is_member(record, lane_, shared_.entitlements)) continue;
            auto ready = co_await render(record, previous);
            if (!ready) co_return std::move(ready).error();
            previous = record.position;
            if (digest.add(record.position, record.epoch, ready->digests.front())) co_return Error(Fault::unsupported, "the range crosses an epoch");
            for (std::size_t i = 1; i < ready->digests.size(); ++i) digest.add_more(ready->digests[i]);
        }
        at = records->back().position;
    }
    auto sum = digest.close();
    if (!sum) co_return Error(Fault::gone, "no event of this lane in the range");
    co_return std::move(*sum);
}

// --- Figures ---------------------------------------------------------------------------------------------------------------------

LaneStatus LaneFeed::status() const {
    auto status = status_;
    if (!run_) return status;
    const auto cursor = run_->cursor();
    status.settled = cursor.settled;
    status.member = cursor.member;
    const auto head = shared_.around.store.head().position;
    const bool is_surveyed = !is_online_ && survey_.round == run_->round();
    const auto looked_at = is_surveyed ? survey_.through : run_->scanned();
    status.waiting = (is_surveyed ? survey_.members : run_->unsettled()) + (head > looked_at ? head - looked_at : 0);
    status.oldest = is_surveyed ? survey_.oldest : run_->oldest();
    const auto now = shared_.around.clock.steady_now();
    std::uint64_t lately = 0;
    for (const auto& [at, members] : receipted_lately_)
        if (now - at <= 60s) lately += members;
    status.per_s = static_cast<double>(lately) / 60.0;
    return status;
}

LaneFeed::Counted LaneFeed::take_counted() { return std::exchange(counted_, Counted{}); }

} // namespace gatehouse::sync::mqtt
