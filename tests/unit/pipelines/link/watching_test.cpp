// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/codec.hpp"
#include "pipelines/link/sights.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::pipelines;

namespace {

using Options = std::map<std::string, std::string>;

Result<WatchRules> rules_of(const Options& options) { return watch_rules_of(options, false, "/var/lib/gatehouse/models"); }

Saw a_sight(Sight what, std::string name) {
    return {what, std::move(name), from_us(1'768'437'000'000'000), from_us(1'768'437'003'000'000), Bytes{0xff, 0xd8, 1, 2, 0xff, 0xd9}};
}

} // namespace

TEST_CASE("watching: zones, masks, lines and a model are read from a camera's options") {
    const auto rules = rules_of({{"watch", "on"},
                                 {"persons", "on"},
                                 {"zone.消防通道", "0.1,0.2 0.9,0.2 0.5,1; dwell 300; sensitivity 0.7"},
                                 {"mask.street", "0,0 1,0 1,0.2 0,0.2"},
                                 {"line.gate", "0.1,0.5 0.9,0.5; allowed to_left"},
                                 {"model", "yolo.onnx"},
                                 {"model_size", "320x240"},
                                 {"model_layout", "rows"},
                                 {"model_classes", "0:person, 2:car"},
                                 {"model_score", "0.6"},
                                 {"path", "/main"}});
    REQUIRE(rules.has_value());
    CHECK(rules->on);
    CHECK(rules->persons);
    REQUIRE(rules->zones.size() == 1);
    CHECK(rules->zones[0] == WatchZone{"消防通道", {{0.1, 0.2}, {0.9, 0.2}, {0.5, 1}}, 0.7, 300});
    CHECK(rules->masks == std::vector<WatchArea>{{{0, 0}, {1, 0}, {1, 0.2}, {0, 0.2}}});
    CHECK(rules->lines == std::vector<WatchLine>{{"gate", {0.1, 0.5}, {0.9, 0.5}, WatchWay::to_left}});
    CHECK(rules->model == WatchModel{"/var/lib/gatehouse/models/yolo.onnx", 320, 240, ModelLayout::rows, {{0, "person"}, {2, "car"}}, 0.6});
    const auto none = rules_of({});
    REQUIRE(none.has_value());
    CHECK(*none == WatchRules());
    CHECK(watch_rules_of({}, true, "")->on);
    CHECK_FALSE(watch_rules_of({{"watch", "off"}}, true, "")->on);
}

TEST_CASE("watching: an option out of its bounds is refused by name") {
    const std::string square = "0,0 1,0 1,1 0,1";
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"watch", "yes"},
                                                                                      {"persons", "1"},
                                                                                      {"zone.a", "0,0 1,1"},
                                                                                      {"zone.a", "0,0 1,0 1,1.2"},
                                                                                      {"zone.a", "0,0 1,0 1,nan"},
                                                                                      {"zone.a", square + "; dwell 90000"},
                                                                                      {"zone.a", square + "; sensitivity 2"},
                                                                                      {"zone.a", square + "; colour red"},
                                                                                      {"zone.a", "nonsense"},
                                                                                      {"zone.", square},
                                                                                      {"zone." + std::string(65, 'a'), square},
                                                                                      {"mask.a", square + "; dwell 3"},
                                                                                      {"line.a", "0,0 1,1 0,1"},
                                                                                      {"line.a", "0,0 0.01,0"},
                                                                                      {"line.a", "0,0 1,1; allowed up"},
                                                                                      {"model", "../yolo.onnx"},
                                                                                      {"model", "/etc/passwd"},
                                                                                      {"model", "yolo.onnx"},
                                                                                      {"model_size", "0x640"},
                                                                                      {"model_size", "641x640"},
                                                                                      {"model_layout", "grid"},
                                                                                      {"model_classes", "car"},
                                                                                      {"model_classes", "300:car"},
                                                                                      {"model_score", "two"}}) {
        CAPTURE(name);
        CAPTURE(value);
        const auto rules = rules_of({{name, value}});
        REQUIRE_FALSE(rules.has_value());
        CHECK(rules.error().fault() == Fault::malformed);
        CHECK(std::string(rules.error().what()).find("option " + name.substr(0, 4)) != std::string::npos);
    }
    Options many;
    for (std::size_t i = 0; i <= watch_lines_max; ++i) many["line." + std::to_string(i)] = "0,0 1,1";
    CHECK_FALSE(rules_of(many).has_value());
}

