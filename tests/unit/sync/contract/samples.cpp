// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sync/contract/samples.hpp"

#include "daemon/registry/device.hpp"
#include "sync/printing.hpp"
#include "sync/requests.hpp"
#include "sync/schemas.hpp"
#include "tests/unit/sync/contract/scenes.hpp"
#include "tests/unit/sync/mqtt/stage.hpp"

namespace gatehouse::golden {

namespace {

using namespace std::chrono_literals;
using sync::MemoryStore;
using sync::mqtt::Stage;
namespace schema_of = sync::schema_of;

// --- The world of the samples ----------------------------------------------------------------------------------------------------

json::object object_of(std::string_view text) {
    if (text.empty()) return {};
    auto parsed = parse_json(text);
    REQUIRE_MESSAGE(parsed.has_value(), text);
    return std::move(parsed->get_object());
}

Record record_of(const Scene& scene, Time now) {
    Record record;
    record.kind = scene.kind;
    record.heard_at = now;
    if (scene.device != "gateway" && scene.clock != ClockState::unsynced)
        record.happened_at = std::chrono::floor<std::chrono::seconds>(now) + std::chrono::seconds(scene.offset_s);
    record.clock = scene.clock;
    if (scene.clock == ClockState::skewed) record.clock_offset_us = scene.offset_s * 1'000'000;
    record.source = scene.device;
    record.place = scene.place;
    record.facts = object_of(scene.facts);
    record.subject = scene.subject;
    record.details = object_of(scene.details);
    for (const auto role : scene.pictures) record.pictures.push_back({role, std::make_shared<Bytes>(jpeg_of(role))});
    const auto checked = check_record(record);
    REQUIRE_MESSAGE(checked.has_value(), scene.file);
    return record;
}

const Scene& scene_named(std::string_view file) {
    for (const auto& scene : scenes())
        if (scene.file == file) return scene;
    FAIL("no scene ", file);
    return scenes().front();
}

sync::Rule everything() {
    sync::Rule rule;
    rule.kinds = {"*"};
    rule.subjects = sync::mqtt::a_basis();
    rule.details = {{"*", sync::mqtt::a_basis()}};
    for (const auto role : {PictureRole::scene, PictureRole::face, PictureRole::plate}) rule.pictures.push_back({role, sync::mqtt::a_basis()});
    return rule;
}

json::array devices() {
    json::array shown;
    registry::Device camera;
    camera.info.id = "cam-1";
    camera.info.driver = "isapi";
    camera.info.model = "DS-TCG205-B";
    camera.info.place = "gate-1";
    camera.info.address = {"192.168.50.21", 80};
    camera.info.outlets = {{1, "lane-1", "in"}};
    camera.name = "东门入口相机";
    camera.identity.national_id = "33010600001320000001";
    camera.identity.longitude = 120.125;
    camera.identity.latitude = 30.25;
    camera.identity.datum = "CGCS2000";
    camera.identity.direction = "west";
    camera.identity.indoor = false;
    camera.identity.installed_on = "2025-11-03";
    camera.identity.keeper = "某某物业服务有限公司";
    shown.push_back(registry::to_json(camera, false));
    registry::Device controller;
    controller.info.id = "ctl-1";
    controller.info.driver = "uhppote";
    controller.info.model = "UT0311-L04";
    controller.info.serial = 425316788;
    controller.info.place = "gate-1";
    controller.info.address = {"192.168.50.31", 60000};
    controller.info.outlets = {{1, "door-1", "in"}, {2, "door-2", "in"}};
    controller.name = "东门控制器";
    shown.push_back(registry::to_json(controller, false));
    return shown;
}

json::array places() {
    json::array shown;
    registry::Place compound{"c-1", "compound", "西湖家园", "", "", {}, {}, {}};
    compound.identity.police_unit = "330106520000";
    compound.identity.area = "330106";
    compound.identity.address_code = "330106003012";
    shown.push_back(registry::to_json(compound));
    for (const auto& [id, kind, name, parent] : {std::array{"gate-1", "gate", "东门", "c-1"},
                                                 {"lane-1", "lane", "东门入口车道", "gate-1"},
                                                 {"door-1", "door", "东门人行门", "gate-1"},
                                                 {"door-2", "door", "3 幢 1 单元门", "c-1"}})
        shown.push_back(registry::to_json(registry::Place{id, kind, name, parent, "", {}, {}, {}}));
    return shown;
}

// As Upstreams puts it together.
std::string catalogue_text(Time now) {
    auto with_state = devices();
    for (auto& device : with_state) device.as_object()["state"] = "online";
    json::object catalogue{{"places", places()}, {"devices", std::move(with_state)}};
    catalogue["gateway"] = "gw-7";
    catalogue["compound"] = "c-1";
    catalogue["at"] = to_text(now);
    return json::serialize(catalogue);
}

Task<Result<std::string>> snapshot_page(std::string, std::uint64_t, std::string) {
    auto items = devices();
    for (auto& item : items) item.as_object()["version"] = 1;
    json::object page{{"items", std::move(items)}, {"next", "2"}};
    co_return json::serialize(page);
}

// What daemon/app/clips.hpp says.
Task<Result<std::string>> clip_answer(std::string, json::object args) {
    constexpr auto manifest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const auto clip = text_at(args, "clip").value_or("0192f5c4-2222-7000-8000-000000000001");
    if (args.contains("offset")) {
        json::object piece{{"clip", clip}, {"manifest", manifest}, {"offset", 0}, {"bytes", 41984}, {"data", "bWFuaWZlc3QuanNvbg=="}};
        co_return json::serialize(piece);
    }
    const json::object state{{"clip", clip}, {"state", "waiting"}, {"until", "2026-01-22T00:30:00.000000Z"}};
    co_return json::serialize(state);
}

// --- Looking at what was published -----------------------------------------------------------------------------------------------

class Recorder {
public:
    explicit Recorder(std::vector<Sample>& samples) : samples_(samples) {}

