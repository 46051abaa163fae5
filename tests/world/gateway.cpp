// SPDX-License-Identifier: Apache-2.0
#include "tests/world/gateway.hpp"

#include "daemon/app/clock_steps.hpp"
#include "daemon/base/log.hpp"
#include "drivers/isapi/driver.hpp"
#include "drivers/uhppote/driver.hpp"

namespace gatehouse::world {

namespace {

constexpr unsigned conversations_per_s = 16;
constexpr std::uint16_t controllers_port = 60001;

constexpr std::string_view settings_text = R"([gateway]
id = "gw-1"
compound = "33010600001"
[[upstream]]
name = "district"
broker = "mqtt://broker.district.example:1883"
from = 1
batch_records_max = 20
[[upstream.entitlement]]
kinds = ["*"]
fields = ["*"]
subjects = true
pictures = ["plate", "scene"]
[upstream.entitlement.basis]
document = "杭公办〔2025〕12号"
issuer = "杭州市公安局"
date = "2025-06-01"
end = "2099-05-31"
sort = "law"
)";

Task<void> take_push(TaskGroup& group, net::HttpServer& server, std::unique_ptr<net::Stream> stream) {
    group.spawn("push", server.serve(std::move(stream)));
    co_return;
}

} // namespace

const config::Settings& site_settings() {
    static const auto settings = [] {
        auto read = config::parse_settings(settings_text, "world.toml");
        if (!read.settings) throw std::runtime_error(config::to_text(read.flaws, config::Language::en));
        return std::move(*read.settings);
    }();
    return settings;
}

Result<std::unique_ptr<Gateway>> Gateway::start(Site& site) {
    store::StoreOptions options;
    options.directory = "/log";
    options.compound = site.settings.gateway.compound;
    options.vfs = site.disk.name();
    options.machine = {"machine-1", "disk-1"};
    options.kept = site.kept;
    options.retention_every = std::chrono::days(3650); // the day asks for it itself, after its archive has read on
    auto opened =
        store::open_store(std::move(options), site.keys, {site.loop, site.clock, site.entropy, site.disk.files(), site.writer, site.loop, site.loop});
    if (!opened) return std::move(opened).error();
    return std::unique_ptr<Gateway>(new Gateway(site, std::move(*opened)));
}

Gateway::Gateway(Site& site, std::unique_ptr<store::EventLog> store)
    : site_(site), surroundings_{site.loop, site.clock, site.entropy, site.traced}, head_at_start_(store->head().position), store_(std::move(store)),
      registry_(std::make_unique<registry::Registry>(*store_, site.keys.field, site.clock, site.entropy)),
      pace_(site.clock, site.entropy, conversations_per_s),
      power_(
          site.clock, [this](const std::string& id) { return devices_->power_of(id); }, app::SitePower::Rules()),
      group_(site.loop) {
    pushes_ = std::make_unique<app::Pushes>(derive_key(site.keys.hash, "push paths"), net::Endpoint{std::string(gateway_host), push_port});
    push_server_ = net::make_http_server(site.loop, site.clock, net::HttpServer::Options(), pushes_->handler());
    drivers::uhppote::Listener::Options at;
    at.bind_to = {"", controllers_port};
    at.announced = {std::string(gateway_host), controllers_port};
    listener_ = std::make_unique<drivers::uhppote::Listener>(surroundings_, at);
    app::Upstreams::Parts parts{site.loop,
                                site.clock,
                                site.entropy,
                                *store_,
                                *registry_,
                                site.broker,
                                site.keys,
                                "/log",
                                [](const std::string&, std::string_view) { return Done(); },
                                [this](std::string epoch, std::uint64_t head_there) { return begin_behind_rewound(std::move(epoch), head_there); }};
    upstreams_ = std::make_unique<app::Upstreams>(std::move(parts), site.settings, config::Secrets());
    devices_ = std::make_unique<app::Devices>(
        *registry_, *store_, surroundings_, [this](const drivers::DeviceInfo& info) { return make_driver(info); }, app::DeviceSink::Limits(),
        [this](const Record& record) { upstreams_->send_volatile(record); }, drivers::Company{pace_, power_});
}

Gateway::~Gateway() {
    devices_.reset();
    upstreams_.reset();
    store_.reset();
}

Result<std::unique_ptr<drivers::Driver>> Gateway::make_driver(const drivers::DeviceInfo& info) {
    if (info.driver == "isapi") return drivers::isapi::make_isapi(info, surroundings_, *pushes_);
    return drivers::uhppote::make_uhppote(info, surroundings_, *listener_);
}

Record Gateway::own_record(Kind kind) const {
    Record record;
    record.kind = kind;
    record.heard_at = site_.clock.now();
    record.clock = site_.clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.source = "gateway";
    return record;
}

Task<Done> Gateway::begin() {
    auto loaded = co_await registry_->load();
    if (!loaded) co_return loaded;
    Record started = own_record(Kind::gateway_started);
    started.facts = {{"version", "world"}, {"epoch", store_->head().epoch}, {"head", store_->head().position}, {"cause", "start"}};
    auto appended = co_await store_->append(std::move(started), std::nullopt);
    if (!appended) co_return std::move(appended).error();
    const registry::By by{"admin", ""};
    for (const auto* id : {"gate-south", "house-3", "gate-north"}) {
        if (registry_->places().contains(id)) continue;
        registry::Place place;
        place.id = id;
        place.kind = "gate";
        place.name = id;
        auto put = co_await registry_->put_place(std::move(place), by);
        if (!put) co_return std::move(put).error();
    }
    for (const auto& described : site_.devices) {
        auto device = registry::read_device(described);
        if (!device) co_return std::move(device).error();
        if (registry_->devices().contains(device->info.id)) continue;
        auto put = co_await registry_->put_device(std::move(*device), by);
        if (!put) co_return std::move(put).error();
    }
    co_return Done();
}

Task<Done> Gateway::begin_behind_rewound(std::string epoch, std::uint64_t head_there) {
    if (store_->head().epoch != epoch) co_return Done();
    auto head = co_await store_->renew_epoch("rewound");
    if (!head) co_return std::move(head).error();
    Record gap = own_record(Kind::gap);
    gap.facts = {{"of", "gateway"},    {"cause", "rewound"},  {"epoch", epoch}, {"first", head_at_start_ + 1},
                 {"last", head_there}, {"count_known", false}};
    auto appended = co_await store_->append(std::move(gap), std::nullopt);
    if (!appended) co_return std::move(appended).error();
    co_return Done();
}

Task<void> Gateway::live(Gateway& self) {
    auto begun = co_await self.begin();
    if (begun) {
        std::vector<Task<void>> parts;
        parts.push_back(self.devices_->run());
        parts.push_back(self.upstreams_->run());
        parts.push_back(self.listener_->run());
        parts.push_back(app::tell_clock_steps(self.site_.clock, *self.store_));
        co_await all(std::move(parts));
    }
    self.ended_.set();
}

void Gateway::run() {
    site_.network.listen({std::string(gateway_host), push_port},
                         [this](std::unique_ptr<net::Stream> stream) { return take_push(group_, *push_server_, std::move(stream)); });
    group_.spawn("store", store_->run());
    group_.spawn("gateway", live(*this));
}

Task<void> Gateway::die() {
    site_.network.stop_listening({std::string(gateway_host), push_port});
    site_.network.reset(std::string(gateway_host));
    group_.cancel();
    co_await group_.join();
}

} // namespace gatehouse::world
