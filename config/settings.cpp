// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "config/document_file.hpp"
#include "config/printing.hpp"
#include "config/reading.hpp"
#include "config/settings_table.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::config {

namespace {

/// What no single key can be blamed for.
class Sense {
public:
    Sense(const Settings& settings, Reading& reading) : settings_(settings), reading_(reading) {}

    void check() {
        retention();
        control();
        time();
        upstreams();
    }

private:
    void retention() {
        const auto& kept = settings_.retention;
        const auto in_order = [&](std::string_view name, const Keep& keep) {
            if (keep.floor_days > keep.ceiling_days)
                reading_.report("retention." + std::string(name) + ".floor_days",
                                {"下限 " + std::to_string(keep.floor_days) + " 天超过上限 " + std::to_string(keep.ceiling_days) + " 天",
                                 "the floor of " + std::to_string(keep.floor_days) + " days lies above the ceiling of " +
                                     std::to_string(keep.ceiling_days) + " days"});
        };
        in_order("passage", kept.passage);
        in_order("vehicle", kept.vehicle);
        in_order("alarm", kept.alarm);
        in_order("device", kept.device);
        in_order("audit", kept.audit);
        in_order("system", kept.system);
        in_order("scene", kept.scene);
        in_order("face", kept.face);
        in_order("plate", kept.plate);
    }

    void control() {
        if (settings_.control.socket.starts_with(settings_.store.directory + "/"))
            reading_.report("control.socket",
                            {"套接字不可放在数据目录中（备份会遇到它）", "a socket has no place in the store's directory (backups would meet it)"});
    }

    void time() {
        const auto& time = settings_.time;
        if (time.serve_interface.empty() != time.serve_networks.empty())
            reading_.report(time.serve_interface.empty() ? "time.serve_networks" : "time.serve_interface",
                            {"serve_interface 与 serve_networks 须同时给出", "serve_interface and serve_networks are given together"});
        if (!time.serve_interface.empty() && time.serve_interface == time.source_interface)
            reading_.report("time.serve_interface", {"与 source_interface 相同：设备网不得是上级网络",
                                                     "the same as source_interface: the device network is not the upstream one"});
    }

    void upstreams() {
        std::set<std::string_view> names;
        for (std::size_t at = 0; at < settings_.upstreams.size(); ++at) {
            const Upstream& upstream = settings_.upstreams[at];
            const std::string key = "upstream[" + std::to_string(at) + "].";
            if (!upstream.name.empty() && !names.insert(upstream.name).second)
                reading_.report(key + "name", {"名称 " + upstream.name + " 已被使用", "the name " + upstream.name + " is taken"});
            together(key, "username", upstream.username, "password_credential", upstream.password_credential);
            together(key, "certificate_file", upstream.certificate_file, "key_file", upstream.key_file);
            if (upstream.broker.starts_with("mqtt://") && !(upstream.ca_file.empty() && upstream.certificate_file.empty()))
                reading_.report(key + "broker",
                                {"配置了证书却未使用 mqtts://", "certificates are given, but mqtt:// does not use TLS; say mqtts://"});
            topics(key, upstream);
            replayable(key, upstream);
            for (std::size_t n = 0; n < upstream.entitlements.size(); ++n)
                entitlement(key + "entitlement[" + std::to_string(n) + "].", upstream.entitlements[n]);
        }
    }

    void together(const std::string& key, const std::string& first, const std::string& one, const std::string& second, const std::string& other) {
        if (one.empty() == other.empty()) return;
        const auto& given = one.empty() ? second : first;
        const auto& lacking = one.empty() ? first : second;
        reading_.report(key + given, {given + " 与 " + lacking + " 须同时给出", given + " and " + lacking + " are given together"});
    }