    Sample& add(std::string file, std::string_view channel, std::string_view message, std::string_view schema, const net::MqttMessage& published,
                std::string_view what, std::string_view source) {
        Sample sample;
        sample.file = std::move(file);
        sample.channel = channel;
        sample.message = message;
        sample.schema = schema;
        sample.text = published.payload;
        sample.what = what;
        sample.source = source;
        sample.published = published;
        samples_.push_back(std::move(sample));
        return samples_.back();
    }
    void add_down(std::string file, std::string_view channel, std::string_view message, std::string_view schema, std::string text,
                  std::string_view what) {
        net::MqttMessage received;
        received.payload = std::move(text);
        add(std::move(file), channel, message, schema, received, what, "sync/README.md, made by a platform's hand").is_down = true;
    }
    /// A single event.
    void add_event(std::string_view file, const net::MqttMessage& published, std::string_view what, std::string_view source) {
        const bool is_urgent = published.topic == Stage::topic("urgent");
        add("events/" + std::string(file) + ".json", is_urgent ? "urgent" : "records", is_urgent ? "urgent_event" : "event", schema_of::event,
            published, what, source);
    }
    void add_picture(std::string_view file, const net::MqttMessage& published, std::string_view what) {
        json::object properties;
        for (const auto& [name, value] : published.user_properties) properties[name] = value;
        json::object shown{{"content_type", published.content_type},
                           {"user_properties", std::move(properties)},
                           {"payload", to_base64(as_bytes(published.payload))}};
        auto& sample = add("pictures/" + std::string(file) + ".json", "pictures", published.payload.empty() ? "no_picture" : "picture",
                           schema_of::picture_properties, published, what, "an 8 by 8 JPEG made for the test, ITU-T T.81");
        sample.text = sync::to_pretty(shown);
        sample.text.pop_back();
    }

private:
    std::vector<Sample>& samples_;
};

std::vector<net::MqttMessage> published_on(const Stage& stage, std::string_view leaf, std::size_t after = 0) {
    std::vector<net::MqttMessage> found;
    for (std::size_t i = after; i < stage.broker.published.size(); ++i)
        if (const auto& message = stage.broker.published[i].message; message.topic == Stage::topic(leaf)) found.push_back(message);
    return found;
}

const net::MqttMessage& only_one(const std::vector<net::MqttMessage>& messages) {
    REQUIRE(messages.size() == 1);
    return messages.front();
}

/// The first message of the lane that holds this event alone.
net::MqttMessage event_at(const Stage& stage, std::uint64_t position, std::size_t after = 0) {
    for (const auto* leaf : {"records", "urgent"})
        for (const auto& message : published_on(stage, leaf, after))
            if (Stage::events_in(message.payload).front().sequence == position) return message;
    FAIL("no event ", position);
    return {};
}

std::string property_of(const net::MqttMessage& message, std::string_view name) {
    for (const auto& [key, value] : message.user_properties)
        if (key == name) return value;
    return {};
}

net::MqttMessage picture_at(const Stage& stage, std::uint64_t position, std::string_view index, std::size_t after = 0) {
    for (const auto& message : published_on(stage, "pictures", after))
        if (sync::mqtt::number_of(property_of(message, "sequence")) == position && property_of(message, "index") == index) return message;
    FAIL("no picture of ", position);
    return {};
}

void hold_all(Stage& stage, std::string_view epoch = MemoryStore::epoch_1) {
    for (const auto lane : {Lane::urgent, Lane::routine, Lane::pictures})
        if (const auto sent = stage.lane_status(lane).sent; sent > 0) stage.held(1, sent, name_of(lane), epoch);
}

// --- Requests --------------------------------------------------------------------------------------------------------------------

std::string request_text(const Stage& stage, std::string_view id, std::string_view verb, std::string_view args) {
    sync::Request request;
    request.id = id;
    request.verb = verb;
    request.args_text = args;
    request.issued_at_text = to_text(stage.clock.now());
    request.expires_at_text = to_text(stage.clock.now() + 10s);
    const auto signature = to_base64(stage.platform.sign(sync::request_statement(request, "gw-7")));
    return R"({"id":")" + request.id + R"(","verb":")" + request.verb + R"(","args":)" + request.args_text + R"(,"issued_at":")" +
           request.issued_at_text + R"(","expires_at":")" + request.expires_at_text + R"(","signature":")" + signature + "\"}";
}

std::string range_text(std::string_view lane, std::uint64_t first, std::uint64_t last) {
    return R"({"lane":")" + std::string(lane) + R"(","first":)" + std::to_string(first) + R"(,"last":)" + std::to_string(last) + "}";
}

/// Asks and waits; answers what came on the response topic.
net::MqttMessage ask(Stage& stage, std::string text) {
    const auto before = stage.broker.published.size();
    net::MqttMessage request;
    request.topic = Stage::topic("requests");
    request.payload = std::move(text);
    request.correlation_data = "c-42";
    stage.broker.deliver(std::move(request));
    stage.run(500ms);
    return only_one(published_on(stage, "responses", before));
}

// --- The stories -----------------------------------------------------------------------------------------------------------------

/// Everything entitled, one event a message: each kind once, then what comes of erasing, asking, a new epoch and a narrower entitlement.
class WholeStory {
public:
    explicit WholeStory(Recorder& to) : to_(to) {
        stage_.settings.batch_records_max = 1;
        stage_.settings.entitlement.rules = {everything()};
        stage_.settings.entitlement.snapshots = {"devices", "places"};
        stage_.catalogue = catalogue_text(stage_.clock.now());
        stage_.snapshot = snapshot_page;
        stage_.clip = clip_answer;
    }
    void tell() {
        stage_.start();
        to_.add("status/online.json", "status", "online", schema_of::online, only_one(published_on(stage_, "status")), "the gateway is there",
                "sync/README.md W2");
        to_.add("catalogue/catalogue.json", "catalogue", "catalogue", schema_of::catalogue, only_one(published_on(stage_, "catalogue")),
                "places and devices", "sync/README.md W3; identities synthetic, after GB/T 28181 annex E and GB/T 2260");
        kinds();
        pictures();
        lane_digests();
        requests();
        erasure();
        volatile_alarm();
        new_epoch();
        narrower();
    }

private:
    void kinds() {
        for (const auto& scene : scenes()) {
            positions_[scene.file] = stage_.store.write(record_of(scene, stage_.clock.now()));
            stage_.run(250ms);
        }
        const auto digest = stage_.store.write(gateway_digest());
        stage_.run(1s);
        for (const auto& scene : scenes())
            to_.add_event(scene.file, event_at(stage_, positions_[scene.file]), scene.what.empty() ? spec_of(scene.kind).title_en : scene.what,
                          scene.source);
        to_.add_event("digest", event_at(stage_, digest), "the gateway's own hourly digest", "daemon/store/README.md S7");
        hold_all(stage_);
    }

