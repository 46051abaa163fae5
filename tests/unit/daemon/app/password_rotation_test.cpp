// SPDX-License-Identifier: Apache-2.0
//
// A device's password changed on a real log and registry: what is kept when, and what becomes of it when the power goes in between. The device is
// on paper: it has one password, and does to a change what the test says.
#include "daemon/app/password_rotation.hpp"

#include "tests/unit/daemon/store/world.hpp"

#include <set>

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

struct PaperDevice {
    enum class Write { takes, refuses, takes_and_is_silent, is_silent, takes_another } write = Write::takes;
    std::string password = "Gate-2024!";
    bool is_away = false;
    std::vector<std::string> tried; ///< passwords, in order
    int wrong_tries = 0;

    bool lets_in(const std::string& given) {
        tried.push_back(given);
        wrong_tries += given == password ? 0 : 1;
        return given == password;
    }
};

class PaperWriter final : public drivers::PasswordWriter {
public:
    PaperWriter(PaperDevice& device, std::string password) : device_(device), password_(std::move(password)) {}
    Task<Done> prove() override {
        if (device_.is_away) co_return Error(Fault::unreachable, "away");
        if (!device_.lets_in(password_)) co_return Error(Fault::refused, "wrong password");
        co_return Done();
    }
    Task<Done> write(std::string fresh) override {
        using Write = PaperDevice::Write;
        if (device_.is_away || device_.write == Write::is_silent) co_return Error(Fault::timed_out, "no answer");
        if (!device_.lets_in(password_)) co_return Error(Fault::refused, "wrong password");
        if (device_.write == Write::refuses) co_return Error(Fault::unsupported, "not this way");
        device_.password = device_.write == Write::takes_another ? "somebody-else's" : fresh;
        if (device_.write == Write::takes_and_is_silent) {
            device_.is_away = true;
            co_return Error(Fault::timed_out, "no answer");
        }
        co_return Done();
    }

private:
    PaperDevice& device_;
    std::string password_;
};

struct Lodge {
    Lodge() {
        world.open();
        begin();
        registry::Device camera;
        camera.info.id = "cam-1";
        camera.info.driver = "onvif";
        camera.info.address = {"192.168.50.61", 80};
        camera.info.username = "admin";
        camera.info.password = "Gate-2024!";
        REQUIRE(world.await(registry->put_device(std::move(camera), {"admin", ""}), 1s).has_value());
    }
    ~Lodge() { end(); }
    void end() {
        group.cancel();
        for (int i = 0; i < 100 && group.size() > 0; ++i) world.clock.run_for(1ms);
    }
    /// As at a start of the daemon.
    void begin() {
        registry = std::make_unique<registry::Registry>(*world.store, world.keys.field, world.clock, world.entropy);
        REQUIRE(world.await(registry->load(), 1s).has_value());
        const auto writer_of = [this](const drivers::DeviceInfo& info) -> Result<std::unique_ptr<drivers::PasswordWriter>> {
            return std::unique_ptr<drivers::PasswordWriter>(std::make_unique<PaperWriter>(device, info.password));
        };
        const auto until_left = [this](std::string) -> Task<Done> {
            was_kept_before_left = !registry->devices().at("cam-1").next_password.empty();
            if (is_never_left) co_return Error(Fault::busy, "still held");
            co_return Done();
        };
        rotation = std::make_unique<PasswordRotation>(PasswordRotation::Parts{*registry, world.clock, world.entropy, writer_of, until_left});
    }
    void run() { group.spawn("rotation", rotation->run()); }
    void power_cut() {
        end();
        rotation.reset();
        world.close();
        world.open();
        begin();
    }
    Done rotate() { return world.await(rotation->rotate("cam-1", {"technician", "uid:7"}), 10s); }
    const registry::Device& row() const { return registry->devices().at("cam-1"); }
    /// Everything that the store ever kept of the device, and all records.
    std::string all_text() {
        std::string text;
        for (std::uint64_t at = 1; at <= world.store->head().position; ++at)
            for (const auto& version : world.await(world.store->registry_rows("device", at)).value()) text += version.body + "\n";
        for (const auto& record : world.all()) text += record.facts + record.details + "\n";
        return text;
    }

    store::World world;
    PaperDevice device;
    bool was_kept_before_left = false, is_never_left = false;
    std::unique_ptr<registry::Registry> registry;
    std::unique_ptr<PasswordRotation> rotation;
    TaskGroup group{world.loop};
};

std::size_t count_of(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

} // namespace

TEST_CASE("passwords: a made one has what every device asks for, and no two are alike") {
    SeededEntropy entropy(3);
    std::set<std::string> made;
    for (int i = 0; i < 500; ++i) {
        const auto password = make_password(entropy);
        CHECK(password.size() == 16);
        CHECK(password.find_first_of("abcdefghijkmnpqrstuvwxyz") != std::string::npos);
        CHECK(password.find_first_of("ABCDEFGHJKLMNPQRSTUVWXYZ") != std::string::npos);
        CHECK(password.find_first_of("23456789") != std::string::npos);
        CHECK(password.find_first_of("0O1lI") == std::string::npos);
        made.insert(password);
    }
    CHECK(made.size() == 500);
}

