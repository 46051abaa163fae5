// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/upstreams.hpp"

#include "tests/fakes/fake_broker.hpp"
#include "tests/unit/daemon/store/world.hpp"

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view whole_file = R"([gateway]
id = "gw-7"
compound = "c-1"
[[upstream]]
name = "district"
broker = "mqtts://broker.district.example"
interface = "eth1"
client_id = "gw-7-district"
username = "gw"
password_credential = "district-password"
ca_file = "/etc/gatehouse/ca.pem"
certificate_file = "/etc/gatehouse/gw.pem"
key_file = "/etc/gatehouse/gw.key"
root = "site/{gateway}/{upstream}"
receipts = "cumulative"
receipt_wait_s = 45
session_expiry_s = 90000
batch_records_max = 33
from = 17
batch_bytes_max = 4096
request_keys = ["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="]
internet = true
[upstream.topics]
urgent = "alarms/{gateway}/{upstream}"
receipts = "{root}/down/receipts"
[[upstream.entitlement]]
kinds = ["pass.*", "door.forced"]
fields = ["*", "card"]
subjects = true
pictures = ["scene", "plate"]
[upstream.entitlement.basis]
document = "公安〔2026〕1号"
issuer = "区公安分局"
date = "2026-01-01"
end = "2027-12-31"
sort = "contract"
[[upstream.entitlement]]
kinds = ["device.*"]
fields = ["cause"]
[[upstream]]
name = "police"
broker = "mqtt://10.0.0.1:1884"
protocol = "3.1.1"
receipts = "puback"
)";

config::Settings settings_of(std::string_view text) {
    auto read = config::parse_settings(text, "gatehouse.toml");
    REQUIRE_MESSAGE(read.settings, config::to_text(read.flaws, config::Language::en));
    return std::move(*read.settings);
}
config::Secrets secrets() {
    config::Secrets known;
    known.by_name["district-password"] = "s3cret";
    return known;
}
std::string least(const std::string& broker) {
    return "[gateway]\nid = \"gw-7\"\ncompound = \"c-1\"\n[[upstream]]\nname = \"district\"\nbroker = \"" + broker + "\"\n";
}
Result<sync::mqtt::UpstreamSettings> from_broker(const std::string& broker) {
    auto settings = settings_of(least("mqtt://h"));
    settings.upstreams[0].broker = broker;
    return to_sync(settings, settings.upstreams[0], config::Secrets());
}

/// Upstreams on a real store and a broker in memory.
struct Office {
    Office() {
        world.open();
        registry = std::make_unique<registry::Registry>(*world.store, world.keys.field, world.clock, world.entropy);
    }
    ~Office() {
        group.cancel();
        for (int i = 0; i < 1000 && group.size() > 0; ++i) world.clock.run_for(1ms);
        upstreams.reset();
    }
    void begin(const config::Settings& settings) {
        Upstreams::Parts parts{world.loop,   world.clock, world.entropy,
                               *world.store, *registry,   broker,
                               world.keys,   "/log",      [](const std::string&, std::string_view) { return Done(); }};
        upstreams = std::make_unique<Upstreams>(std::move(parts), settings, secrets());
        group.spawn("upstreams", upstreams->run());
        world.clock.run_for(3s);
    }
    /// How often brokers were connected to because of this change.
    std::size_t connects_after(const config::Settings& settings, const config::Secrets& with = secrets()) {
        const auto before = broker.connects;
        upstreams->change(settings, with);
        world.clock.run_for(10s);
        return broker.connects - before;
    }

    store::World world;
    fakes::FakeBroker broker{world.loop};
    std::unique_ptr<registry::Registry> registry;
    std::unique_ptr<Upstreams> upstreams;
    TaskGroup group{world.loop};
};

} // namespace

