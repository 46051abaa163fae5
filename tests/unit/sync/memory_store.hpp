// SPDX-License-Identifier: Apache-2.0
//
// A log in memory, for tests of what reads it: positions, epochs, cursors, entitlements, dead letters, notes, pictures. Tests write
// records at will and may erase one, remove rows, change epoch, or break the disk.
#pragma once

#include "daemon/base/uuid.hpp"
#include "daemon/store/store.hpp"

#include <algorithm>

namespace gatehouse::sync {

class MemoryStore final : public store::Store {
public:
    MemoryStore(Loop& loop, Clock& clock) : loop_(loop), clock_(clock) {}

    static constexpr auto epoch_1 = "0192f5c4-0000-7000-8000-000000000001";
    static constexpr auto epoch_2 = "0192f5c4-0000-7000-8000-000000000002";

    // What tests do to it.
    bool disk_is_gone = false;
    std::uint64_t reads = 0;
    std::map<Digest, Bytes> picture_files;
    std::map<std::string, store::Cursor> cursor_rows;
    std::vector<store::DeadLetter> letters;
    std::map<std::string, std::string> notes;
    std::map<std::string, std::vector<store::EntitlementVersion>> versions;
    std::vector<store::StoredRecord> rows;
    std::vector<Record> handed_over;
    bool hand_over_appends = true;
    std::vector<std::uint64_t> damaged; ///< positions set aside, their rows gone

    /// Writes one; answers its position.
    std::uint64_t write(Record record) {
        store::StoredRecord row;
        row.position = ++last_;
        row.epoch = epochs_.back().first;
        SeededEntropy entropy(row.position);
        row.id = record.id.empty() ? to_text(make_uuid_v7(clock_.now(), entropy)) : record.id;
        row.kind = record.kind;
        row.happened_at = record.happened_at;
        row.heard_at = record.heard_at == Time{} ? clock_.now() : record.heard_at;
        row.clock = record.clock;
        row.compound = "c-1";
        row.source = record.source.empty() ? "gateway" : record.source;
        row.place = record.place;
        row.facts = json::serialize(record.facts);
        row.subject = record.subject;
        row.details = record.details.empty() ? std::string() : json::serialize(record.details);
        for (const auto& picture : record.pictures) {
            const auto hash = sha256(*picture.bytes);
            picture_files[hash] = *picture.bytes;
            row.pictures.push_back({picture.role, hash, picture.bytes->size()});
        }
        rows.push_back(std::move(row));
        beyond_.set();
        beyond_.reset();
        return last_;
    }
    std::uint64_t write(Kind kind) {
        Record record;
        record.kind = kind;
        record.source = "d-1";
        return write(std::move(record));
    }
    void write_many(Kind kind, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) write(kind);
    }
    void erase(std::uint64_t position) {
        for (auto& row : rows)
            if (row.position == position) {
                row.erased = true;
                row.subject.clear();
                row.details.clear();
                for (const auto& picture : row.pictures) picture_files.erase(picture.sha256);
                row.pictures.clear();
            }
    }
    void remove_through(std::uint64_t position) {
        std::erase_if(rows, [&](const auto& row) { return row.position <= position; });
    }
    void new_epoch(std::string epoch) { epochs_.emplace_back(std::move(epoch), last_ + 1); }

