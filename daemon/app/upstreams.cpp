// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/upstreams.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::app {

namespace {

constexpr std::size_t snapshot_items_max = 100;
constexpr Duration catalogue_interval = std::chrono::seconds(5);

Result<std::pair<net::Endpoint, bool>> broker_of(std::string_view url) {
    const bool tls = url.starts_with("mqtts://");
    if (!tls && !url.starts_with("mqtt://")) return Error(Fault::malformed, "broker '" + std::string(url) + "': mqtt:// or mqtts:// expected");
    auto rest = std::string(url.substr(tls ? 8 : 7));
    if (rest.find(':', rest.rfind(']') == std::string::npos ? 0 : rest.rfind(']')) == std::string::npos) rest += tls ? ":8883" : ":1883";
    auto endpoint = net::parse_endpoint(rest);
    if (!endpoint) return std::move(endpoint).error();
    return std::pair{std::move(*endpoint), tls};
}

sync::Basis to_sync(const config::Basis& basis) {
    static constexpr std::string_view grounds[] = {"", "law", "regulation", "agreement", "consent"};
    return {std::string(grounds[static_cast<std::size_t>(basis.sort)]), basis.document, basis.issuer, basis.date, basis.end};
}

// A field's name is personal if any kind of ours holds it among its details.
bool is_personal(const std::string& name) {
    for (const auto& spec : all_kinds())
        if (const auto* field = field_of(spec, name); field != nullptr && field->personal) return true;
    return false;
}

sync::Rule to_sync(const config::Entitlement& entry) {
    sync::Rule rule;
    rule.kinds = entry.kinds;
    rule.facts.clear();
    for (const auto& field : entry.fields) {
        if (field != "*" && is_personal(field))
            rule.details.push_back({field, to_sync(entry.basis)});
        else
            rule.facts.push_back(field);
    }
    if (entry.subjects) rule.subjects = to_sync(entry.basis);
    for (const auto& name : entry.pictures)
        if (const auto role = picture_role_named(name)) rule.pictures.push_back({*role, to_sync(entry.basis)});
    return rule;
}

using Places = std::vector<std::pair<std::string, std::string>>;

// What is put in is not looked at again: a name that looks like a place stays one.
std::string expanded(std::string_view text, const Places& places) {
    std::string whole;
    while (!text.empty()) {
        const auto found = std::find_if(places.begin(), places.end(), [&](const auto& place) { return text.starts_with(place.first); });
        if (found == places.end())
            whole += text.front();
        else
            whole += found->second;
        text.remove_prefix(found == places.end() ? 1 : found->first.size());
    }
    return whole;
}

sync::mqtt::TopicNames topic_names(const config::Topics& from, const Places& places) {
    return {expanded(from.status, places),   expanded(from.catalogue, places), expanded(from.records, places), expanded(from.urgent, places),
            expanded(from.pictures, places), expanded(from.receipts, places),  expanded(from.requests, places)};
}

// What makes two settings the same for a running link: all but `from`, which only a new upstream reads. Secrets count by their hash.
std::string fingerprint_of(const sync::mqtt::UpstreamSettings& s) {
    json::object all{{"gateway", s.gateway},
                     {"compound", s.compound},
                     {"broker", net::to_text(s.broker)},
                     {"interface", s.binding.interface},
                     {"user", s.username},
                     {"password", to_hex(sha256(s.password))},
                     {"mqtt", static_cast<int>(s.mqtt)},
                     {"client", s.client_id},
                     {"expiry", s.session_expiry_s},
                     {"root", s.root},
                     {"receipts", static_cast<int>(s.receipts)},
                     {"wait", s.receipt_wait_min.count()},
                     {"records", s.batch_records_max},
                     {"entitlement", sync::to_json(s.entitlement)},
                     {"bytes", s.batch_bytes_max}};
    json::array keys;
    for (const auto& key : s.request_keys) keys.push_back(json::string(to_hex(key)));
    all["keys"] = std::move(keys);
    const auto& names = s.topic_names;
    all["topics"] = json::array{names.status, names.catalogue, names.records, names.urgent, names.pictures, names.receipts, names.requests};
    if (s.tls) all["tls"] = json::object{{"ca", s.tls->ca_file}, {"certificate", s.tls->certificate_file}, {"key", s.tls->key_file}};
    return json::serialize(all);
}

} // namespace

