// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/fresh_start.hpp"

#include "daemon/base/log.hpp"
#include "daemon/store/inside/restoring.hpp"
#include "daemon/store/migrate.hpp"
#include "daemon/store/site_keys.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr std::string_view aside_infix = "gatehouse.db.damaged-";
constexpr std::size_t manifest_bytes_max = 16 * 1024;
constexpr std::size_t marker_bytes_max = 4 * 1024;
constexpr std::string_view set_aside_code = "log.set_aside";

std::string marker_of(const std::string& directory) { return directory + "/starting-afresh"; }

/// What an interrupted run has to know.
struct Plan {
    std::string aside; ///< name in the folder
    std::string why;
};

Result<Plan> read_or_make_plan(const StoreOptions& options, const std::string& why, Time now, Files& files) {
    Plan plan;
    const auto marker = marker_of(options.directory);
    if (files.exists(marker)) {
        auto text = files.read(marker, marker_bytes_max);
        if (!text) return std::move(text).error();
        const auto parsed = parse_json(as_text(*text), marker_bytes_max);
        if (parsed && parsed->is_object()) {
            plan.aside = text_at(parsed->get_object(), "aside").value_or("");
            plan.why = text_at(parsed->get_object(), "why").value_or("");
        }
        if (!plan.aside.starts_with(aside_infix) || plan.aside.find('/') != std::string::npos)
            return Error(Fault::refused, marker + " is none of ours");
        return plan;
    }
    if (logs_aside(options.directory, files).size() >= logs_aside_max)
        return Error(Fault::full,
                     "damaged logs stand aside already, " + std::to_string(logs_aside_max) + " of them: look at the disk first (" + why + ")");
    auto stamp = to_text(now).substr(0, 19);
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    plan.aside = std::string(aside_infix) + stamp;
    for (int i = 2; files.exists(options.directory + "/" + plan.aside); ++i) plan.aside = std::string(aside_infix) + stamp + "-" + std::to_string(i);
    plan.why = why.substr(0, 512);
    const json::object object{{"aside", plan.aside}, {"why", plan.why}};
    if (auto written = files.write(marker, as_bytes(json::serialize(object) + "\n")); !written) return std::move(written).error();
    return plan;
}

/// The WAL first: a log without it is an older one, but a WAL without its log would be taken for the new one's.
Done move_aside(const std::string& path, const std::string& aside, Files& files) {
    if (files.exists(aside)) {
        // What stands in the log's place is half of the new one.
        for (const auto* ending : {"", "-wal"})
            if (auto done = files.destroy(path + ending); !done) return done;
    } else {
        for (const auto* ending : {"-wal", ""})
            if (files.exists(path + ending))
                if (auto done = files.rename(path + ending, aside + ending); !done) return done;
    }
    if (auto done = files.destroy(path + "-shm"); !done) return done;
    const auto folder = path.substr(0, path.rfind('/'));
    for (const auto* ending : {"", "-wal", "-shm"})
        if (auto done = files.destroy(folder + "/history.db" + ending); !done) return done;
    return files.sync_folder(folder);
}

