// SPDX-License-Identifier: Apache-2.0
#include "config/chrony.hpp"

#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"

namespace gatehouse::ctl {

namespace {
const std::string default_file = "/etc/gatehouse/gatehouse.toml";
} // namespace

int settings(const Session& session) {
    auto& out = session.around.out;
    if (session.words.has("defaults")) {
        out << config::default_settings();
        return exit_ok;
    }
    if (session.words.has("schema")) {
        out << config::settings_schema();
        return exit_ok;
    }
    if (session.words.has("chrony")) {
        const auto read = config::read_settings(session.words.has("file") ? session.words.option("file") : default_file);
        if (!read.settings) {
            session.around.err << config::to_text(read.flaws, session.zh() ? config::Language::zh : config::Language::en) << '\n';
            return exit_data;
        }
        out << config::chrony_fragment(*read.settings);
        return exit_ok;
    }
    const auto text = session.ask_text("GET", std::string("/api/v1/settings?language=") + (session.zh() ? "zh" : "en"));
    if (!text) return text.error().code;
    if (session.words.json) return session.show(json::object{{"toml", *text}});
    out << *text;
    return exit_ok;
}

} // namespace gatehouse::ctl
