// SPDX-License-Identifier: Apache-2.0
//
// Backup and bundle are the running daemon's; restore is done here, on a stopped one.
#include "daemon/store/backup.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/ctl/files.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/values.hpp"
#include "daemon/store/site_keys.hpp"

#include <filesystem>

namespace gatehouse::ctl {

namespace {

int code_of(Fault fault) {
    if (fault == Fault::busy) return exit_try_later;
    return fault == Fault::gone ? exit_no_input : exit_data;
}

int fail_restore(const Session& session, const Error& error) {
    const auto cause = printable(error.what());
    if (error.fault() == Fault::busy)
        return session.fail(exit_try_later, "网关还在运行：先 systemctl stop gatehoused（" + cause + "）",
                            "the daemon still runs: systemctl stop gatehoused first (" + cause + ")");
    return session.fail(code_of(error.fault()), "恢复未完成：" + cause, "not restored: " + cause);
}

int show_restored(const Session& session, const store::Restored& restored) {
    if (session.words.json)
        return session.show({{"epoch", restored.epoch},
                             {"previous_epoch", restored.previous_epoch},
                             {"head", restored.head},
                             {"erased_again", restored.erased_again}});
    const auto head = std::to_string(restored.head), erased = std::to_string(restored.erased_again);
    session.around.out << session.say("已恢复到位置 " + head + "，新纪元 " + restored.epoch + "；再次清空 " + erased +
                                          " 条。启动：systemctl start gatehoused",
                                      "restored up to position " + head + ", new epoch " + restored.epoch + "; " + erased +
                                          " records emptied again; start it: systemctl start gatehoused")
                       << "\n";
    return exit_ok;
}

} // namespace

int backup(const Session& session) {
    // The daemon writes it, from a directory of its own.
    const auto file = std::filesystem::absolute(session.words.operands[0]).lexically_normal().string();
    const auto answer = session.ask("POST", "/api/v1/backup", json::object{{"file", file}});
    if (!answer) return answer.error().status == http_refused ? exit_cannot_create : answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto where = cell(*answer, "file"), head = cell(*answer, "head"), size = bytes_text(count_at(*answer, "bytes"));
    session.around.out << session.say("已备份到 " + where + "（" + size + "，到位置 " + head + "）；清单在 " + where +
                                          ".json。站点密钥和图片另行保存",
                                      "copied to " + where + " (" + size + ", up to position " + head + "); its manifest is " + where +
                                          ".json; keep the site's keys and pictures elsewhere too")
                       << "\n";
    return exit_ok;
}

int restore(const Session& session) {
    const auto& directory = session.words.option("directory");
    if (directory.empty())
        return session.fail(exit_usage, "缺少 --directory：网关的数据目录，如 /var/lib/gatehouse",
                            "--directory is missing: the daemon's data directory, e.g. /var/lib/gatehouse");
    const auto& file = session.words.operands[0];
    std::error_code failed;
    for (const auto& named : {directory, file})
        if (!std::filesystem::exists(named, failed))
            return session.fail(exit_no_input, printable(named) + "：没有这个文件或目录", printable(named) + ": no such file or directory");
    start_crypto();
    SystemEntropy entropy;
    store::SystemFiles files;
    auto keys = store::load_or_make_site_keys(directory, entropy, files);
    if (!keys) return session.fail(exit_no_input, "站点密钥：" + keys.error().what(), "the site's keys: " + keys.error().what());
    store::StoreOptions options;
    options.directory = directory;
    options.machine = store::machine_identity(directory);
    const auto restored = store::restore_store(options, *keys, file, session.around.now(), entropy, files);
    return restored ? show_restored(session, *restored) : fail_restore(session, restored.error());
}

int bundle(const Session& session) {
    const auto answer = session.ask("GET", "/api/v1/bundle");
    if (!answer) return answer.error().code;
    if (!session.words.has("file")) return session.show(*answer);
    const auto& file = session.words.option("file");
    const auto written = write_new(file, json::serialize(*answer) + "\n");
    if (!written) return session.fail(exit_cannot_create, written.error());
    if (session.words.json) return session.show({{"file", file}});
    session.around.out << session.say("支持包已写入 " + printable(file) + "（不含密码和个人信息）",
                                      "the support bundle is in " + printable(file) + " (no secrets, no personal fields)")
                       << "\n";
    return exit_ok;
}

} // namespace gatehouse::ctl