    /// As the store writes it.
    Record gateway_digest() {
        const auto head = stage_.store.head();
        const auto seal = to_hex(head.seal);
        const auto previous = std::string(64, '0');
        const auto at = to_text(stage_.clock.now());
        const auto statement =
            "gatehouse digest 1\n" + head.epoch + "\n1\n" + std::to_string(head.position) + "\n" + seal + "\n" + previous + "\n" + at;
        Record record;
        record.kind = Kind::digest;
        record.heard_at = stage_.clock.now();
        record.source = "gateway";
        record.facts = {{"epoch", head.epoch},
                        {"first", 1},
                        {"last", head.position},
                        {"seal", seal},
                        {"previous", previous},
                        {"key", to_base64(stage_.signing.public_key())},
                        {"signature", to_base64(stage_.signing.sign(statement))},
                        {"at", at}};
        return record;
    }

    void pictures() {
        const auto pass = positions_["pass.granted"], car = positions_["vehicle.entered"];
        to_.add_picture("face", picture_at(stage_, pass, "0"), "the face, first of a pass's two pictures");
        to_.add_picture("scene", picture_at(stage_, pass, "1"), "the second");
        to_.add_picture("plate", picture_at(stage_, car, "1"), "a car's plate");
    }

    void lane_digests() {
        const auto before = stage_.broker.published.size();
        stage_.run(1h);
        for (const auto& message : published_on(stage_, "records", before)) {
            const auto event = Stage::events_in(message.payload).front();
            const auto lane = std::string(text_at(event.data().at("facts").get_object(), "lane").value_or(""));
            to_.add_event("digest." + lane, message, "the lane digest of " + lane, "sync/README.md W10");
        }
        hold_all(stage_);
    }

