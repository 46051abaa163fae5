// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/backup.hpp"

#include "daemon/store/erasure.hpp"
#include "daemon/store/inside/restoring.hpp"
#include "daemon/store/log_writer.hpp"
#include "daemon/store/pictures.hpp"
#include "daemon/store/site_keys.hpp"

namespace gatehouse::store {

namespace {

constexpr std::size_t manifest_bytes_max = 16 * 1024;

std::string marker_of(const std::string& directory) { return directory + "/restoring"; }

/// The old one aside, the new one in its place. Every step can be done twice.
Done change_files(const std::string& directory, const std::string& backup_file, bool is_again, Files& files) {
    const auto path = directory + "/gatehouse.db";
    const auto arriving = path + ".restoring";
    if (auto done = files.destroy(arriving); !done) return done;
    if (auto done = files.copy(backup_file, arriving); !done) return done;
    for (const auto* ending : {"", "-wal"})
        if (is_again) {
            // What stands there now is no old log but half a restored one.
            if (auto done = files.destroy(path + ending); !done) return done;
        } else if (files.exists(path + ending))
            if (auto done = files.rename(path + ending, path + ".before-restore" + ending); !done) return done;
    if (auto done = files.destroy(path + "-shm"); !done) return done;
    for (const auto* ending : {"", "-wal", "-shm"})
        if (auto done = files.destroy(directory + "/history.db" + ending); !done) return done;
    return files.rename(arriving, path);
}

} // namespace

std::optional<std::uint64_t> head_of(const std::string& path, const std::string& vfs) {
    auto connection = Connection::open(path, Connection::Access::read_write, vfs);
    if (!connection) return std::nullopt;
    auto head = connection->number("select coalesce(max(last), 0) from seal");
    if (!head) return std::nullopt;
    return static_cast<std::uint64_t>(*head);
}

Result<Manifest> check_backup(const SiteKeys& keys, const std::string& file, Files& files) {
    auto text = files.read(file + ".json", manifest_bytes_max);
    if (!text) return std::move(text).error().during("reading the backup's manifest");
    auto manifest = parse_manifest(as_text(*text));
    if (!manifest) return std::move(manifest).error().during(file + ".json");
    if (manifest->hash_key != fingerprint(keys.hash) || manifest->signing_key != fingerprint(keys.signing_seed))
        return Error(Fault::refused, "the backup was made with other site keys");
    auto hash = files.hash(file);
    if (!hash) return std::move(hash).error();
    if (to_hex(*hash) != manifest->sha256) return Error(Fault::damaged, "the backup is not what its manifest says");
    return manifest;
}

Done append_gateway_record(LogWriter& log, Kind kind, json::object facts, const HashKeys& hashes, Time now, Entropy& entropy) {
    Record record;
    record.kind = kind;
    record.heard_at = now;
    record.source = "gateway";
    record.facts = std::move(facts);
    auto prepared = prepare(record, {}, hashes, now, entropy);
    if (!prepared) return std::move(prepared).error();
    auto appended = log.append(*prepared, std::nullopt);
    if (!appended) return std::move(appended).error();
    return {};
}

Done begin_restored_epoch(LogWriter& log, Restored& restored, const std::string& cause, json::object alarm, const HashKeys& hashes, Time now,
                          Entropy& entropy) {
    restored.head = log.head().position;
    restored.previous_epoch = log.head().epoch;
    if (auto begun = log.begin(); !begun) return begun;
    if (auto done = log.begin_epoch(now, cause); !done) return done;
    restored.epoch = log.epoch();
    json::object started{{"version", GATEHOUSE_VERSION},
                         {"epoch", restored.epoch},
                         {"cause", cause},
                         {"previous_epoch", restored.previous_epoch},
                         {"head", restored.head}};
    if (auto done = append_gateway_record(log, Kind::gateway_started, std::move(started), hashes, now, entropy); !done) return done;
    json::object gap{{"of", "gateway"}, {"cause", cause}, {"epoch", restored.previous_epoch}, {"first", restored.head + 1}};
    if (restored.lost_through && *restored.lost_through >= restored.head) {
        gap["last"] = *restored.lost_through;
        gap["count"] = *restored.lost_through - restored.head;
    }
    gap["count_known"] = gap.contains("count");
    if (auto done = append_gateway_record(log, Kind::gap, std::move(gap), hashes, now, entropy); !done) return done;
    if (!alarm.empty())
        if (auto done = append_gateway_record(log, Kind::alarm_raised, std::move(alarm), hashes, now, entropy); !done) return done;
    return log.commit();
}

Done repeat_erasures(LogWriter& log, Restored& restored, const SiteKeys& keys, const HashKeys& hashes, Time now, Entropy& entropy, Files& files,
                     const std::string& directory, Damage& damage) {
    ErasureList list(directory + "/erasures", files);
    Pictures pictures(directory + "/pictures", derive_key(keys.picture, "day keys"), files, entropy);
    if (auto done = list.mark_restored(restored.epoch); !done) return done;
    auto pending = list.pending();
    if (!pending) return std::move(pending).error();
    for (const auto& erasure : *pending) {
        for (std::uint64_t after = 0; after < erasure.through;) {
            auto matches = find_matches(log.connection(), damage, erasure, hashes, after);
            if (!matches) return std::move(matches).error();
            if (matches->empty()) continue;
            for (const auto& match : *matches)
                for (const auto& picture : match.pictures)
                    if (auto dropped = pictures.drop(picture.sha256); !dropped) return dropped;
            if (auto begun = log.begin(); !begun) return begun;
            auto emptied = empty_records(log, erasure, *matches, hashes, now, entropy);
            if (!emptied) return std::move(emptied).error();
            if (auto committed = log.commit(); !committed) return committed;
            restored.erased_again += matches->size();
        }
        if (auto done = list.mark_done(erasure.number); !done) return done;
    }
    return log.connection().checkpoint_truncate();
}

std::string manifest_text(const Manifest& manifest) {
    const json::object object{
        {"format", "gatehouse-backup-1"},      {"epoch", manifest.epoch}, {"head", manifest.head},         {"seal", manifest.seal},
        {"sha256", manifest.sha256},           {"bytes", manifest.bytes}, {"compound", manifest.compound}, {"hash_key", manifest.hash_key},
        {"signing_key", manifest.signing_key}, {"at", manifest.at}};
    return json::serialize(object) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
    auto parsed = parse_json(text, manifest_bytes_max);
    if (!parsed) return std::move(parsed).error();
    if (!parsed->is_object()) return Error(Fault::malformed, "no object");
    const auto& object = parsed->get_object();
    if (text_at(object, "format") != "gatehouse-backup-1") return Error(Fault::unsupported, "not a manifest of this format");
    Manifest manifest;
    for (const auto& [key, member] : {std::pair{"epoch", &manifest.epoch}, std::pair{"seal", &manifest.seal}, std::pair{"sha256", &manifest.sha256},
                                      std::pair{"compound", &manifest.compound}, std::pair{"hash_key", &manifest.hash_key},
                                      std::pair{"signing_key", &manifest.signing_key}, std::pair{"at", &manifest.at}}) {
        auto value = need_text(object, key);
        if (!value) return std::move(value).error();
        *member = std::move(*value);
    }
    auto head = need_number(object, "head");
    auto bytes = need_number(object, "bytes");
    if (!head) return std::move(head).error();
    if (!bytes) return std::move(bytes).error();
    manifest.head = static_cast<std::uint64_t>(*head);
    manifest.bytes = static_cast<std::uint64_t>(*bytes);
    return manifest;
}

bool is_restore_unfinished(const std::string& directory, Files& files) { return files.exists(marker_of(directory)); }

Result<Restored> restore_store(const StoreOptions& options, const SiteKeys& keys, const std::string& backup_file, Time now, Entropy& entropy,
                               Files& files) {
    start_crypto();
    if (auto made = files.make_folder(options.directory); !made) return std::move(made).error();
    auto lock = files.lock(options.directory + "/lock");
    if (!lock) return std::move(lock).error();
    auto manifest = check_backup(keys, backup_file, files);
    if (!manifest) return std::move(manifest).error();

    const auto path = options.directory + "/gatehouse.db";
    Restored restored;
    // An interrupted run has moved the old log aside already.
    const auto aside = path + ".before-restore";
    const bool is_again = is_restore_unfinished(options.directory, files) && files.exists(aside);
    restored.lost_through = head_of(is_again ? aside : path, options.vfs);
    if (auto marked = files.write(marker_of(options.directory), as_bytes(backup_file + "\n")); !marked) return std::move(marked).error();
    if (auto changed = change_files(options.directory, backup_file, is_again, files); !changed)
        return std::move(changed).error().during("putting the backup in place");

    const HashKeys hashes(keys.hash);
    Damage damage([] { return Instant(); });
    LogWriter log({options.directory, options.vfs, options.compound, options.machine}, keys, files, entropy, damage);
    if (auto opened = log.open(now); !opened) return std::move(opened).error().during("opening the restored log");
    if (auto done = begin_restored_epoch(log, restored, "restored", {}, hashes, now, entropy); !done) return std::move(done).error();
    if (auto done = repeat_erasures(log, restored, keys, hashes, now, entropy, files, options.directory, damage); !done)
        return std::move(done).error();
    log.close();
    if (auto ended = files.destroy(marker_of(options.directory)); !ended) return std::move(ended).error();
    return restored;
}

} // namespace gatehouse::store
