// SPDX-License-Identifier: Apache-2.0
//
// StoreAdmin: erasing, proving, copying, looking back.
#include "daemon/store/backup.hpp"
#include "daemon/store/inside/core.hpp"
#include "daemon/store/site_keys.hpp"
#include "daemon/store/verify.hpp"

namespace gatehouse::store {

namespace {
using namespace std::chrono_literals;
constexpr int truncation_tries_max = 50;
constexpr Duration truncation_wait = 100ms;
} // namespace

Task<Done> EventLog::Inside::truncate_wal() {
    for (int i = 0; i < truncation_tries_max; ++i) {
        std::function<Done(LogWriter&)> asking = [](LogWriter& log) -> Done {
            log.ask_truncation();
            return {};
        };
        auto asked = co_await change_only(std::move(asking));
        if (!asked) co_return asked;
        // The truncation comes after that commit, so the next change sees whether it worked.
        std::function<Result<bool>(LogWriter&)> looking = [](LogWriter& log) -> Result<bool> { return log.wants_truncation(); };
        auto still_wanted = co_await change<bool>(std::move(looking));
        if (!still_wanted) co_return std::move(still_wanted).error();
        if (!*still_wanted) co_return Done();
        co_await parts.clock.sleep_for(truncation_wait);
    }
    co_return Error(Fault::busy, "a reader keeps the WAL from being truncated");
}

Task<Result<Erased>> EventLog::Inside::carry_out(Erasure erasure) {
    using Matches = std::vector<ErasureMatch>;
    auto self = shared_from_this();
    Erased erased;
    std::uint64_t after = 0;
    auto from_library = co_await erase_from_library(erasure.subject_key);
    if (!from_library) co_return std::move(from_library).error();
    erased.library_rows = *from_library;
    const auto shared_erasure = std::make_shared<const Erasure>(erasure);
    for (bool last = false; !last;) {
        auto reached = std::make_shared<std::uint64_t>(after);
        std::function<Result<Matches>(Connection&)> finding = [self, shared_erasure, reached](Connection& c) {
            return find_matches(c, self->damage, *shared_erasure, self->hashes, *reached);
        };
        auto found = co_await look_past_damage<Matches>(std::move(finding));
        if (!found) co_return std::move(found).error();
        after = *reached;
        last = after >= erasure.through;
        // Also when nothing was ever there, the log says that it was asked for.
        if (found->empty() && !(last && erased.records == 0)) continue;
        auto matches = std::make_shared<const Matches>(std::move(*found));
        std::vector<PictureRef> gone;
        for (const auto& match : *matches) gone.insert(gone.end(), match.pictures.begin(), match.pictures.end());
        erased.pictures += gone.size();
        // Pictures before rows: once a row is empty nobody knows any more which pictures were its.
        auto dropped = co_await drop_pictures(std::move(gone));
        if (!dropped) co_return std::move(dropped).error();
        const auto now = parts.clock.now();
        std::function<Result<std::uint64_t>(LogWriter&)> emptying = [self, shared_erasure, matches, now](LogWriter& log) {
            return empty_records(log, *shared_erasure, *matches, self->hashes, now, self->parts.entropy);
        };
        auto emptied = co_await change<std::uint64_t>(std::move(emptying));
        if (!emptied) co_return std::move(emptied).error();
        erased.position = *emptied;
        erased.records += matches->size();
        if (matches->empty()) continue;
        // Rows before index: a batch read before them is written by now, or reads emptied rows.
        std::function<Done()> forgetting = [self, matches]() -> Done {
            std::vector<std::uint64_t> positions;
            for (const auto& match : *matches) positions.push_back(match.position);
            const auto& subject = matches->front().subject;
            return self->index.forget(keyed_hash(self->hashes.subject, subject), keyed_hash(self->hashes.look, look_of(subject)), positions);
        };
        auto forgotten = co_await on<Done>(parts.indexer, std::move(forgetting));
        if (!forgotten) co_return std::move(forgotten).error();
    }
    auto truncated = co_await truncate_wal();
    if (!truncated) co_return std::move(truncated).error();
    std::function<Done()> marking = [self, number = erasure.number] { return self->erasures.mark_done(number); };
    auto marked = co_await on<Done>(parts.pool, std::move(marking));
    if (!marked) co_return std::move(marked).error();
    co_return erased;
}

Task<void> EventLog::Inside::repeat_erasures() {
    using List = std::vector<Erasure>;
    auto self = shared_from_this();
    std::function<Result<List>()> reading = [self] { return self->erasures.pending(); };
    auto pending = co_await on<Result<List>>(parts.pool, std::move(reading));
    if (!pending) {
        log::error("store", "the erasure list can't be read", {{"why", pending.error().what()}});
        co_return;
    }
    for (const auto& erasure : *pending) {
        auto done = co_await carry_out(erasure);
        if (!done) log::error("store", "an erasure is not through", {{"number", erasure.number}, {"why", done.error().what()}});
    }
}

Task<Result<Erased>> EventLog::erase_subject(std::string subject, std::string order) {
    auto inside = inside_;
    if (subject.empty() || order.empty() || order.size() > order_bytes_max)
        co_return Error(Fault::malformed, "an erasure names a subject and its order");
    Erasure erasure;
    erasure.subject_key = keyed_hash(inside->hashes.subject, subject);
    erasure.epoch = inside->head.epoch;
    erasure.through = inside->head.position;
    erasure.order = std::move(order);
    erasure.at = inside->parts.clock.now();
    std::function<Result<Erasure>()> adding = [inside, erasure] { return inside->erasures.add(erasure); };
    auto added = co_await inside->on<Result<Erasure>>(inside->parts.pool, std::move(adding));
    if (!added) co_return std::move(added).error();
    co_return co_await inside->carry_out(std::move(*added));
}

Task<Result<VerifyReport>> EventLog::verify() {
    auto inside = inside_;
    auto verification = std::make_shared<Verification>(inside->head.position, inside->keys.signing().public_key(), &inside->damage);
    struct Counted {
        int& count;
        explicit Counted(int& c) : count(++c) {}
        ~Counted() { --count; }
    } counted(inside->verifications);
    for (;;) {
        std::function<Result<bool>(Connection&)> work = [verification](Connection& c) { return verification->step(c); };
        auto done = co_await inside->look<bool>(std::move(work));
        if (!done) co_return std::move(done).error();
        if (*done) co_return verification->report();
    }
}

Task<Result<HistoryPage>> EventLog::history(HistoryQuery query) {
    auto inside = inside_;
    query.records_max = std::clamp<std::size_t>(query.records_max, 1, read_records_max);
    for (int round = 0;; ++round) {
        std::function<Result<HistoryPage>()> work = [inside, query] { return inside->index.find(query); };
        auto page = co_await inside->on<Result<HistoryPage>>(inside->parts.pool, std::move(work));
        if (page || page.error().fault() != Fault::damaged || round == damage_rounds_max) co_return page;
        auto aside = co_await inside->set_aside_met();
        if (!aside) co_return std::move(aside).error();
        if (!*aside) co_return page;
    }
}

namespace {

/// Pool: hashes the copy, reads back where it ends, writes the manifest beside it.
Result<BackupReport> describe_backup(const EventLog::Inside& inside, const std::string& file, Time now) {
    auto& files = inside.parts.files;
    Manifest manifest;
    {
        // Read-write, since a file in WAL mode can't be read without making its WAL; closing removes that again.
        auto copy = Connection::open(file, Connection::Access::read_write, inside.options.vfs);
        if (!copy) return std::move(copy).error();
        auto row = copy->use("select last, hex(seal), (select id from epoch order by number desc limit 1) from seal order by last desc limit 1");
        if (!row) return std::move(row).error();
        auto there = (*row)->step();
        if (!there) return std::move(there).error();
        if (*there) {
            manifest.head = (*row)->unsigned_number(0);
            manifest.seal = (*row)->string(1);
            manifest.epoch = (*row)->string(2);
        }
    }
    for (const auto* ending : {"-wal", "-shm"})
        if (auto gone = files.destroy(file + ending); !gone) return std::move(gone).error();
    auto hash = files.hash(file);
    if (!hash) return std::move(hash).error();
    manifest.sha256 = to_hex(*hash);
    manifest.bytes = files.size(file);
    manifest.compound = inside.options.compound;
    manifest.hash_key = fingerprint(inside.keys.hash);
    manifest.signing_key = fingerprint(inside.keys.signing_seed);
    manifest.at = to_text(now);
    if (auto written = files.write(file + ".json", as_bytes(manifest_text(manifest))); !written) return std::move(written).error();
    return BackupReport{file, manifest.head, manifest.bytes, manifest.sha256};
}

} // namespace

Task<Result<BackupReport>> EventLog::backup(std::string file) {
    auto inside = inside_;
    if (file.empty() || inside->parts.files.exists(file)) co_return Error(Fault::refused, "a backup is written to a new file");
    // Begun and stepped by the writer between its commits: see sqlite.hpp.
    std::function<Done(LogWriter&)> asking = [file](LogWriter& log) -> Done {
        log.ask_copy(file);
        return {};
    };
    auto asked = co_await inside->change_only(std::move(asking));
    if (!asked) co_return std::move(asked).error();
    for (;;) {
        std::function<Result<CopyState>(LogWriter&)> looking = [](LogWriter& log) -> Result<CopyState> { return log.take_copy_state(); };
        auto state = co_await inside->change<CopyState>(std::move(looking));
        if (!state) co_return std::move(state).error();
        if (!state->is_over) continue;
        if (state->failed) co_return std::move(*state->failed);
        break;
    }
    const auto now = inside->parts.clock.now();
    std::function<Result<BackupReport>()> describing = [inside, file, now] { return describe_backup(*inside, file, now); };
    co_return co_await inside->on<Result<BackupReport>>(inside->parts.pool, std::move(describing));
}

} // namespace gatehouse::store