TEST_CASE("watching: rules and sights cross the link whole, and what is no picture is refused") {
    Configuration configuration;
    configuration.folder = "/recordings/gate-cam-1";
    configuration.watch = *rules_of({{"watch", "on"},
                                     {"zone.a", "0,0 1,0 1,1"},
                                     {"line.b", "0,0 1,1; allowed to_right"},
                                     {"mask.c", "0,0 1,0 1,1"},
                                     {"model", "m.onnx"},
                                     {"model_classes", "7:car"}});
    auto frame = frame_of(Down(configuration));
    auto down = decode_down(ByteView(frame).subspan(frame_header_bytes));
    REQUIRE(down.has_value());
    CHECK(std::get<Configuration>(*down) == configuration);
    configuration.watch.zones[0].sensitivity = 2;
    frame = frame_of(Down(configuration));
    CHECK_FALSE(decode_down(ByteView(frame).subspan(frame_header_bytes)).has_value());

    auto saw = a_sight(Sight::wrong_way, "gate");
    frame = frame_of(Up(saw));
    auto up = decode_up(ByteView(frame).subspan(frame_header_bytes));
    REQUIRE(up.has_value());
    CHECK(std::get<Saw>(*up) == saw);
    saw.picture = {0x89, 'P', 'N', 'G', 0};
    frame = frame_of(Up(saw));
    CHECK_FALSE(decode_up(ByteView(frame).subspan(frame_header_bytes)).has_value());
    saw.picture.clear();
    saw.name = std::string(65, 'a');
    frame = frame_of(Up(saw));
    CHECK_FALSE(decode_up(ByteView(frame).subspan(frame_header_bytes)).has_value());
}

TEST_CASE("watching: each sight is a record of its kind, with its facts and its picture, and names nobody") {
    struct Row {
        Sight what;
        std::string name;
        Kind kind;
        std::string fact, value;
    };
    for (const auto& row :
         {Row{Sight::motion_started, "lane", Kind::motion_started, "zone", "lane"},
          Row{Sight::motion_ended, "", Kind::motion_ended, "to", "2026-01-15T00:30:03.000000Z"},
          Row{Sight::lost, "covered", Kind::camera_covered, "camera", "gate-cam-1"},
          Row{Sight::lost, "blurred", Kind::alarm_raised, "code", "camera_blurred"},
          Row{Sight::lost, "frozen", Kind::alarm_raised, "code", "camera_frozen"},
          Row{Sight::restored, "covered", Kind::alarm_cleared, "code", "camera_covered"},
          Row{Sight::person, "", Kind::person_seen, "camera", "gate-cam-1"}, Row{Sight::object, "dog", Kind::device_event, "values", "dog"},
          Row{Sight::dwell_reached, "lane", Kind::alarm_raised, "zone", "lane"},
          Row{Sight::dwell_ended, "lane", Kind::alarm_cleared, "code", "dwell"},
          Row{Sight::line_crossed, "fence", Kind::perimeter_crossed, "zone", "fence"},
          Row{Sight::wrong_way, "gate", Kind::alarm_raised, "code", "wrong_way"}}) {
        CAPTURE(static_cast<int>(row.what));
        CAPTURE(row.name);
        Record base;
        base.source = "gate-cam-1";
        const auto record = record_of(a_sight(row.what, row.name), "gate-cam-1", base);
        CHECK(record.kind == row.kind);
        REQUIRE(record.facts.contains(row.fact));
        CHECK(record.facts.at(row.fact).as_string() == row.value);
        CHECK(record.happened_at == from_us(1'768'437'003'000'000));
        CHECK(record.subject.empty());
        CHECK(record.details.empty());
        REQUIRE(record.pictures.size() == 1);
        CHECK(record.pictures[0].role == PictureRole::scene);
        const auto good = check_record(record);
        CHECK_MESSAGE(good.has_value(), (good ? std::string() : std::string(good.error().what())));
    }
}