TEST_CASE("upstreams: each setting arrives where sync wants it") {
    const auto settings = settings_of(whole_file);
    const auto district = to_sync(settings, settings.upstreams[0], secrets());
    REQUIRE_MESSAGE(district.has_value(), (district ? "" : district.error().what()));
    CHECK(district->name == "district");
    CHECK(district->gateway == "gw-7");
    CHECK(district->compound == "c-1");
    CHECK(district->broker == net::Endpoint{"broker.district.example", 8883});
    CHECK(district->binding.interface == "eth1");
    REQUIRE(district->tls.has_value());
    CHECK(district->tls->server_name == "broker.district.example");
    CHECK(district->tls->ca_file == "/etc/gatehouse/ca.pem");
    CHECK(district->tls->certificate_file == "/etc/gatehouse/gw.pem");
    CHECK(district->tls->key_file == "/etc/gatehouse/gw.key");
    CHECK(district->username == "gw");
    CHECK(district->password == "s3cret");
    CHECK(district->client_id == "gw-7-district");
    CHECK(district->mqtt == net::MqttVersion::v5);
    CHECK(district->root == "site/gw-7/district");
    CHECK(district->receipts == sync::ReceiptMode::cumulative);
    CHECK(district->receipt_wait_min == 45s);
    CHECK(district->session_expiry_s == 90000);
    CHECK(district->batch_records_max == 33);
    CHECK(district->batch_bytes_max == 4096);
    CHECK(district->from == 17);
    CHECK(district->topic_names.urgent == "alarms/gw-7/district");
    CHECK(district->topic_names.receipts == "site/gw-7/district/down/receipts");
    CHECK(district->topic_names.records == "site/gw-7/district/records");
    REQUIRE(district->request_keys.size() == 2);
    CHECK(to_base64(district->request_keys[0]) == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    CHECK(to_base64(district->request_keys[1]) == "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=");
    const auto police = to_sync(settings, settings.upstreams[1], secrets());
    REQUIRE(police.has_value());
    CHECK(police->broker == net::Endpoint{"10.0.0.1", 1884});
    CHECK_FALSE(police->tls.has_value());
    CHECK(police->mqtt == net::MqttVersion::v3_1_1);
    CHECK(police->receipts == sync::ReceiptMode::puback);
    CHECK_FALSE(police->from.has_value());
    CHECK(police->root == "gatehouse/v1/gw-7");
    CHECK(police->topic_names.status == "gatehouse/v1/gw-7/status");
    CHECK(police->batch_bytes_max == 262'144);
    CHECK(police->request_keys.empty());
    CHECK(police->entitlement.rules.empty());
    CHECK_FALSE(police->entitlement.internet);
    // A password that cannot be read: said, not left away.
    CHECK(to_sync(settings, settings.upstreams[0], config::Secrets()).error().fault() == Fault::gone);
}

TEST_CASE("upstreams: what looks like a template in a name is not one") {
    auto settings = settings_of(whole_file);
    settings.upstreams[0].name = "{gateway}";
    CHECK(to_sync(settings, settings.upstreams[0], secrets())->root == "site/gw-7/{gateway}");
}

TEST_CASE("upstreams: entitlements arrive with their basis, and nothing personal without") {
    const auto settings = settings_of(whole_file);
    const auto district = to_sync(settings, settings.upstreams[0], secrets());
    REQUIRE(district.has_value());
    const auto& entitlement = district->entitlement;
    CHECK(entitlement.internet);
    CHECK(entitlement.snapshots == std::vector<std::string>{"devices", "places"});
    REQUIRE(entitlement.rules.size() == 2);
    const auto& first = entitlement.rules[0];
    const sync::Basis basis{"agreement", "公安〔2026〕1号", "区公安分局", "2026-01-01", "2027-12-31"};
    CHECK(first.kinds == std::vector<std::string>{"pass.*", "door.forced"});
    CHECK(first.facts == std::vector<std::string>{"*"});
    REQUIRE(first.details.size() == 1); // personal by its name, so it names its basis
    CHECK(first.details[0].field == "card");
    CHECK(first.details[0].basis == basis);
    REQUIRE(first.subjects.has_value());
    CHECK(*first.subjects == basis);
    REQUIRE(first.pictures.size() == 2);
    CHECK(first.pictures[0].role == PictureRole::scene);
    CHECK(first.pictures[1].role == PictureRole::plate);
    CHECK(first.pictures[1].basis == basis);
    const auto& second = entitlement.rules[1];
    CHECK(second.facts == std::vector<std::string>{"cause"});
    CHECK(second.details.empty());
    CHECK_FALSE(second.subjects.has_value());
    CHECK(second.pictures.empty());
    for (const auto& [sort, ground] : {std::pair{config::BasisSort::law, "law"},
                                       {config::BasisSort::regulation, "regulation"},
                                       {config::BasisSort::contract, "agreement"},
                                       {config::BasisSort::consent, "consent"}}) {
        auto other = settings;
        other.upstreams[0].entitlements[0].basis.sort = sort;
        CHECK(to_sync(other, other.upstreams[0], secrets())->entitlement.rules[0].subjects->ground == ground);
    }
}

TEST_CASE("upstreams: brokers' addresses") {
    struct Row {
        const char* url;
        net::Endpoint endpoint;
        bool tls;
    };
    for (const auto& row : {Row{"mqtt://h", {"h", 1883}, false}, Row{"mqtt://h:2000", {"h", 2000}, false}, Row{"mqtts://h", {"h", 8883}, true},
                            Row{"mqtts://h:9000", {"h", 9000}, true}, Row{"mqtt://[2001:db8::1]", {"2001:db8::1", 1883}, false},
                            Row{"mqtts://[2001:db8::1]:9000", {"2001:db8::1", 9000}, true}, Row{"mqtt://10.0.0.1", {"10.0.0.1", 1883}, false}}) {
        const auto made = from_broker(row.url);
        REQUIRE_MESSAGE(made.has_value(), std::string(row.url));
        CHECK_MESSAGE(made->broker == row.endpoint, std::string(row.url));
        CHECK_MESSAGE(made->tls.has_value() == row.tls, std::string(row.url));
    }
    for (const auto* wrong : {"http://h", "h:1883", "", "mqtt://h:port", "mqtt://h:70000", "mqtt://"})
        CHECK_MESSAGE(from_broker(wrong).has_error(), std::string(wrong));
}

TEST_CASE("upstreams: a reload begins anew only what it changes") {
    Office office;
    const auto base = settings_of(whole_file);
    office.begin(base);
    REQUIRE(office.upstreams->all().size() == 2);
    CHECK(office.connects_after(base) == 0);
    const auto with = [&](const std::function<void(config::Upstream&)>& change) {
        auto settings = base;
        change(settings.upstreams[0]);
        return settings;
    };
    struct Row {
        const char* what;
        std::function<void(config::Upstream&)> change;
    };
    for (const auto& row : {
             Row{"broker", [](auto& u) { u.broker = "mqtts://other.example"; }},
             Row{"port", [](auto& u) { u.broker = "mqtts://broker.district.example:9000"; }},
             Row{"interface", [](auto& u) { u.interface = "eth2"; }},
             Row{"client_id", [](auto& u) { u.client_id = "other"; }},
             Row{"username", [](auto& u) { u.username = "other"; }},
             Row{"ca_file", [](auto& u) { u.ca_file = "/other.pem"; }},
             Row{"certificate_file", [](auto& u) { u.certificate_file = "/other.pem"; }},
             Row{"key_file", [](auto& u) { u.key_file = "/other.key"; }},
             Row{"protocol", [](auto& u) { u.protocol = config::Protocol::mqtt_3_1_1; }},
             Row{"root", [](auto& u) { u.root = "other/{gateway}"; }},
             Row{"receipts", [](auto& u) { u.receipts = config::Receipts::puback; }},
             Row{"receipt_wait_s", [](auto& u) { u.receipt_wait_s = 60; }},
             Row{"session_expiry_s", [](auto& u) { u.session_expiry_s = 100'000; }},
             Row{"batch_records_max", [](auto& u) { u.batch_records_max = 34; }},
             Row{"request_keys", [](auto& u) { u.request_keys.pop_back(); }},
             Row{"batch_bytes_max", [](auto& u) { u.batch_bytes_max = 8192; }},
             Row{"topics.status", [](auto& u) { u.topics.status = "{root}/state"; }},
             Row{"topics.catalogue", [](auto& u) { u.topics.catalogue = "{root}/list"; }},
             Row{"topics.records", [](auto& u) { u.topics.records = "{root}/events"; }},
             Row{"topics.urgent", [](auto& u) { u.topics.urgent = "{root}/alarms"; }},
             Row{"topics.pictures", [](auto& u) { u.topics.pictures = "{root}/images"; }},
             Row{"topics.receipts", [](auto& u) { u.topics.receipts = "{root}/acks"; }},
             Row{"topics.requests", [](auto& u) { u.topics.requests = "{root}/asks"; }},
             Row{"internet", [](auto& u) { u.internet = false; }},
             Row{"subjects", [](auto& u) { u.entitlements[0].subjects = false; }},
             Row{"basis", [](auto& u) { u.entitlements[0].basis.end = "2026-12-31"; }},
             Row{"kinds", [](auto& u) { u.entitlements[0].kinds = {"pass.granted"}; }},
         }) {
        CAPTURE(std::string(row.what));
        CHECK(office.connects_after(with(row.change)) >= 1);
        const auto& last = office.broker.options.back();
        CHECK(last.client_id.find("police") == std::string::npos); // the other one was left alone
        CHECK(office.connects_after(base) >= 1);                   // and back
    }
    auto secret = secrets();
    secret.by_name["district-password"] = "changed";
    CHECK(office.connects_after(base, secret) >= 1);
    CHECK(office.broker.options.back().password == "changed");
    CHECK(office.connects_after(base) >= 1);
    auto moved = base;
    moved.gateway.compound = "c-2";
    CHECK(office.connects_after(moved) >= 1);
    moved.gateway.id = "gw-8";
    CHECK(office.connects_after(moved) >= 1);
    CHECK(office.connects_after(moved) == 0);
}

TEST_CASE("upstreams: one that left the settings ends, and holds nothing back any more") {
    Office office;
    auto settings = settings_of(whole_file);
    office.begin(settings);
    REQUIRE(office.upstreams->named("police") != nullptr);
    auto cursors = office.world.await(office.world.store->cursors());
    REQUIRE(cursors.has_value());
    CHECK(cursors->contains("upstream/police/routine"));
    settings.upstreams.pop_back();
    CHECK(office.connects_after(settings) == 0);
    CHECK(office.upstreams->named("police") == nullptr);
    CHECK(office.upstreams->all().size() == 1);
    cursors = office.world.await(office.world.store->cursors());
    for (const auto& [reader, cursor] : *cursors) CHECK_FALSE(reader.starts_with("upstream/police/"));
    CHECK(cursors->contains("upstream/district/routine"));
}

TEST_CASE("upstreams: one whose password is missing does not keep the others waiting") {
    Office office;
    const auto settings = settings_of(whole_file);
    office.begin(settings);
    office.upstreams->change(settings, config::Secrets());
    office.world.clock.run_for(5s);
    CHECK(office.upstreams->named("district") == nullptr);
    REQUIRE(office.upstreams->named("police") != nullptr);
    CHECK(office.upstreams->named("police")->status().state == sync::UpstreamStatus::State::online);
}

TEST_CASE("upstreams: a new epoch begins every link anew") {
    Office office;
    office.begin(settings_of(whole_file));
    const auto before = office.broker.connects;
    office.upstreams->begin_anew();
    office.world.clock.run_for(10s);
    CHECK(office.broker.connects >= before + 2);
    CHECK(office.upstreams->all().size() == 2);
}

TEST_CASE("upstreams: an alarm that the disk refused goes up on each entitled upstream, marked volatile, under its id") {
    Office office;
    auto settings = settings_of(whole_file);
    office.begin(settings);
    Record alarm;
    alarm.kind = Kind::door_forced;
    alarm.heard_at = office.world.clock.now();
    alarm.source = "doors-1";
    alarm.facts = {{"door", 1}};
    alarm.id = "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d";
    office.upstreams->send_volatile(alarm);
    office.world.clock.run_for(1s);
    const auto up = office.broker.payloads_on("alarms/gw-7/district");
    REQUIRE(up.size() == 1);
    CHECK(up[0].find(alarm.id) != std::string::npos);
    CHECK(up[0].find("\"volatile\":\"true\"") != std::string::npos);
    CHECK(up[0].find("\"sequence\"") == std::string::npos);
    CHECK(office.broker.payloads_on("gatehouse/v1/gw-7/urgent").empty()); // the police is entitled to nothing
}

TEST_CASE("upstreams: the catalogue goes up again when a device changes its state") {
    Office office;
    std::string state = "offline";
    registry::Device camera;
    camera.info.id = "cam-1";
    camera.info.driver = "isapi";
    camera.info.address = {"192.168.50.31", 80};
    REQUIRE(office.world.await(office.registry->put_device(camera, {"admin", ""})).has_value());
    office.begin(settings_of(least("mqtt://h")));
    office.upstreams->set_device_state([&](const std::string&) { return state; });
    office.world.clock.run_for(10s);
    const auto count = office.broker.payloads_on("gatehouse/v1/gw-7/catalogue").size();
    CHECK(count >= 1);
    office.world.clock.run_for(1min);
    CHECK(office.broker.payloads_on("gatehouse/v1/gw-7/catalogue").size() == count);
    state = "online";
    office.world.clock.run_for(10s);
    const auto all = office.broker.payloads_on("gatehouse/v1/gw-7/catalogue");
    REQUIRE(all.size() == count + 1);
    CHECK(all.back().find("\"state\":\"online\"") != std::string::npos);
    CHECK(all.back().find("192.168.50.31") == std::string::npos);
}
