// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/platform.hpp"

#include <algorithm>

namespace gatehouse::harness {
namespace json = boost::json;

std::string toml_list(const std::vector<std::string>& words) {
    std::string text = "[";
    for (const std::string& word : words) text += (text.size() > 1 ? ", \"" : "\"") + word + "\"";
    return text + "]";
}

Platform::Platform(const std::string& name, const std::string& gateway, PlatformOptions options, const std::filesystem::path& folder)
    : name_(name), gateway_(gateway), options_(std::move(options)), folder_(folder / name) {
    std::filesystem::create_directories(folder_);
    if (options_.is_tls) {
        certificates_.emplace(folder_ / "tls");
        gateway_pair_ = certificates_->client(gateway_);
        options_.broker.certificates = &*certificates_;
        options_.broker.wants_client_certificate = options_.user.empty();
    }
    if (!options_.user.empty()) {
        write_secret(folder_ / "password", options_.password);
        options_.broker.users.emplace(options_.user, options_.password);
        options_.broker.users.emplace("application", "receives");
    }
    broker_ = std::make_unique<Broker>(name_ + "-broker", folder_, options_.broker);
    cable_ = std::make_unique<Cable>(options_.is_tls ? broker_->tls_port() : broker_->port());
}

void Platform::make_application() {
    std::vector<std::string> arguments{"--broker",         "127.0.0.1:" + std::to_string(broker_->port()),
                                       "--root",           "gatehouse/v1/" + gateway_,
                                       "--gateway",        gateway_,
                                       "--upstream",       name_,
                                       "--receipts",       options_.receipts,
                                       "--mqtt",           options_.mqtt == "5" ? "5" : "311",
                                       "--client-id",      name_ + "-application",
                                       "--session-expiry", "86400",
                                       "--state",          (folder_ / "kept.jsonl").string(),
                                       "--capture",        (folder_ / "capture").string()};
    if (!options_.request_seed.empty()) arguments.insert(arguments.end(), {"--request-seed", options_.request_seed});
    if (!options_.user.empty()) arguments.insert(arguments.end(), {"--user", "application", "--password", "receives"});
    arguments.insert(arguments.end(), options_.more.begin(), options_.more.end());
    application_ = std::make_unique<Simulator>(name_, "sim-platform", std::move(arguments), folder_);
}

void Platform::start() {
    if (!broker_->is_running()) broker_->start();
    if (!application_) make_application();
    eventually("the application of " + name_ + " at its broker", [this] { return application_->state().at("connected").as_bool(); });
}

void Platform::restart_application() {
    application_->kill();
    application_->start();
    start();
}

std::string Platform::settings() const {
    const std::string scheme = options_.is_tls ? "mqtts" : "mqtt";
    const std::string address = options_.address.empty() ? "127.0.0.1:" + std::to_string(cable_->port()) : options_.address;
    std::string text = "\n[[upstream]]\nname = \"" + name_ + "\"\nbroker = \"" + scheme + "://" + address + "\"\nprotocol = \"" + options_.mqtt +
                       "\"\nreceipts = \"" + options_.receipts + "\"\nreceipt_wait_s = " + std::to_string(options_.receipt_wait_s) +
                       "\nbatch_records_max = " + std::to_string(options_.batch_records_max) + "\n";
    text += "from = " + (options_.from == "head" ? std::string("\"head\"") : options_.from) + "\n";
    if (options_.is_internet) text += "internet = true\n";
    if (options_.is_tls) text += "ca_file = \"" + certificates_->authority().string() + "\"\n";
    if (options_.is_tls && options_.user.empty() && options_.has_client_certificate)
        text += "certificate_file = \"" + gateway_pair_->certificate.string() + "\"\nkey_file = \"" + gateway_pair_->key.string() + "\"\n";
    if (!options_.user.empty()) text += "username = \"" + options_.user + "\"\npassword_credential = \"" + (folder_ / "password").string() + "\"\n";
    // The twin tells its public key; it must run before the settings are written.
    if (!options_.request_seed.empty() && application_)
        text += "request_keys = [\"" + std::string(application_->state().at("request_key").as_string()) + "\"]\n";
    text += options_.more_settings;
    for (const Entitled& each : options_.entitlements) {
        text += "[[upstream.entitlement]]\nkinds = " + toml_list(each.kinds) + "\nfields = " + toml_list(each.fields) +
                "\nsubjects = " + (each.subjects ? "true" : "false") + "\npictures = " + toml_list(each.pictures) + "\n";
        if (!each.document.empty())
            text += "[upstream.entitlement.basis]\ndocument = \"" + each.document + "\"\nissuer = \"区公安分局\"\ndate = \"2026-01-01\"\nend = \"" +
                    each.end + "\"\nsort = \"" + each.sort + "\"\n";
    }
    return text;
}

std::vector<Platform::Event> Platform::kept(const std::string& lane) const {
    std::vector<Event> all;
    const json::value rows = application_->control().get("/events?lane=" + lane);
    for (const json::value& row : rows.as_array())
        all.push_back({.epoch = std::string(row.at("epoch").as_string()),
                       .id = std::string(row.at("id").as_string()),
                       .kind = std::string(row.at("kind").as_string()),
                       .sequence = row.at("sequence").to_number<std::uint64_t>(),
                       .previous = row.at("previous").to_number<std::uint64_t>()});
    return all;
}

std::size_t Platform::count(const std::string& kind, const std::string& lane) const {
    const auto all = kept(lane);
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Event& event) { return event.kind == kind; }));
}