Result<sync::mqtt::UpstreamSettings> to_sync(const config::Settings& settings, const config::Upstream& upstream, const config::Secrets& secrets) {
    sync::mqtt::UpstreamSettings to;
    to.name = upstream.name;
    to.gateway = settings.gateway.id;
    to.compound = settings.gateway.compound;
    to.version = GATEHOUSE_VERSION;
    auto broker = broker_of(upstream.broker);
    if (!broker) return std::move(broker).error().during("upstream " + upstream.name);
    to.broker = broker->first;
    to.binding = {upstream.interface};
    if (broker->second) {
        net::TlsOptions tls;
        tls.server_name = to.broker.host;
        tls.ca_file = upstream.ca_file;
        tls.certificate_file = upstream.certificate_file;
        tls.key_file = upstream.key_file;
        to.tls = std::move(tls);
    }
    to.username = upstream.username;
    if (!upstream.password_credential.empty()) {
        const auto found = secrets.by_name.find(upstream.password_credential);
        if (found == secrets.by_name.end())
            return Error(Fault::gone, "upstream " + upstream.name + ": no credential " + upstream.password_credential);
        to.password = found->second;
    }
    to.mqtt = upstream.protocol == config::Protocol::mqtt_5 ? net::MqttVersion::v5 : net::MqttVersion::v3_1_1;
    to.client_id = upstream.client_id;
    to.session_expiry_s = static_cast<std::uint32_t>(upstream.session_expiry_s);
    to.root = expanded(upstream.root, {{"{gateway}", to.gateway}, {"{upstream}", to.name}});
    to.topic_names = topic_names(upstream.topics, {{"{root}", to.root}, {"{gateway}", to.gateway}, {"{upstream}", to.name}});
    to.receipts = static_cast<sync::ReceiptMode>(upstream.receipts);
    to.receipt_wait_min = std::chrono::seconds(upstream.receipt_wait_s);
    to.batch_records_max = static_cast<std::size_t>(upstream.batch_records_max);
    if (upstream.from) to.from = static_cast<std::uint64_t>(*upstream.from);
    to.batch_bytes_max = static_cast<std::size_t>(upstream.batch_bytes_max);
    for (const auto& text : upstream.request_keys) {
        auto key = from_base64(text);
        if (!key || key->size() != sizeof(PublicKey))
            return Error(Fault::malformed, "upstream " + upstream.name + ": request keys of 32 bytes expected");
        std::copy(key->begin(), key->end(), to.request_keys.emplace_back().begin());
    }
    to.entitlement.internet = upstream.internet;
    to.entitlement.snapshots = {"devices", "places"};
    for (const auto& entry : upstream.entitlements) to.entitlement.rules.push_back(to_sync(entry));
    return to;
}

Upstreams::Upstreams(Parts parts, const config::Settings& settings, const config::Secrets& secrets)
    : parts_(std::move(parts)), gateway_(settings.gateway.id), compound_(settings.gateway.compound), group_(parts_.loop),
      started_(parts_.clock.now()) {
    change(settings, secrets);
}

void Upstreams::change(const config::Settings& settings, const config::Secrets& secrets) {
    wanted_.clear();
    for (const auto& upstream : settings.upstreams) {
        auto wanted = to_sync(settings, upstream, secrets);
        if (!wanted) {
            log::error("upstream", "cannot be reached", {{"upstream", upstream.name}, {"what", wanted.error().what()}});
            continue;
        }
        auto fingerprint = fingerprint_of(*wanted);
        wanted_.emplace(upstream.name, std::pair{std::move(*wanted), std::move(fingerprint)});
    }
    changed_.set();
}

json::object Upstreams::catalogue() const {
    auto object = parts_.registry.catalogue(state_of_ ? state_of_ : [](const std::string&) { return std::string(); });
    object["gateway"] = gateway_;
    object["compound"] = compound_;
    return object;
}

// Devices come and go by themselves; looking every few seconds is simpler than asking every driver to tell, and bounds how often a
// flapping device makes us publish.
Task<void> Upstreams::follow_catalogue() {
    std::string known = json::serialize(catalogue());
    for (;;) {
        co_await parts_.clock.sleep_for(catalogue_interval);
        auto present = json::serialize(catalogue());
        if (present == known) continue;
        known = std::move(present);
        for (const auto& [name, link] : links_) link->upstream->catalogue_changed();
    }
}