    void requests() {
        const auto first = positions_["pass.granted"], last = positions_["vehicle.entered"];
        auto text = request_text(stage_, "0192f5c4-1111-7000-8000-000000000001", "resend", range_text("routine", first, last));
        to_.add_down("requests/resend.json", "requests", "request", schema_of::request, text, "send events of a range again");
        answer("resend", text, "how many will come");
        answer("refused_repeated", text, "the same request again");
        text = request_text(stage_, "0192f5c4-1111-7000-8000-000000000002", "digest", range_text("routine", first, last));
        to_.add_down("requests/digest.json", "requests", "request", schema_of::request, text, "sign the digest of a range");
        answer("digest", text, "a signed digest");
        text = request_text(stage_, "0192f5c4-1111-7000-8000-000000000003", "snapshot", R"({"class":"devices","at":0,"page":""})");
        to_.add_down("requests/snapshot.json", "requests", "request", schema_of::request, text, "all devices, the first page");
        answer("snapshot", text, "a page of devices");
        text = request_text(stage_, "0192f5c4-1111-7000-8000-000000000005", "clip",
                            R"({"case":"杭公〔2026〕17","officers":["330100-1","330100-2"],"camera":"gate-1","from":"2026-01-15T08:00:00+08:00",)"
                            R"("to":"2026-01-15T08:05:00+08:00","purpose":"theft of a bicycle"})");
        to_.add_down("requests/clip.json", "requests", "request", schema_of::request, text, "ask for a recording");
        answer("clip", text, "it waits for the compound");
        text = request_text(stage_, "0192f5c4-1111-7000-8000-000000000006", "clip",
                            R"({"clip":"0192f5c4-2222-7000-8000-000000000001","offset":0,"bytes_max":4096})");
        to_.add_down("requests/clip_piece.json", "requests", "request", schema_of::request, text, "fetch a piece of one that was approved");
        answer("clip_piece", text, "bytes of the signed tar");
        text = request_text(stage_, "0192f5c4-1111-7000-8000-000000000004", "person", R"({"card":"10058399"})");
        answer("unsupported", text, "a verb that there is not: nobody looks up a card");
        answer("malformed", "{\"id\":", "bytes that are no request");
    }
    void answer(const std::string& file, std::string to, std::string_view what) {
        to_.add("answers/" + file + ".json", "responses", "answer", schema_of::answer, ask(stage_, std::move(to)), what, "sync/README.md W11");
    }

