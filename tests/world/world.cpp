// SPDX-License-Identifier: Apache-2.0
#include "tests/world/world.hpp"

#include <cstdlib>
#include <fstream>

namespace gatehouse::world {

namespace {

using namespace std::chrono_literals;
using Keep = fakes::MemoryDisk::Keep;

constexpr Duration restart_wait = 2s; // what systemd waits

std::string next_name() {
    static std::uint64_t made = 0;
    return "world-" + std::to_string(++made);
}

store::SiteKeys draw_keys(Entropy& entropy) {
    store::SiteKeys keys;
    for (Key* key : {&keys.hash, &keys.picture, &keys.field, &keys.signing_seed}) entropy.fill(*key);
    return keys;
}

std::filesystem::path make_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "gatehouse-world-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for the log's copy");
    return pattern;
}

} // namespace

World::World(std::uint64_t seed)
    : entropy(seed * 4), chance(seed * 4 + 1), weather(seed * 4 + 2), trace(clock, simulation::Trace::Keep::hash), disk(next_name()),
      network(loop, clock, weather, std::string(gateway_host)),
      keys(draw_keys(entropy)), site{loop,
                                     gateway_clock,
                                     entropy,
                                     disk,
                                     writer,
                                     network,
                                     traced,
                                     broker,
                                     site_settings(),
                                     keys,
                                     store::default_retention(),
                                     {Doors::description(), Camera::description(), Terminal::description()}},
      platform(clock, chance, broker, trace, "gatehouse/v1/gw-1"), folder_(make_folder()) {
    network.set_delay(3ms);
    disk.is_powersafe = seed % 2 == 0;
    disk.on_operation = [this](std::uint64_t, const std::string& kind, const std::string&) { return before_operation(kind); };
    broker.heard = [this, hear = std::move(broker.heard)](const fakes::FakeBroker::Published& published) {
        if (!is_dead_) hear(published); // what a dead machine's last moments would say
        broker.published.clear();
    };
}

World::~World() {
    people.cancel();
    if (gateway_) gateway_->group().cancel();
    for (int i = 0; i < 1000 && (people.size() > 0 || (gateway_ && gateway_->group().size() > 0)); ++i) clock.run_for(1ms);
    gateway_.reset();
    clock.run_for(0s);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void World::tell(const std::string& what) {
    story.push_back(to_text(clock.now()).substr(11, 12) + " " + what);
    trace.add("story", what);
}

void World::stop_machine(Stop how, std::uint64_t operations, Duration off) {
    if (!is_running()) return;
    off_ = off;
    if (how == Stop::orderly) {
        tell("stopped");
        dead_.set();
        return;
    }
    stop_ = how;
    stop_at_ = disk.operations() + operations;
    if (operations == 0) cut();
}

void World::cut() {
    image_ = stop_ == Stop::kill ? disk.now() : disk.after_power_cut(chance.below(3) == 0 ? Keep::some : Keep::torn, chance.number());
    if (stop_ == Stop::power_cut) ++power_cuts;
    tell(stop_ == Stop::kill ? "killed" : "power cut");
    stop_ = Stop::none;
    is_dead_ = true;
    dead_.set();
}

bool World::before_operation(const std::string& kind) {
    if (is_dead_) return true;
    if (stop_ != Stop::none && disk.operations() >= stop_at_) cut();
    return is_dead_ || (disk_fails && disk_fails(kind));
}

// Everything of a dead gateway lets go; what its disk holds then is what was captured when it died.
Task<void> World::bury() {
    started.reset();
    if (gateway_) {
        auto dying = gateway_->die();
        co_await std::move(dying);
    }
    co_await clock.sleep_for(1ms);
    gateway_.reset();
    co_await clock.sleep_for(1ms);
    if (is_dead_) disk.load(image_);
    image_.clear();
    is_dead_ = false;
    dead_.reset();
}

Task<void> World::keep_machine_running(World& self) {
    for (;;) {
        if (self.start_cut_at_ > 0) {
            self.stop_ = Stop::power_cut;
            self.stop_at_ = self.disk.operations() + std::exchange(self.start_cut_at_, 0);
        }
        auto made = Gateway::start(self.site);
        if (!made) {
            self.tell("cannot start: " + made.error().what());
            co_await self.bury();
            co_await self.clock.sleep_for(restart_wait);
            continue;
        }
        self.gateway_ = std::move(*made);
        if (!self.is_dead_) {
            ++self.lives;
            self.platform.life = self.lives;
            self.gateway_->run();
            self.started.set();
            auto died = self.dead_.wait();
            auto ended = self.gateway_->ended().wait();
            co_await first_of(std::move(died), std::move(ended));
        }
        co_await self.bury();
        const auto off = std::exchange(self.off_, Duration(0));
        co_await self.clock.sleep_for(restart_wait + off);
    }
}

oracle::Log World::read_log() const {
    for (const auto& [name, bytes] : disk.now()) {
        if (!name.starts_with("/log/gatehouse.db") || name.ends_with("-shm")) continue;
        std::ofstream file(folder_ / name.substr(5), std::ios::binary | std::ios::trunc);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    std::error_code ignored;
    std::filesystem::remove(folder_ / "gatehouse.db-shm", ignored);
    return oracle::read_log(folder_ / "gatehouse.db");
}

} // namespace gatehouse::world