TEST_CASE("passwords: the new one is kept before the device hears of it, proved by a fresh log-in, and then the old one is forgotten") {
    Lodge lodge;
    const auto before = lodge.world.store->head().position;
    const auto rotated = lodge.rotate();
    REQUIRE_MESSAGE(rotated.has_value(), (rotated ? "" : rotated.error().what()));
    CHECK(lodge.was_kept_before_left);
    CHECK(lodge.device.password != "Gate-2024!");
    CHECK(lodge.device.tried == std::vector<std::string>{"Gate-2024!", lodge.device.password}); // written with the old, proved with the new
    CHECK(lodge.device.wrong_tries == 0);
    CHECK(lodge.row().info.password == lodge.device.password);
    CHECK(lodge.row().next_password.empty());
    CHECK(lodge.row().password_is_ours);
    // Of three versions the last alone holds a password, sealed; no record and no row says one.
    const auto text = lodge.all_text();
    CHECK(text.find("Gate-2024!") == std::string::npos);
    CHECK(text.find(lodge.device.password) == std::string::npos);
    const auto versions = lodge.world.await(lodge.world.store->registry_rows("device", before + 1)).value();
    REQUIRE(versions.size() == 1);
    CHECK(count_of(versions[0].body, "sealed_") == 0);
    CHECK(count_of(lodge.world.await(lodge.world.store->registry_rows("device", std::nullopt)).value().at(0).body, "sealed_") == 1);
    lodge.power_cut();
    CHECK(lodge.row().info.password == lodge.device.password);
    CHECK(lodge.row().password_is_ours);
}

TEST_CASE("passwords: at the device's first no it stops, and the old one stands") {
    Lodge lodge;
    lodge.device.write = PaperDevice::Write::refuses;
    const auto refused = lodge.rotate();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::unsupported);
    CHECK(std::string(refused.error().what()).find("the old password stands") != std::string::npos);
    CHECK(lodge.device.tried == std::vector<std::string>{"Gate-2024!"});
    CHECK(lodge.row().info.password == "Gate-2024!");
    CHECK(lodge.row().next_password.empty());
    // The registered one is wrong already: one try, and no more.
    lodge.device.password = "changed-at-the-camera";
    lodge.device.tried.clear();
    CHECK(lodge.rotate().error().fault() == Fault::refused);
    CHECK(lodge.device.tried.size() == 1);
    CHECK(lodge.row().next_password.empty());
}

TEST_CASE("passwords: a conversation that does not end leaves all as it was, and a second change waits for the first") {
    Lodge lodge;
    lodge.is_never_left = true;
    CHECK(lodge.rotate().error().fault() == Fault::busy);
    CHECK(lodge.device.tried.empty());
    CHECK(lodge.row().next_password.empty());
    lodge.is_never_left = false;
    lodge.device.write = PaperDevice::Write::takes_and_is_silent;
    CHECK_FALSE(lodge.rotate().has_value());
    CHECK(lodge.rotate().error().fault() == Fault::busy);
    CHECK(lodge.world.await(lodge.rotation->rotate("nobody", {"technician", ""})).error().fault() == Fault::gone);
}

TEST_CASE("passwords: cut off after the device took it, both are kept over a power cut, and the new one is found out") {
    Lodge lodge;
    lodge.device.write = PaperDevice::Write::takes_and_is_silent;
    const auto cut = lodge.rotate();
    REQUIRE_FALSE(cut.has_value());
    CHECK(std::string(cut.error().what()).find("half done") != std::string::npos);
    lodge.power_cut();
    CHECK(lodge.row().info.password == "Gate-2024!");
    CHECK(lodge.row().next_password == lodge.device.password);
    lodge.run();
    lodge.world.clock.run_for(10s);
    CHECK_FALSE(lodge.row().next_password.empty()); // still away: nothing is known
    CHECK(lodge.device.wrong_tries == 0);
    lodge.device.is_away = false;
    lodge.world.clock.run_for(2min);
    CHECK(lodge.row().info.password == lodge.device.password);
    CHECK(lodge.row().next_password.empty());
    CHECK(lodge.device.wrong_tries == 0);
}

TEST_CASE("passwords: cut off before the device took it, the old one is found out by one wrong try") {
    Lodge lodge;
    lodge.device.write = PaperDevice::Write::is_silent;
    CHECK_FALSE(lodge.rotate().has_value());
    CHECK_FALSE(lodge.row().next_password.empty());
    lodge.device.write = PaperDevice::Write::takes;
    lodge.power_cut();
    lodge.run();
    lodge.world.clock.run_for(10s);
    CHECK(lodge.row().info.password == "Gate-2024!");
    CHECK(lodge.row().next_password.empty());
    CHECK(lodge.device.wrong_tries == 2); // the proof at once, and one after the cut
    lodge.world.clock.run_for(2h);
    CHECK(lodge.device.wrong_tries == 2);
}

TEST_CASE("passwords: where neither is the device's both stay, and no more than two tries are made in half an hour") {
    Lodge lodge;
    lodge.device.write = PaperDevice::Write::takes_another;
    CHECK_FALSE(lodge.rotate().has_value());
    CHECK(lodge.device.wrong_tries == 1);
    lodge.run();
    lodge.world.clock.run_for(29min);
    CHECK(lodge.device.wrong_tries == 1);
    lodge.world.clock.run_for(2min);
    CHECK(lodge.device.wrong_tries == 3);
    lodge.world.clock.run_for(28min);
    CHECK(lodge.device.wrong_tries == 3);
    CHECK(lodge.row().info.password == "Gate-2024!");
    CHECK_FALSE(lodge.row().next_password.empty());
}