    net::MqttMessage again(std::uint64_t position) {
        const auto before = stage_.broker.published.size();
        ask(stage_, request_text(stage_, "again-" + std::to_string(++asked_), "resend", range_text("routine", position, position)));
        return event_at(stage_, position, before);
    }
    std::size_t pictures_again(std::uint64_t position) {
        const auto before = stage_.broker.published.size();
        ask(stage_, request_text(stage_, "again-" + std::to_string(++asked_), "resend", range_text("pictures", position, position)));
        return before;
    }

    void erasure() {
        const auto pass = positions_["pass.granted"], car = positions_["vehicle.entered"];
        to_.add_event("pass.granted.again", again(pass), "sent again: the same bytes", "sync/README.md W8");
        stage_.store.erase(pass);
        to_.add_event("pass.granted.revised_erased", again(pass), "sent again after its subject was erased", "sync/README.md W8");
        auto since = pictures_again(pass);
        to_.add_picture("erased", picture_at(stage_, pass, "0", since), "nothing: the subject was erased");
        since = pictures_again(car); // the two records have the scene's bytes in common, and these went with the first
        to_.add_picture("expired", picture_at(stage_, car, "0", since), "nothing: the picture is not kept any more");
    }

    void volatile_alarm() {
        const auto before = stage_.broker.published.size();
        auto alarm = record_of(scene_named("panic.pressed"), stage_.clock.now());
        alarm.id = "0192f5c4-2222-7000-8000-000000000001";
        REQUIRE(stage_.upstream->send_volatile(alarm));
        stage_.run(100ms);
        to_.add_event("panic.pressed.volatile", only_one(published_on(stage_, "urgent", before)), "an alarm that could not be stored",
                      "sync/README.md W13");
        const auto stored = stage_.store.write(std::move(alarm));
        stage_.run(100ms);
        to_.add_event("panic.pressed.stored", event_at(stage_, stored), "the same alarm under the same id, when the disk was back",
                      "sync/README.md W13");
    }

