// SPDX-License-Identifier: Apache-2.0
#include "tests/power_cut/gateway.hpp"

#include "daemon/base/expects.hpp"

namespace gatehouse::power_cut {

namespace {

using namespace std::chrono_literals;

constexpr auto root = "gatehouse/v1/gw-7";

store::SiteKeys site_keys() {
    store::SiteKeys keys;
    SeededEntropy entropy(7);
    for (Key* key : {&keys.hash, &keys.picture, &keys.field, &keys.signing_seed}) entropy.fill(*key);
    return keys;
}

std::string next_disk_name() {
    static std::uint64_t made = 0;
    return "power-cut-" + std::to_string(++made);
}

sync::mqtt::UpstreamSettings settings_for(Plant plant) {
    sync::mqtt::UpstreamSettings settings;
    settings.name = "district";
    settings.gateway = "gw-7";
    settings.compound = "compound-1";
    settings.version = "0.1.0";
    settings.broker = {"broker", 1883};
    settings.from = 1;
    settings.entitlement.rules.resize(1);
    settings.entitlement.rules.front().kinds = {"*"};
    if (plant == Plant::release_on_puback) settings.receipts = sync::ReceiptMode::puback;
    return settings;
}

} // namespace

Gateway::Gateway(Outside& outside, const Disk& image, std::uint64_t seed, Plant plant)
    : disk(next_disk_name()), outside_(outside), plant_(plant), entropy_(seed), chance_(seed + 1), keys_(site_keys()) {
    if (!image.empty()) disk.load(image);
    disk.lies = plant == Plant::lying_drive;
    disk.is_powersafe = seed % 2 == 0;
    if (plant == Plant::no_commit_sync)
        disk.leaves_out = [](const std::string& kind, const std::string& path) { return kind == "sync" && path.ends_with("-wal"); };
    if (plant == Plant::no_folder_sync) disk.leaves_out = [](const std::string& kind, const std::string&) { return kind == "folder"; };
    broker_.heard = [this](const fakes::FakeBroker::Published& published) {
        if (loses_one_message_in != 0 && chance_.below(loses_one_message_in) == 0) return;
        outside_.twin.hear(published.message);
    };
}

Gateway::~Gateway() { stop(); }

Done Gateway::open() {
    stop();
    store::StoreOptions options;
    options.directory = "/log";
    options.compound = "compound-1";
    options.vfs = disk.name();
    options.machine = {"machine-1", "uuid-1"};
    auto opened = store::open_store(options, keys_, {loop_, clock_, entropy_, disk.files(), loop_, loop_, loop_});
    if (!opened) return std::move(opened).error();
    store_ = std::move(*opened);
    return {};
}

void Gateway::run() {
    group_ = std::make_unique<TaskGroup>(loop_);
    group_->spawn("store", store_->run());
    sync::mqtt::Surroundings around{*store_, broker_, loop_, clock_, entropy_, keys_.signing(), clock_.now(), [] { return std::string(); }};
    auto made = sync::mqtt::make_mqtt_upstream(settings_for(plant_), std::move(around));
    expects(made.has_value(), "the settings are right");
    upstream_ = std::move(*made);
    group_->spawn("upstream", upstream_->run());
}

void Gateway::stop() {
    if (group_) {
        group_->cancel();
        for (int i = 0; i < 1000 && group_->size() > 0; ++i) clock_.run_for(1ms);
    }
    upstream_.reset();
    group_.reset();
    store_.reset();
    clock_.run_for(0s);
}

namespace {
Task<void> offer_one(store::EventLog& store, Device& device, std::uint64_t number, Record record) {
    SourceMark mark;
    mark.number = number;
    auto answer = co_await store.append(std::move(record), std::move(mark));
    if (answer) device.acknowledged.emplace(number, answer->position);
}
} // namespace

void Gateway::offer(Device& device, std::uint64_t count, bool again) {
    if (again && device.next > 1) loop_.spawn("again", offer_one(*store_, device, device.next - 1, event_of(device, device.next - 1, clock_.now())));
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto number = device.next + i;
        device.offered = std::max(device.offered, number);
        loop_.spawn("offer", offer_one(*store_, device, number, event_of(device, number, clock_.now())));
    }
    clock_.run_for(0s);
    while (device.acknowledged.contains(device.next)) ++device.next;
}

void Gateway::erase(const std::string& subject) {
    ++outside_.erased;
    ask<Result<store::Erased>>(store_->erase_subject(subject, "order-1"), 0s);
}

void Gateway::receipt() {
    for (auto& payload : outside_.twin.receipts()) broker_.deliver(std::string(root) + "/receipts", std::move(payload));
    clock_.run_for(0s);
}

} // namespace gatehouse::power_cut
