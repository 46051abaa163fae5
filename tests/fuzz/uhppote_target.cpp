// SPDX-License-Identifier: Apache-2.0
//
// Every packet decoder on the same bytes, held against the simulator's own reading of them; events go on to records.
#include "drivers/uhppote/card_count.hpp"
#include "drivers/uhppote/delete_card.hpp"
#include "drivers/uhppote/event_record.hpp"
#include "drivers/uhppote/get_card.hpp"
#include "drivers/uhppote/get_card_by_index.hpp"
#include "drivers/uhppote/get_device.hpp"
#include "drivers/uhppote/get_door_control.hpp"
#include "drivers/uhppote/get_event.hpp"
#include "drivers/uhppote/get_event_index.hpp"
#include "drivers/uhppote/get_listener.hpp"
#include "drivers/uhppote/get_status.hpp"
#include "drivers/uhppote/get_time.hpp"
#include "drivers/uhppote/open_door.hpp"
#include "drivers/uhppote/put_card.hpp"
#include "drivers/uhppote/record_special_events.hpp"
#include "drivers/uhppote/set_door_control.hpp"
#include "drivers/uhppote/set_event_index.hpp"
#include "drivers/uhppote/set_listener.hpp"
#include "drivers/uhppote/set_time.hpp"
#include "tests/fuzz/record_oracle.hpp"
#include "tests/simulators/devices/uhppote/wire.hpp"

namespace gatehouse::fuzz {

using namespace drivers::uhppote;
namespace wire = simulators::uhppote;

namespace {

void check_serial(ByteView bytes, std::uint32_t serial) {
    must_hold(bytes.size() == packet_bytes && serial != 0 && serial == wire::u32_at(bytes, 4), "an answer is 64 bytes and says whose it is");
}

// The simulator knows years from 0; ours those of firmware.
void check_time(ByteView bytes, std::size_t at, const std::optional<LocalTime>& ours) {
    const auto theirs = wire::read_bcd(bytes.subspan(at, 7));
    if (!ours) return;
    must_hold(theirs.has_value() && theirs->time_since_epoch() == ours->time_since_epoch(), "both read the same time");
    Packet packet{};
    put_date_time_at(packet, at, *ours);
    const bool is_ours = to_text(*ours) >= "2000" && to_text(*ours) < "2100";
    must_hold(!is_ours || std::equal(packet.begin() + static_cast<std::ptrdiff_t>(at), packet.begin() + static_cast<std::ptrdiff_t>(at + 7),
                                     bytes.begin() + static_cast<std::ptrdiff_t>(at)),
              "a time is written as it was read");
}

void check_event(const LoggedEvent& event) {
    drivers::DeviceInfo device;
    device.id = "controller-1";
    device.outlets = {{1, "door-1", "in"}, {4, "door-4", "out"}};
    auto record = record_of_event(event, device, std::chrono::hours(8));
    must_hold(check_record(record).has_value(), "an event becomes a record of its schema");
    check_taken(record);
    must_hold(fingerprint_of(event).size() == 16, "a fingerprint is short");
    if (event.time)
        must_hold(to_local(to_utc(*event.time, std::chrono::hours(8)), std::chrono::hours(8)) == *event.time, "local and UTC are one time");
}

void check_status(ByteView bytes, const Status& status) {
    check_serial(bytes, status.serial);
    must_hold(status.event.index == wire::u32_at(bytes, 8) && status.event.card == wire::u32_at(bytes, 16), "both read the same event");
    check_time(bytes, 20, status.event.time);
    check_event(status.event);
}

void check_card(ByteView bytes, const GetCardReply& reply) {
    check_serial(bytes, reply.serial);
    must_hold(reply.card.number == wire::u32_at(bytes, 8) && reply.card.pin == wire::u24_at(bytes, 24), "both read the same card");
    const auto packet = encode_put_card(reply.serial, reply.card);
    if (!packet) return;
    Packet answer = *packet;
    answer[1] = static_cast<std::uint8_t>(Function::get_card);
    const auto again = decode_get_card(answer);
    must_hold(again && again->card == reply.card, "a card is read back as it was written");
}

template <class Reply>
void check_one(ByteView bytes, const Result<Reply>& reply) {
    if (reply) check_serial(bytes, reply->serial);
}

} // namespace

void uhppote(std::string_view text) {
    const auto bytes = as_bytes(text);
    if (const auto reply = decode_get_status(bytes)) check_status(bytes, *reply);
    if (const auto reply = decode_event_datagram(bytes)) check_status(bytes, *reply);
    if (const auto reply = decode_get_event(bytes)) {
        check_serial(bytes, reply->serial);
        check_time(bytes, 20, reply->event.time);
        check_event(reply->event);
    }
    if (const auto reply = decode_get_time(bytes)) check_time(bytes, 8, reply->time);
    if (const auto reply = decode_get_card(bytes)) check_card(bytes, *reply);
    if (const auto reply = decode_get_card_by_index(bytes)) check_card(bytes, *reply);
    if (const auto reply = decode_get_listener(bytes)) {
        check_serial(bytes, reply->serial);
        must_hold(reply->listener.port == wire::u16_at(bytes, 12), "both read the same port");
        const auto ip = parse_ip(to_text(reply->listener.ip));
        must_hold(ip && *ip == reply->listener.ip, "an address is read back as it was");
    }
    if (const auto reply = decode_get_device(bytes)) {
        check_serial(bytes, reply->serial);
        const auto made_on = reply->made_on ? to_text(*reply->made_on) : "";
        if (made_on >= "2000" && made_on < "2100") must_hold(parse_date(to_text(*reply->made_on)) == reply->made_on, "a date is read back as it was");
        must_hold(reply->version.size() <= 8, "a version is short");
    }
    if (const auto reply = decode_get_door_control(bytes)) {
        check_serial(bytes, reply->serial);
        must_hold(reply->mode >= DoorMode::normally_open && reply->mode <= DoorMode::controlled, "a door has one of three modes");
    }
    check_one(bytes, decode_card_count(bytes));
    check_one(bytes, decode_delete_card(bytes));
    check_one(bytes, decode_get_event_index(bytes));
    check_one(bytes, decode_open_door(bytes));
    check_one(bytes, decode_put_card(bytes));
    check_one(bytes, decode_record_special_events(bytes));
    check_one(bytes, decode_set_door_control(bytes));
    check_one(bytes, decode_set_event_index(bytes));
    check_one(bytes, decode_set_listener(bytes));
    check_one(bytes, decode_set_time(bytes));
}

} // namespace gatehouse::fuzz