Task<Result<std::string>> Upstreams::snapshot(std::string of, std::uint64_t at, std::string page) {
    auto items = co_await parts_.registry.snapshot(std::move(of), at);
    if (!items) co_return std::move(items).error();
    const auto start = page.empty() ? std::optional<std::int64_t>(0) : to_number(page);
    if (!start || *start < 0) co_return Error(Fault::malformed, "page: a cursor of an earlier answer expected");
    json::array some;
    std::size_t next = static_cast<std::size_t>(*start);
    for (; next < items->size() && some.size() < snapshot_items_max; ++next) some.push_back((*items)[next]);
    json::object answer{{"items", std::move(some)}};
    if (next < items->size()) answer["next"] = std::to_string(next);
    co_return json::serialize(answer);
}

sync::mqtt::Surroundings Upstreams::surroundings() {
    return {parts_.store,
            parts_.mqtt,
            parts_.loop,
            parts_.clock,
            parts_.entropy,
            parts_.keys.signing(),
            started_,
            [this] {
                auto object = catalogue();
                object["at"] = to_text(parts_.clock.now());
                return json::serialize(object);
            },
            [this](std::string of, std::uint64_t at, std::string page) { return snapshot(std::move(of), at, std::move(page)); },
            [this](std::string name, std::string content) {
                if (auto written = parts_.write_file(parts_.count_files + "/" + name, content); !written)
                    log::error("upstream", "count file not written", {{"file", name}, {"what", written.error().what()}});
            },
            parts_.log_rewound,
            parts_.clip};
}

Task<void> Upstreams::hold(std::shared_ptr<Link> link) { co_await link->upstream->run(); }

void Upstreams::begin(sync::mqtt::UpstreamSettings settings, std::string fingerprint) {
    const auto name = settings.name;
    auto upstream = sync::mqtt::make_mqtt_upstream(std::move(settings), surroundings());
    if (!upstream) {
        log::error("upstream", "cannot be reached", {{"upstream", name}, {"what", upstream.error().what()}});
        return;
    }
    auto link = std::make_shared<Link>();
    link->fingerprint = std::move(fingerprint);
    link->upstream = std::move(*upstream);
    auto ended = [flag = link->ended, this] {
        *flag = true;
        one_ended_.set();
    };
    link->handle = group_.spawn("upstream " + name, hold(link), std::move(ended));
    links_.insert_or_assign(name, std::move(link));
}

// Readers of upstreams that no setting names any more would hold back retention for ever.
Task<void> Upstreams::retire_the_gone() {
    const auto cursors = co_await parts_.store.cursors();
    if (!cursors) co_return;
    for (const auto& [reader, cursor] : *cursors) {
        if (!reader.starts_with("upstream/")) continue;
        const auto name = reader.substr(9, reader.rfind('/') - 9);
        if (wanted_.contains(name)) continue;
        auto retired = co_await parts_.store.retire_reader(reader);
        if (!retired) log::warning("upstream", "not retired", {{"reader", reader}, {"what", retired.error().what()}});
    }
}

Task<void> Upstreams::settle() {
    std::vector<std::string> leaving;
    for (const auto& [name, link] : links_)
        if (const auto found = wanted_.find(name); found == wanted_.end() || found->second.second != link->fingerprint) leaving.push_back(name);
    for (const auto& name : leaving) {
        const auto link = links_.at(name);
        group_.cancel(link->handle);
        while (!*link->ended) {
            one_ended_.reset();
            co_await one_ended_.wait();
        }
        links_.erase(name);
    }
    for (const auto& [name, wanted] : wanted_)
        if (!links_.contains(name)) begin(wanted.first, wanted.second);
    co_await retire_the_gone();
}

Task<void> Upstreams::follow_settings() {
    for (;;) {
        changed_.reset();
        co_await settle();
        co_await changed_.wait();
    }
}

Task<void> Upstreams::run() {
    group_.spawn("catalogue", follow_catalogue());
    auto body = follow_settings();
    co_await group_.around(std::move(body));
}

void Upstreams::begin_anew() {
    for (auto& [name, link] : links_) link->fingerprint.clear(); // equal to no settings: settle() replaces it
    changed_.set();
}

std::vector<sync::Upstream*> Upstreams::all() const {
    std::vector<sync::Upstream*> upstreams;
    for (const auto& [name, link] : links_) upstreams.push_back(link->upstream.get());
    return upstreams;
}

sync::Upstream* Upstreams::named(const std::string& name) const {
    const auto found = links_.find(name);
    return found == links_.end() ? nullptr : found->second->upstream.get();
}

void Upstreams::send_volatile(const Record& record) {
    for (const auto& [name, link] : links_) link->upstream->send_volatile(record);
}

} // namespace gatehouse::app