    void new_epoch() {
        hold_all(stage_);
        stage_.store.new_epoch(MemoryStore::epoch_2);
        const auto head = stage_.store.head().position;
        Record started;
        started.kind = Kind::gateway_started;
        started.source = "gateway";
        started.facts = {
            {"version", "0.1.0"}, {"epoch", MemoryStore::epoch_2}, {"cause", "restored"}, {"previous_epoch", MemoryStore::epoch_1}, {"head", head}};
        const auto first = stage_.store.write(std::move(started));
        Record gap;
        gap.kind = Kind::gap;
        gap.source = "gateway";
        gap.facts = {{"of", "gateway"}, {"cause", "restored"}, {"epoch", MemoryStore::epoch_1}, {"first", head + 1}, {"count_known", false}};
        const auto second = stage_.store.write(std::move(gap));
        stage_.run(1s);
        to_.add_event("gateway.started.new_epoch", event_at(stage_, first),
                      "the first event of a new epoch: previous names a position of the one before", "daemon/store/README.md S2; sync/README.md W6");
        to_.add_event("gap.restored", event_at(stage_, second), "what a restore may have lost", "daemon/store/backup.cpp");
        const auto before = stage_.broker.published.size();
        stage_.broker.drop_all();
        stage_.run(5s);
        const auto status = published_on(stage_, "status", before);
        REQUIRE(status.size() == 2);
        to_.add("status/offline.json", "status", "offline", schema_of::offline, status[0], "the broker lost the gateway", "sync/README.md W2");
        to_.add("status/online.new_epoch.json", "status", "online", schema_of::online, status[1], "back, after a restore", "sync/README.md W2");
    }

    void narrower() {
        stage_.stop();
        sync::Rule cars;
        cars.kinds = {"vehicle.*"};
        stage_.settings.entitlement.rules = {cars};
        stage_.start();
        stage_.run(5s);
        to_.add_event("vehicle.entered.revised_entitlement", again(positions_["vehicle.entered"]),
                      "sent again under a narrower entitlement: plate and pictures stay home", "sync/README.md W8, W12");
        to_.add_event("door.opened.withheld", again(positions_["door.opened"]), "a bare envelope: its kind is withheld today, and the chain holds",
                      "sync/README.md W4, W12");
    }