    // Store.
    store::Head head() const override {
        store::Head head;
        head.position = last_;
        head.epoch = epochs_.back().first;
        head.epoch_first = epochs_.back().second;
        head.seal = sha256(std::to_string(last_));
        return head;
    }
    Task<Result<std::vector<store::StoredRecord>>> read_after(std::uint64_t after, std::size_t records_max, std::size_t bytes_max) override {
        ++reads;
        co_await turn();
        std::vector<store::StoredRecord> found;
        if (disk_is_gone) co_return Error(Fault::damaged, "disk gone");
        std::size_t bytes = 0;
        auto row = std::upper_bound(rows.begin(), rows.end(), after, [](std::uint64_t position, const auto& one) { return position < one.position; });
        for (; row != rows.end() && found.size() < records_max; ++row) {
            bytes += row->facts.size() + row->details.size() + 200;
            if (!found.empty() && bytes > bytes_max) break;
            found.push_back(*row);
        }
        co_return found;
    }
    Task<Result<std::optional<store::StoredRecord>>> read_at(std::uint64_t position) override {
        co_await turn();
        std::optional<store::StoredRecord> found;
        for (const auto& row : rows)
            if (row.position == position) found = row;
        co_return found;
    }
    bool is_damaged_between(std::uint64_t after, std::uint64_t before) const override {
        return std::any_of(damaged.begin(), damaged.end(), [&](std::uint64_t one) { return one > after && one < before; });
    }
    Task<void> until_beyond(std::uint64_t position) override {
        while (last_ <= position) co_await beyond_.wait();
    }
    Task<Result<std::optional<std::pair<std::uint64_t, std::uint64_t>>>> epoch_span(std::string epoch) override {
        co_await turn();
        std::optional<std::pair<std::uint64_t, std::uint64_t>> found;
        for (std::size_t i = 0; i < epochs_.size(); ++i)
            if (epochs_[i].first == epoch) found.emplace(epochs_[i].second, i + 1 < epochs_.size() ? epochs_[i + 1].second - 1 : last_);
        co_return found;
    }
    Task<Result<std::optional<store::Cursor>>> cursor(std::string reader) override {
        co_await turn();
        std::optional<store::Cursor> found;
        if (const auto row = cursor_rows.find(reader); row != cursor_rows.end()) found = row->second;
        co_return found;
    }
    Task<Done> move_cursor(std::string reader, store::Cursor to) override {
        co_await turn();
        if (disk_is_gone) co_return Error(Fault::damaged, "disk gone");
        auto& row = cursor_rows[reader];
        expects(to.settled >= row.settled && to.member >= row.member && to.member <= to.settled, "a cursor never goes back");
        row = to;
        co_return Done();
    }
    // The registry is not sync's; nothing here asks for it.
    Task<Result<store::RegistryRow>> put_registry_row(std::string, std::string, std::string, Record) override {
        co_return Error(Fault::unsupported, "no registry");
    }
    Task<Done> close_registry_row(std::string, std::string, Record) override { co_return Error(Fault::unsupported, "no registry"); }
    Task<Result<std::vector<store::RegistryRow>>> registry_rows(std::string, std::optional<std::uint64_t>) override {
        co_return std::vector<store::RegistryRow>();
    }
    Task<Done> retire_reader(std::string) override { co_return Done(); }
    Task<Result<std::map<std::string, store::Cursor>>> cursors() override { co_return cursor_rows; }
    Task<Result<std::vector<store::EntitlementVersion>>> entitlements(std::string upstream) override {
        co_await turn();
        co_return versions[upstream];
    }
    Task<Result<store::EntitlementVersion>> add_entitlement(std::string upstream, std::string rules) override {
        co_await turn();
        auto& all_versions = versions[upstream];
        Record record;
        record.kind = Kind::upstream_changed;
        record.facts["upstream"] = upstream;
        write(std::move(record));
        store::EntitlementVersion version;
        version.version = static_cast<std::uint32_t>(all_versions.size() + 1);
        version.from_position = last_ + 1;
        version.rules = std::move(rules);
        all_versions.push_back(version);
        co_return version;
    }
    Task<Done> add_dead_letter(store::DeadLetter letter) override {
        co_await turn();
        letters.push_back(std::move(letter));
        co_return Done();
    }
    Task<Result<std::vector<store::DeadLetter>>> dead_letters(std::string reader, std::size_t) override {
        std::vector<store::DeadLetter> found;
        for (const auto& letter : letters)
            if (letter.reader == reader) found.push_back(letter);
        co_return found;
    }
    Task<Result<std::string>> note(std::string key) override {
        co_await turn();
        co_return notes[key];
    }
    Task<Done> set_note(std::string key, std::string value) override {
        co_await turn();
        if (disk_is_gone) co_return Error(Fault::damaged, "disk gone");
        notes[key] = std::move(value);
        co_return Done();
    }
    Task<Result<Bytes>> read_picture(Digest hash) override {
        co_await turn();
        const auto found = picture_files.find(hash);
        if (found == picture_files.end()) co_return Error(Fault::gone, "no such picture");
        co_return found->second;
    }
    store::StoreStatus status() const override { return {}; }
    Task<void> run() override { co_return; }

    // Sink.
    Task<Result<Appended>> append(Record record, std::optional<SourceMark>) override {
        co_await turn();
        if (disk_is_gone) co_return Error(Fault::damaged, "disk gone");
        const auto checked = check_record(record);
        if (!checked) co_return checked.error();
        Appended appended;
        appended.position = write(std::move(record));
        co_return appended;
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return std::optional<SourceMark>(); }
    void hand_over(Record record) override {
        expects(check_record(record).has_value(), "what is handed over fits its schema");
        handed_over.push_back(record);
        if (hand_over_appends) write(std::move(record));
    }

private:
    // As the real one: an answer never comes within the call.
    Task<void> turn() {
        auto come = std::make_shared<Event>();
        loop_.post([come] { come->set(); });
        co_await come->wait();
    }
    Loop& loop_;
    Clock& clock_;
    std::uint64_t last_ = 0;
    std::vector<std::pair<std::string, std::uint64_t>> epochs_{{epoch_1, 1}};
    Event beyond_;
};

} // namespace gatehouse::sync