/// This site's, by their manifests, newest first.
std::vector<std::string> backups_of(const StoreOptions& options, const SiteKeys& keys, Files& files) {
    std::vector<std::pair<std::string, std::string>> found; // at, file
    if (options.backups.empty()) return {};
    const auto names = files.list(options.backups);
    if (!names) return {};
    for (const auto& name : *names) {
        if (!name.ends_with(".json")) continue;
        auto text = files.read(options.backups + "/" + name, manifest_bytes_max);
        if (!text) continue;
        const auto manifest = parse_manifest(as_text(*text));
        if (!manifest || manifest->hash_key != fingerprint(keys.hash) || manifest->signing_key != fingerprint(keys.signing_seed)) continue;
        found.emplace_back(manifest->at, options.backups + "/" + name.substr(0, name.size() - 5));
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> newest;
    for (auto& [at, file] : found)
        if (newest.size() < backups_tried_max) newest.push_back(std::move(file));
    return newest;
}

/// Tables of few rows that the gateway cannot do without, or that spare the platforms much. The order is that of their weight.
constexpr std::array salvaged{
    "insert into main.gateway select * from damaged.gateway",
    "insert into main.epoch select * from damaged.epoch",
    "insert into main.registry_row select * from damaged.registry_row",
    "insert into main.library_row select * from damaged.library_row",
    "insert into main.library_key select * from damaged.library_key",
    "insert into main.entitlement select * from damaged.entitlement",
    "insert into main.cursor select * from damaged.cursor",
    "insert into main.source_mark select * from damaged.source_mark",
    "insert into main.highest_key select * from damaged.highest_key",
    "insert into main.signed_digest select * from damaged.signed_digest",
    "insert into main.dead_letter select * from damaged.dead_letter",
    "insert into main.note select * from damaged.note where key <> 'log.damaged'",
};

std::uint64_t number_or_none(Connection& connection, std::string_view sql) {
    const auto number = connection.number(sql);
    return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

struct Salvage {
    std::uint64_t head = 0;      ///< the greatest position that anything in the damaged log speaks of
    bool is_head_known = false;  ///< its own seal says so
    std::uint64_t receipted = 0; ///< every upstream has what it needs up to here
    std::vector<std::string> lost_tables{};
};

/// Positions run on behind the damaged log's head: one position stands there as if retention had removed it, under a seal of its own.
Done write_anchor(Connection& connection, std::uint64_t head) {
    Digest previous{};
    {
        auto row = connection.use("select seal from signed_digest where last < ? order by last desc limit 1");
        if (!row) return std::move(row).error();
        (*row)->bind(1, head);
        auto there = (*row)->step();
        if (!there) return std::move(there).error();
        if (*there && (*row)->blob(0).size() == previous.size()) std::copy_n((*row)->blob(0).begin(), previous.size(), previous.begin());
    }
    const Digest nothing{};
    Sealing sealing(previous, head, head);
    sealing.add(nothing);
    const auto seal = sealing.finish();
    auto removed = connection.use("insert into removed(position, commitment) values (?, ?)");
    if (!removed) return std::move(removed).error();
    (*removed)->bind(1, head).bind(2, ByteView(nothing));
    if (auto done = (*removed)->run(); !done) return done;
    auto sealed = connection.use("insert into seal(last, first, seal) values (?1, ?1, ?2)");
    if (!sealed) return std::move(sealed).error();
    (*sealed)->bind(1, head).bind(2, ByteView(seal));
    return (*sealed)->run();
}

/// A new log at `path` with what the damaged one still gives. That it gives nothing is no error.
Result<Salvage> salvage_into(const std::string& path, const std::string& aside, const std::string& vfs) {
    Salvage salvage;
    auto opened = Connection::open(path, Connection::Access::create, vfs);
    if (!opened) return std::move(opened).error();
    auto& log = *opened;
    if (auto set = log.run("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;"); !set) return std::move(set).error();
    if (auto migrated = migrate(log); !migrated) return std::move(migrated).error();
    auto attached = [&]() -> Done {
        auto attach = log.prepare("attach database ? as damaged");
        if (!attach) return std::move(attach).error();
        attach->bind(1, aside);
        return attach->run();
    }();
    if (!attached) return salvage;
    const auto its = log.number("pragma damaged.user_version"), ours = log.number("pragma main.user_version");
    if (!its || !ours || *its != *ours) return salvage;
    const auto sealed = number_or_none(log, "select max(last) from damaged.seal");
    salvage.is_head_known = sealed > 0;
    salvage.head = sealed;
    for (const auto* sql : {"select max(position) from damaged.record", "select max(first_position) - 1 from damaged.epoch",
                            "select max(settled) from damaged.cursor", "select max(last) from damaged.signed_digest"})
        salvage.head = std::max(salvage.head, number_or_none(log, sql));
    if (salvage.head > sealed) salvage.is_head_known = false;
    for (const auto* sql : salvaged) {
        if (auto begun = log.run("begin immediate"); !begun) return std::move(begun).error();
        auto done = log.run(sql);
        if (done) done = log.run("commit");
        if (done) continue;
        log.roll_back();
        if (done.error().fault() == Fault::full) return std::move(done).error();
        salvage.lost_tables.emplace_back(std::string(sql).substr(17, std::string_view(sql).find(' ', 17) - 17));
    }
    if (number_or_none(log, "select count(*) from main.epoch") == 0 || number_or_none(log, "select count(*) from main.gateway") == 0) {
        // Without its epochs nothing else speaks of anything.
        salvage.head = 0;
        if (auto done = log.run("delete from main.gateway; delete from main.cursor; delete from main.dead_letter; delete from main.note"); !done)
            return std::move(done).error();
    }
    salvage.receipted = number_or_none(log, "select min(settled) from main.cursor where retired = 0 and reader like 'upstream/%' and reader not like "
                                            "'%/pictures'");
    if (salvage.head > 0) {
        if (auto begun = log.run("begin immediate; update main.gateway set highest_as_of = 0"); !begun) return std::move(begun).error();
        if (auto anchored = write_anchor(log, salvage.head); !anchored) return std::move(anchored).error();
        if (auto done = log.run("commit"); !done) return std::move(done).error();
    }
    if (auto detached = log.run("detach database damaged"); !detached) return std::move(detached).error();
    if (auto moved = log.checkpoint_truncate(); !moved) return std::move(moved).error();
    return salvage;
}

json::object alarm_facts(const std::string& where, const std::string& why, const std::string& from) {
    return {{"code", set_aside_code},
            {"cause", "the log was damaged and stands aside as " + where + "; it goes on from " + from + " in a new epoch: " + why}};
}

struct Work {
    const StoreOptions& options;
    const SiteKeys& keys;
    const HashKeys hashes;
    Time now;
    Entropy& entropy;
    Files& files;
    std::string path() const { return options.directory + "/gatehouse.db"; }
};

/// Fault::damaged: this backup is of no use.
Done go_on_from(const std::string& backup, const Plan& plan, Work& work, FreshStart& fresh) {
    const auto path = work.path();
    if (auto checked = check_backup(work.keys, backup, work.files); !checked) return std::move(checked).error();
    const auto arriving = path + ".restoring";
    if (auto done = work.files.destroy(arriving); !done) return done;
    if (auto done = work.files.copy(backup, arriving); !done) return done;
    if (auto done = work.files.rename(arriving, path); !done) return done;
    Damage damage([] { return Instant(); });
    LogWriter log({work.options.directory, work.options.vfs, work.options.compound, work.options.machine}, work.keys, work.files, work.entropy,
                  damage);
    if (auto opened = log.open(work.now); !opened) return opened;
    Restored restored;
    restored.lost_through = fresh.lost_through;
    if (auto begun = begin_restored_epoch(log, restored, "damaged", alarm_facts(plan.aside, plan.why, "the backup " + backup), work.hashes, work.now,
                                          work.entropy);
        !begun)
        return begun;
    fresh.backup = backup;
    fresh.head = restored.head;
    fresh.epoch = restored.epoch;
    fresh.previous_epoch = restored.previous_epoch;
    return repeat_erasures(log, restored, work.keys, work.hashes, work.now, work.entropy, work.files, work.options.directory, damage);
}

Done go_on_empty(const Plan& plan, Work& work, FreshStart& fresh) {
    auto salvage = salvage_into(work.path(), work.options.directory + "/" + plan.aside, work.options.vfs);
    if (!salvage) return std::move(salvage).error();
    for (const auto& table : salvage->lost_tables)
        log::warning("store", "a table of the damaged log could not be taken over", {{"table", table}, {"file", plan.aside}});
    Damage damage([] { return Instant(); });
    LogWriter log({work.options.directory, work.options.vfs, work.options.compound, work.options.machine}, work.keys, work.files, work.entropy,
                  damage);
    if (auto opened = log.open(work.now); !opened) return opened;
    fresh.head = log.head().position;
    fresh.previous_epoch = log.head().epoch;
    if (salvage->is_head_known) fresh.lost_through = salvage->head;
    if (auto begun = log.begin(); !begun) return begun;
    if (auto begun = log.begin_epoch(work.now, "damaged"); !begun) return begun;
    fresh.epoch = log.epoch();
    json::object started{
        {"version", GATEHOUSE_VERSION}, {"epoch", fresh.epoch}, {"cause", "damaged"}, {"previous_epoch", fresh.previous_epoch}, {"head", fresh.head}};
    if (auto done = append_gateway_record(log, Kind::gateway_started, std::move(started), work.hashes, work.now, work.entropy); !done) return done;
    // What every platform has receipted is missing here, but not there.
    json::object gap{{"of", "gateway"}, {"cause", "damaged"}, {"epoch", fresh.previous_epoch}, {"first", salvage->receipted + 1}};
    if (salvage->head > 0) gap["last"] = salvage->head;
    if (salvage->is_head_known) gap["count"] = salvage->head - std::min(salvage->head, salvage->receipted);
    gap["count_known"] = salvage->is_head_known;
    if (auto done = append_gateway_record(log, Kind::gap, std::move(gap), work.hashes, work.now, work.entropy); !done) return done;
    auto alarm = alarm_facts(plan.aside, plan.why, "an empty log");
    if (auto done = append_gateway_record(log, Kind::alarm_raised, std::move(alarm), work.hashes, work.now, work.entropy); !done) return done;
    return log.commit();
}

} // namespace

bool is_fresh_start_unfinished(const std::string& directory, Files& files) { return files.exists(marker_of(directory)); }

std::vector<std::string> logs_aside(const std::string& directory, Files& files) {
    std::vector<std::string> names;
    const auto all = files.list(directory);
    if (!all) return names;
    for (const auto& name : *all)
        if (name.starts_with(aside_infix) && !name.ends_with("-wal") && !name.ends_with("-shm")) names.push_back(name);
    return names;
}

Result<FreshStart> start_afresh(const StoreOptions& options, const SiteKeys& keys, const std::string& why, Time now, Entropy& entropy, Files& files) {
    auto plan = read_or_make_plan(options, why, now, files);
    if (!plan) return std::move(plan).error().during("setting the damaged log aside");
    Work work{options, keys, HashKeys(keys.hash), now, entropy, files};
    FreshStart fresh;
    fresh.aside = options.directory + "/" + plan->aside;
    log::error("store", "the log is damaged: it is set aside, and a new one begun", {{"why", plan->why}, {"aside", fresh.aside}});
    if (auto moved = move_aside(work.path(), fresh.aside, files); !moved) return std::move(moved).error().during("setting the damaged log aside");
    fresh.lost_through = head_of(fresh.aside, options.vfs);
    bool is_begun = false;
    for (const auto& backup : backups_of(options, keys, files)) {
        auto done = go_on_from(backup, *plan, work, fresh);
        is_begun = done.has_value();
        if (is_begun) break;
        log::error("store", "a backup is of no use", {{"backup", backup}, {"why", done.error().what()}});
        if (done.error().fault() != Fault::damaged) return std::move(done).error().during("going on from " + backup);
        for (const auto* ending : {"", "-wal", "-shm"})
            if (auto gone = files.destroy(work.path() + ending); !gone) return std::move(gone).error();
    }
    if (!is_begun)
        if (auto done = go_on_empty(*plan, work, fresh); !done) return std::move(done).error().during("beginning a new log");
    if (auto ended = files.destroy(marker_of(options.directory)); !ended) return std::move(ended).error();
    return fresh;
}

} // namespace gatehouse::store
