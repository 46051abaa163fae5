// SPDX-License-Identifier: Apache-2.0
//
// Who may include whom: the ladder, siblings, concrete parts, and the one owner of each foreign library.
#include "tests/tidy/tidy.hpp"

#include <algorithm>

namespace gatehouse::tidy {

namespace {

/// The rung that `path` stands on; nothing for what is no part of the ladder.
std::optional<std::size_t> rung_of(const Tree& tree, std::string_view path) {
    for (std::size_t rung = 0; rung < tree.ladder.size(); ++rung)
        if (path.starts_with(tree.ladder[rung] + "/")) return rung;
    return std::nullopt;
}

/// "drivers/isapi" for drivers/isapi/codec.hpp, nothing for drivers/driver.hpp.
std::string_view part_of(std::string_view path, std::string_view group) {
    if (!path.starts_with(group) || path.size() <= group.size() || path[group.size()] != '/') return {};
    const auto slash = path.find('/', group.size() + 1);
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

/// "tests/simulators/devices/isapi" for a file of the ISAPI simulator; nothing for what all simulators share.
std::string_view simulator_of(std::string_view path) {
    for (const std::string_view group : {"tests/simulators/devices", "tests/simulators/platforms"})
        if (path.starts_with(group)) return part_of(path, group);
    return {};
}

bool in(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
}

struct Owner {
    std::string_view library; ///< how its includes begin
    std::string_view name;
    std::vector<std::string_view> places;       ///< how the paths of those who may include it begin
    std::vector<std::string_view> sources = {}; ///< folders of which only the .cpp files may
};

const std::vector<Owner>& owners() {
    static const std::vector<Owner> table{
        {"sqlite3.h", "SQLite", {"daemon/store/sqlite."}},
        {"mqtt/", "Paho", {"daemon/net/mqtt_client."}},
        {"MQTT", "Paho", {"daemon/net/mqtt_client."}},
        {"libav", "libav", {"pipelines/"}},
        {"libsw", "libav", {"pipelines/"}},
        {"opencv", "OpenCV", {"pipelines/"}},
        {"openssl/", "OpenSSL", {"daemon/net/", "daemon/base/sha256.cpp"}},
        {"sodium", "libsodium", {"daemon/base/crypto."}},
        {"zlib.h", "zlib", {"daemon/registry/sheet/zip."}},
        {"osip", "libosip2", {"sync/gb28181/"}},
        {"toml++/", "toml++", {"config/"}},
        {"toml.hpp", "toml++", {"config/"}},
        {"boost/asio/awaitable.hpp", "Asio", {"daemon/base/task.hpp", "daemon/net/"}, {"daemon/base", "daemon/app"}},
        {"boost/asio", "Asio", {"daemon/net/"}, {"daemon/base", "daemon/app"}},
        {"boost/beast", "Beast", {"daemon/net/"}, {"daemon/base", "daemon/app"}},
        {"spdlog/", "spdlog", {"daemon/net/"}, {"daemon/base", "daemon/app"}},
        {"boost/json", "Boost.JSON (daemon/base/json.hpp brings it)", {"daemon/base/"}},
        {"mosquitto", "libmosquitto", {"tests/"}},
        {"doctest/", "doctest", {"tests/"}},
    };
    return table;
}

bool may_include(const Owner& owner, std::string_view path) {
    const auto begins = [&](std::string_view place) { return path.starts_with(place); };
    if (std::any_of(owner.places.begin(), owner.places.end(), begins)) return true;
    return path.ends_with(".cpp") &&
           std::any_of(owner.sources.begin(), owner.sources.end(), [&](std::string_view folder) { return in(path, folder); });
}

class Includes {
public:
    Includes(const Tree& tree, std::vector<Finding>& found) : tree_(tree), found_(found) {}

    void judge(const Source& source, const Include& include) {
        source_ = &source;
        include_ = &include;
        if (include.quoted && !is_from_root()) return report("G8", "include \"" + include.path + "\" does not start at the root");
        private_folder();
        if (source.is_shipped()) {
            ladder();
            siblings();
            concrete();
            settings();
            foreign();
        } else if (in(source.path, "tests/simulators")) {
            simulator();
        }
    }

private:
    bool is_from_root() const {
        constexpr std::array folders{"daemon", "drivers", "pipelines", "sync", "config", "tests"};
        return std::any_of(folders.begin(), folders.end(), [&](std::string_view folder) { return in(include_->path, folder); });
    }

    void ladder() {
        const auto here = rung_of(tree_, source_->path);
        const auto there = rung_of(tree_, include_->path);
        if (here && there && *there > *here) report("G1", source_->path + " reaches up to " + include_->path);
        if (include_->quoted && in(include_->path, "tests")) report("G1", source_->path + " reaches up to " + include_->path);
    }

    void siblings() {
        for (const std::string_view group : {"drivers", "sync", "pipelines"}) {
            const auto here = part_of(source_->path, group);
            const auto there = part_of(include_->path, group);
            // The worker is where one camera's parts are put together.
            if (!here.empty() && !there.empty() && here != there && there != "pipelines/link" && here != "pipelines/worker")
                report("G2", std::string(here) + " and " + std::string(there) + " are siblings; what both need belongs one folder up or lower");
        }
    }

    void concrete() {
        if (in(source_->path, "daemon/app")) return;
        for (const std::string_view group : {"drivers", "sync", "pipelines"}) {
            if (!in(include_->path, group) || !part_of(source_->path, group).empty()) continue; // siblings() has judged those
            const auto part = part_of(include_->path, group);
            if (!part.empty() && part != "pipelines/link") report("G3", include_->path + " is a concrete part; only daemon/app may know it");
            if (part.empty() && group == "sync" && !in(source_->path, "sync") && include_->path != "sync/upstream.hpp")
                report("G3", "others than daemon/app see sync/upstream.hpp only");
        }
    }

    void settings() {
        if (!in(include_->path, "config")) return;
        if (in(source_->path, "config") || in(source_->path, "daemon/app") || in(source_->path, "daemon/ctl")) return;
        report("G4", "settings are handed over as values; config is seen by daemon/app and daemon/ctl alone");
    }

    void foreign() {
        for (const Owner& owner : owners()) {
            if (!include_->path.starts_with(owner.library)) continue;
            if (!may_include(owner, source_->path)) {
                std::string where;
                for (const auto& place : owner.places) where += (where.empty() ? "" : ", ") + std::string(place) + (place.ends_with('.') ? "*" : "");
                for (const auto& folder : owner.sources) where += ", sources of " + std::string(folder);
                report("G5", std::string(owner.name) + " is included in " + where + " only");
            }
            return; // the first row that fits is the one that counts
        }
    }

    void simulator() {
        if (include_->quoted && !in(include_->path, "daemon/base")) {
            // tests/simulators/control and the like are the simulators' together; devices/isapi is one's own.
            const bool is_own = in(include_->path, "tests/simulators") &&
                                (simulator_of(include_->path).empty() || simulator_of(include_->path) == simulator_of(source_->path));
            if (!is_own) report("G6", "a simulator includes daemon/base, what all simulators share and its own folder, nothing else of ours");
        }
        if (include_->path.starts_with("mqtt/") || include_->path.starts_with("MQTT"))
            report("G6", "simulators speak MQTT by libmosquitto, not by the library under test");
    }

    void private_folder() {
        const auto at = include_->path.find("/inside/");
        if (!include_->quoted || at == std::string::npos) return;
        const std::string owner = include_->path.substr(0, at);
        if (!in(source_->path, owner) && !in(source_->path, "tests/unit/" + owner)) report("G7", include_->path + " is private to " + owner);
    }

    void report(std::string_view rule, std::string what) { found_.push_back({source_->path, include_->line, rule, std::move(what)}); }

    const Tree& tree_;
    std::vector<Finding>& found_;
    const Source* source_ = nullptr;
    const Include* include_ = nullptr;
};

} // namespace

void check_includes(const Tree& tree, std::vector<Finding>& found) {
    Includes includes(tree, found);
    for (const Source& source : tree.sources)
        for (const Include& include : source.includes) includes.judge(source, include);
}

} // namespace gatehouse::tidy
