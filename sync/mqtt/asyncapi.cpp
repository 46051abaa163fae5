// SPDX-License-Identifier: Apache-2.0
#include "sync/mqtt/asyncapi.hpp"

#include "sync/mqtt/settings.hpp"
#include "sync/mqtt/topics.hpp"
#include "sync/printing.hpp"
#include "sync/schemas.hpp"

#include <array>

namespace gatehouse::sync::mqtt {

namespace {

enum class Direction { up, down };

/// A message: its name here and below components, what it is, and the schema of its payload (none: the payload is a JPEG, or nothing).
struct MessageRow {
    std::string_view name, channel, title, summary, content_type, schema, samples;
};

constexpr std::string_view json_type = "application/json", one_event = "application/cloudevents+json",
                           batch_of_events = "application/cloudevents-batch+json";

constexpr std::array message_rows{
    MessageRow{"online", "status", "在线", "After each connect.", json_type, schema_of::online, "status/online.json"},
    MessageRow{"offline", "status", "离线", "Last Will, and before a clean disconnect.", json_type, schema_of::offline, "status/offline.json"},
    MessageRow{"catalogue", "catalogue", "目录", "Places and devices, after each connect and on change.", json_type, schema_of::catalogue,
               "catalogue/catalogue.json"},
    MessageRow{"event_batch", "records", "事件批", "As many events as are ready, in increasing sequence.", batch_of_events, schema_of::batch,
               "batches/routine.json"},
    MessageRow{"event", "records", "单个事件", "With batch_records_max = 1: one event.", one_event, schema_of::event, "events/vehicle.entered.json"},
    MessageRow{"urgent_batch", "urgent", "紧急事件批", "Alarms, forced doors, fire: they overtake a backlog.", batch_of_events, schema_of::batch,
               "batches/urgent.json"},
    MessageRow{"urgent_event", "urgent", "单个紧急事件", "With batch_records_max = 1: one event; or a volatile alarm.", one_event, schema_of::event,
               "events/fire.alarm.json"},
    MessageRow{"picture", "pictures", "图片", "The payload is one JPEG, its user properties say whose.", "image/jpeg", "", "pictures/plate.json"},
    MessageRow{"no_picture", "pictures", "无图", "An empty payload, and why; so the chain goes on.", "", "", "pictures/erased.json"},
    MessageRow{"picture_3_1_1", "pictures", "图片（MQTT 3.1.1）", "Where there are no user properties: a JSON object.", json_type,
               schema_of::picture_3_1_1, "pictures/mqtt_3_1_1.json"},
    MessageRow{"receipt_ranges", "receipts", "区间回执", "Mode ranges: what the application holds, in any order.", json_type,
               schema_of::receipt_ranges, "receipts/ranges.json"},
    MessageRow{"receipt_cumulative", "receipts", "累计回执", "Mode cumulative: all up to a position.", json_type, schema_of::receipt_cumulative,
               "receipts/cumulative.json"},
    MessageRow{"receipt_refused", "receipts", "拒收回执", "Every mode; in puback and none the only receipt there is.", json_type,
               schema_of::receipt_refused, "receipts/refused.json"},
    MessageRow{"request", "requests", "请求", "Signed: resend, digest, snapshot or clip.", json_type, schema_of::request, "requests/resend.json"},
    MessageRow{"answer", "responses", "应答", "To the request's response topic where it names one, with its correlation data.", json_type,
               schema_of::answer, "answers/resend.json"},
};

struct ChannelRow {
    std::string_view name, title, summary;
    std::string Topics::*topic;
    Direction direction;
    bool retained;
};

constexpr std::array channel_rows{
    ChannelRow{"status", "状态", "Whether the gateway is online (W2).", &Topics::status, Direction::up, true},
    ChannelRow{"catalogue", "目录", "What there is in the compound (W3).", &Topics::catalogue, Direction::up, true},
    ChannelRow{"records", "常规事件", "Events of lane routine (W4, W5, W6), gaps and digests among them (W10).", &Topics::records, Direction::up,
               false},
    ChannelRow{"urgent", "紧急事件", "Events of lane urgent (W4, W5, W6), volatile alarms (W13).", &Topics::urgent, Direction::up, false},
    ChannelRow{"pictures", "图片", "Pictures, one a message (W9).", &Topics::pictures, Direction::up, false},
    ChannelRow{"receipts", "回执", "What the platform's application holds or refuses (W7).", &Topics::receipts, Direction::down, false},
    ChannelRow{"requests", "请求", "What the platform asks for (W11). No verb looks up a person, card, face, plate or home.", &Topics::requests,
               Direction::down, false},
    ChannelRow{"responses", "应答", "Answers, where a request names no response topic (W11).", &Topics::responses, Direction::up, false},
};

constexpr std::string_view description =
    "One residential compound's gateway reports to a district or police platform. This file says what goes over the wire; sync/README.md\n"
    "says in numbered rules (W1 to W15) what it means and what to do when something is lost. Payloads follow schemas.json, which any\n"
    "validator of JSON Schema draft 7 reads; samples/ holds a message of each sort, byte for byte.\n"
    "\n"
    "Read from the gateway's side: it sends status, catalogue, records, urgent, pictures and responses, and receives receipts and requests.\n"
    "QoS 1 everywhere. Every topic but responses may have a name of its own at a platform that wants one.\n"
    "\n"
    "本文件描述网关与上级平台之间的全部报文；规则见 sync/README.md（W1 至 W15），载荷结构与代码表见 schemas.json，样例见 samples/。\n"
    "带 x-personal 的成员是个人信息，只有授权依据在期内才会出现。\n";

json::object reference(std::string_view to) { return {{"$ref", to}}; }

json::object in_schemas(std::string_view name) {
    return {{"schemaFormat", "application/schema+json;version=draft-07"}, {"schema", reference("./schemas.json#/definitions/" + std::string(name))}};
}

json::object mqtt_binding(json::object what) {
    what["bindingVersion"] = "0.2.0";
    return {{"mqtt", std::move(what)}};
}

json::object message_of(const MessageRow& row) {
    json::object message{{"name", row.name}, {"title", row.title}, {"summary", row.summary}};
    if (!row.content_type.empty()) message["contentType"] = row.content_type;
    if (!row.schema.empty()) {
        message["payload"] = in_schemas(row.schema);
    } else {
        message["headers"] = in_schemas(schema_of::picture_properties);
        const bool is_empty = row.content_type.empty();
        message["payload"] = is_empty ? json::object{{"type", "string"}, {"maxLength", 0}} : json::object{{"type", "string"}, {"format", "binary"}};
        message["x-user-properties"] = "the headers are MQTT 5 user properties";
    }
    if (row.name == "request")
        message["bindings"] = mqtt_binding({{"responseTopic", {{"type", "string"}, {"description", "where the answer goes; none: responses"}}},
                                            {"correlationData", {{"type", "string"}, {"description", "comes back with the answer"}}}});
    message["x-samples"] = json::array{"samples/" + std::string(row.samples)};
    return message;
}

json::object messages_of(std::string_view channel) {
    json::object messages;
    for (const auto& row : message_rows)
        if (row.channel == channel) messages[row.name] = reference("#/components/messages/" + std::string(row.name));
    return messages;
}

json::object channels() {
    const auto topics = topics_under(default_root, "{gateway}");
    json::object channels;
    for (const auto& row : channel_rows) {
        json::object channel{{"address", (*topics).*row.topic}, {"title", row.title}, {"description", row.summary}};
        channel["messages"] = messages_of(row.name);
        channel["parameters"] = {{"gateway", {{"description", "the gateway's id"}}}};
        channel["x-retained"] = row.retained;
        channels[row.name] = std::move(channel);
    }
    return channels;
}

json::object operations() {
    json::object operations;
    for (const auto& row : channel_rows) {
        const bool is_up = row.direction == Direction::up;
        const auto channel = "#/channels/" + std::string(row.name);
        json::object operation{{"action", is_up ? "send" : "receive"}, {"channel", reference(channel)}};
        json::array messages;
        for (const auto& message : messages_of(row.name)) messages.emplace_back(reference(channel + "/messages/" + std::string(message.key())));
        operation["messages"] = std::move(messages);
        operation["bindings"] = mqtt_binding({{"qos", 1}, {"retain", row.retained}});
        if (row.name == "requests") {
            json::array answers{reference("#/channels/responses/messages/answer")};
            operation["reply"] = {{"channel", reference("#/channels/responses")}, {"messages", std::move(answers)}};
        }
        operations[(is_up ? "say_" : "hear_") + std::string(row.name)] = std::move(operation);
    }
    return operations;
}

json::object servers() {
    json::object server{{"host", "{broker}"},
                        {"protocol", "mqtts"},
                        {"protocolVersion", "5.0"},
                        {"description",
                         "The platform's broker. MQTT 3.1.1 where a district has only that; TLS with a client certificate, or name and "
                         "password; session expiry of 24 h or more."}};
    server["variables"] = {{"broker", {{"description", "host and port"}}}};
    server["security"] = json::array{reference("#/components/securitySchemes/certificate"), reference("#/components/securitySchemes/password")};
    return {{"platform", std::move(server)}};
}

json::object components() {
    json::object messages;
    for (const auto& row : message_rows) messages[row.name] = message_of(row);
    json::object security{{"certificate", {{"type", "X509"}, {"description", "the gateway's client certificate"}}},
                          {"password", {{"type", "userPassword"}, {"description", "name and password of the gateway"}}}};
    return {{"messages", std::move(messages)}, {"securitySchemes", std::move(security)}};
}

} // namespace

json::object asyncapi() {
    json::object file{{"asyncapi", "3.0.0"}};
    file["info"] = {{"title", "Gatehouse 上报接口"},
                    {"version", "1.0.0"},
                    {"description", description},
                    {"license", {{"name", "Apache-2.0"}}},
                    {"x-limits",
                     {{"batch_bytes_max", batch_bytes_limit_max},
                      {"picture_bytes_max", picture_bytes_max},
                      {"pictures_per_record_max", pictures_per_record_max},
                      {"record_body_bytes_max", record_body_bytes_max},
                      {"receipt_ranges_max", receipt_ranges_max},
                      {"receipt_refused_max", receipt_refused_max}}}};
    file["defaultContentType"] = json_type;
    file["servers"] = servers();
    file["channels"] = channels();
    file["operations"] = operations();
    file["components"] = components();
    return file;
}

std::string print_asyncapi() {
    return "# SPDX-License-Identifier: Apache-2.0\n#\n# Printed by sync/mqtt/asyncapi.cpp, and compared with it by a test: change it there.\n" +
           to_yaml(asyncapi());
}

} // namespace gatehouse::sync::mqtt