    Recorder& to_;
    Stage stage_;
    std::map<std::string_view, std::uint64_t> positions_;
    int asked_ = 0;
};

void tell_batches(Recorder& to) {
    Stage stage;
    stage.settings.entitlement.rules = {everything()};
    stage.start();
    stage.run(1s);
    const auto before = stage.broker.published.size();
    for (const auto* file : {"pass.granted", "door.forced", "vehicle.entered", "fire.alarm", "gap"})
        stage.store.write(record_of(scene_named(file), stage.clock.now()));
    stage.run(1s);
    to.add("batches/routine.json", "records", "event_batch", schema_of::batch, only_one(published_on(stage, "records", before)),
           "three events in one message", "CloudEvents 1.0 JSON batch; records as in events/");
    to.add("batches/urgent.json", "urgent", "urgent_batch", schema_of::batch, only_one(published_on(stage, "urgent", before)),
           "two urgent ones, of positions between those", "CloudEvents 1.0 JSON batch; records as in events/");
    auto alarm = record_of(scene_named("duress.raised"), stage.clock.now());
    alarm.id = "0192f5c4-2222-7000-8000-000000000002";
    const auto after = stage.broker.published.size();
    REQUIRE(stage.upstream->send_volatile(alarm));
    stage.run(100ms);
    to.add("batches/volatile.json", "urgent", "urgent_batch", schema_of::batch, only_one(published_on(stage, "urgent", after)),
           "an alarm that could not be stored", "sync/README.md W13");
}

void tell_narrow(Recorder& to) {
    Stage stage;
    stage.settings.batch_records_max = 1;
    auto& rule = stage.rule();
    rule.kinds = {"pass.*", "vehicle.*"};
    rule.facts = {"direction", "lane", "door"};
    stage.start();
    const auto pass = stage.store.write(record_of(scene_named("pass.granted"), stage.clock.now()));
    stage.store.write(record_of(scene_named("door.opened"), stage.clock.now()));
    const auto car = stage.store.write(record_of(scene_named("vehicle.entered"), stage.clock.now()));
    stage.run(1s);
    to.add_event("pass.granted.narrow", event_at(stage, pass), "a platform that may have kind, door and direction alone", "sync/README.md W12");
    to.add_event("vehicle.entered.narrow", event_at(stage, car), "the same platform: previous passes over a kind that it does not get",
                 "sync/README.md W6, W12");
}

void tell_large_picture(Recorder& to) {
    Stage stage;
    stage.settings.entitlement.rules = {everything()};
    stage.broker.packet_bytes_max = 64 * 1024;
    stage.start();
    auto record = record_of(scene_named("vehicle.left"), stage.clock.now());
    auto large = jpeg_of(PictureRole::plate);
    large.resize(80 * 1024);
    record.pictures.push_back({PictureRole::plate, std::make_shared<Bytes>(std::move(large))});
    const auto position = stage.store.write(std::move(record));
    stage.run(1s);
    to.add_picture("too_large", picture_at(stage, position, "0"), "nothing: larger than the broker's packets");
}

void tell_old_protocol(Recorder& to) {
    Stage stage;
    stage.settings.entitlement.rules = {everything()};
    stage.settings.mqtt = net::MqttVersion::v3_1_1;
    stage.start();
    stage.store.write(record_of(scene_named("vehicle.entered"), stage.clock.now()));
    stage.run(1s);
    const auto published = published_on(stage, "pictures");
    REQUIRE(published.size() == 2);
    to.add("pictures/mqtt_3_1_1.json", "pictures", "picture_3_1_1", schema_of::picture_3_1_1, published[1], "a plate over MQTT 3.1.1",
           "sync/README.md W9");
}

void tell_one_way(Recorder& to) {
    Stage stage;
    stage.settings.receipts = sync::ReceiptMode::none;
    stage.start();
    stage.store.write(record_of(scene_named("door.forced"), stage.clock.now()));
    stage.run(16h);
    REQUIRE(stage.count_files.size() == 1);
    net::MqttMessage file;
    file.payload = stage.count_files.front().second;
    to.add("receipts/count_file.json", "", "", schema_of::count_file, file, "mode none: a day's count file, carried by hand", "sync/README.md W7");
}

void tell_receipts(Recorder& to) {
    const auto head = R"({"epoch":")" + std::string(MemoryStore::epoch_1) + R"(","lane":")";
    to.add_down("receipts/ranges.json", "receipts", "receipt_ranges", schema_of::receipt_ranges, head + R"(routine","held":[[1,9],[12,40]]})",
                "mode ranges: all but what lies between");
    to.add_down("receipts/ranges.refused.json", "receipts", "receipt_ranges", schema_of::receipt_ranges,
                head + R"(urgent","held":[[1,9]],"refused":[{"position":12,"reason":"unknown place"}]})", "mode ranges, with a refusal beside it");
    to.add_down("receipts/cumulative.json", "receipts", "receipt_cumulative", schema_of::receipt_cumulative, head + R"(pictures","through":40})",
                "mode cumulative: all up to 40");
    to.add_down("receipts/refused.json", "receipts", "receipt_refused", schema_of::receipt_refused,
                head + R"(routine","refused":[{"position":12,"reason":"unknown place"}]})",
                "mode puback: PUBACK is the receipt, a refusal still counts");
    to.add_down("receipts/refused.none.json", "receipts", "receipt_refused", schema_of::receipt_refused,
                head + R"(routine","refused":[{"position":17,"reason":"不属于本辖区"}]})", "mode none: the same");
}

} // namespace

std::vector<Sample> make_samples() {
    std::vector<Sample> samples;
    samples.reserve(200); // Recorder::add answers a reference
    Recorder to(samples);
    WholeStory(to).tell();
    tell_batches(to);
    tell_narrow(to);
    tell_large_picture(to);
    tell_old_protocol(to);
    tell_one_way(to);
    tell_receipts(to);
    return samples;
}

std::string file_of(Kind kind) { return "events/" + std::string(name_of(kind)) + ".json"; }

} // namespace gatehouse::golden