    /// Without receipts of its application, what a broker took must stay replayable for 30 days.
    void replayable(const std::string& key, const Upstream& upstream) {
        constexpr std::int64_t replay_days_min = 30;
        if (upstream.receipts != Receipts::puback && upstream.receipts != Receipts::none) return;
        const auto& kept = settings_.retention;
        for (const Keep* keep : {&kept.passage, &kept.vehicle, &kept.alarm, &kept.device, &kept.audit, &kept.system})
            if (keep->floor_days < replay_days_min) {
                reading_.report(key + "receipts", {"没有应用回执时，每类记录的下限须不少于 30 天",
                                                   "without receipts of its application each class of records is kept for 30 days at least"});
                return;
            }
    }

    void topics(const std::string& key, const Upstream& upstream) {
        const auto& order = upstream.clip_order;
        if (order.is_given() && order.end < order.date) reading_.report(key + "clip_order.end", {"止日早于起日", "it ends before it begins"});
        if (upstream.root.find("{root}") != upstream.root.npos) reading_.report(key + "root", {"root 不能引用自己", "root can't name itself"});
        std::set<std::string_view> seen;
        const auto one = [&](std::string_view name, const std::string& topic) {
            if (!topic.empty() && !seen.insert(topic).second)
                reading_.report(key + "topics." + std::string(name), {"主题 " + topic + " 用了两次", "the topic " + topic + " is used twice"});
        };
        one("status", upstream.topics.status);
        one("catalogue", upstream.topics.catalogue);
        one("records", upstream.topics.records);
        one("urgent", upstream.topics.urgent);
        one("pictures", upstream.topics.pictures);
        one("receipts", upstream.topics.receipts);
        one("requests", upstream.topics.requests);
    }

    void entitlement(const std::string& key, const Entitlement& entitled) {
        const Basis& basis = entitled.basis;
        if (basis.is_given() && basis.sort == BasisSort::none)
            reading_.report(key + "basis.sort", {"须写明依据的性质", "a basis is a law, a regulation, a contract or a consent"});
        // Dates are YYYY-MM-DD, so texts sort as they do.
        if (basis.is_given() && !basis.end.empty() && basis.end < basis.date)
            reading_.report(key + "basis.end", {"止日早于起日", "it ends before it begins"});
    }

    const Settings& settings_;
    Reading& reading_;
};

constexpr std::string_view schema_id = "https://gatehouse.example/schemas/gatehouse.toml.json";

Words heading() {
    return {"Gatehouse 网关设置。每个设置的默认值如下；`gatehousectl settings` 显示生效的值，kill -HUP 重新读取。密码不写在这里。",
            "Gatehouse's settings, each with its default. `gatehousectl settings` shows what is in force; SIGHUP reads anew. No secrets here."};
}

} // namespace

Outcome parse_settings(std::string_view text, const std::string& file) {
    auto parsed = parse_document(text, file);
    if (auto* flaw = std::get_if<Flaw>(&parsed)) return {std::nullopt, {std::move(*flaw)}};
    Settings settings;
    Reading reading = read(std::get<Document>(parsed), settings_rows(), &settings);
    Sense(settings, reading).check();
    if (!reading.flaws.empty()) return {std::nullopt, std::move(reading.flaws)};
    return {std::move(settings), {}};
}

Outcome read_settings(const std::string& file) {
    auto text = read_file(file);
    if (!text) return {std::nullopt, {Flaw{file, 1, 1, {}, {"无法读取：" + text.error().what(), "can't be read: " + text.error().what()}}}};
    return parse_settings(*text, file);
}

std::vector<Flaw> reload_settings(const std::string& file, Settings& current) {
    Outcome outcome = read_settings(file);
    if (outcome.settings) current = std::move(*outcome.settings);
    return std::move(outcome.flaws);
}

std::string default_settings() { return print_defaults(settings_rows(), heading()); }

std::string print_settings(const Settings& settings, Language language) { return print_values(settings_rows(), &settings, language); }

std::string settings_schema() { return print_schema(settings_rows(), schema_id, {"Gatehouse 网关设置", "Gatehouse's settings (gatehouse.toml)"}); }

} // namespace gatehouse::config