json::value Platform::event(std::uint64_t sequence, const std::string& lane) const {
    return application_->control().get("/event?lane=" + lane + "&sequence=" + std::to_string(sequence));
}

std::uint64_t Platform::figure(const std::string& what, const std::string& lane) const {
    return application_->state().at("lanes").at(lane).at(what).to_number<std::uint64_t>();
}

void Platform::wait_for(const std::string& what, const std::function<bool(Platform&)>& is_so, std::chrono::milliseconds within) {
    eventually(
        what + " at " + name_, [&] { return is_so(*this); }, within, [this] { return json::serialize(application_->state()).substr(0, 1500); });
}

void Platform::wait_for_count(const std::string& kind, std::size_t count_wanted, const std::string& lane, std::chrono::milliseconds within) {
    wait_for(
        std::to_string(count_wanted) + " of " + kind, [&](Platform& self) { return self.count(kind, lane) >= count_wanted; }, within);
}

void Platform::wait_until_whole(std::chrono::milliseconds within) {
    wait_for(
        "no hole and a gateway online",
        [](Platform& self) {
            const json::value state = self.application().state();
            if (!state.at("status").is_object()) return false;
            const auto* word = state.at("status").as_object().if_contains("state");
            if (!word || *word != "online") return false;
            return std::all_of(state.at("lanes").as_object().begin(), state.at("lanes").as_object().end(),
                               [](const auto& lane) { return lane.value().at("holes").template to_number<int>() == 0; });
        },
        within);
}

std::string Platform::capture() const { return read_file(folder_ / "capture"); }

std::optional<oracle::Platform> Platform::evidence() const {
    const bool has_own_store = std::find(options_.more.begin(), options_.more.end(), "--state") == options_.more.end();
    if (!application_ || !has_own_store || options_.from != "1") return std::nullopt;
    oracle::Platform judged{
        .name = name_, .kinds = {}, .from = 1, .sends_receipts = options_.receipts == "ranges" || options_.receipts == "cumulative"};
    for (const Entitled& each : options_.entitlements) judged.kinds.insert(judged.kinds.end(), each.kinds.begin(), each.kinds.end());
    judged.lanes = oracle::read_twin(folder_ / "kept.jsonl");
    return judged;
}

} // namespace gatehouse::harness
