// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/put_card.hpp"

#include <algorithm>

namespace gatehouse::drivers::uhppote {

Result<Packet> encode_put_card(std::uint32_t serial, const Card& card) {
    if (card.number == card_none || card.number == card_deleted || card.number == card_24_bits)
        return Error(Fault::refused, "card number " + std::to_string(card.number) + " has another meaning in the controller");
    if (card.pin > pin_max) return Error(Fault::refused, "a PIN above 999999 would be stored cut");
    if (!card.from || !card.to) return Error(Fault::refused, "a card needs a first and a last day");
    if (std::count(card.doors.begin(), card.doors.end(), std::uint8_t{255}) > 0) return Error(Fault::refused, "time profiles end at 254");
    auto packet = make_request(Function::put_card, serial);
    put_u32_at(packet, 8, card.number);
    put_date_at(packet, 12, *card.from);
    put_date_at(packet, 16, *card.to);
    std::copy(card.doors.begin(), card.doors.end(), packet.begin() + 20);
    packet[24] = static_cast<std::uint8_t>(card.pin & 0xff);
    packet[25] = static_cast<std::uint8_t>(card.pin >> 8 & 0xff);
    packet[26] = static_cast<std::uint8_t>(card.pin >> 16 & 0xff);
    packet[27] = card.first_card;
    return packet;
}

Result<YesNo> decode_put_card(ByteView bytes) { return read_yes_no(bytes, Function::put_card); }

Card read_card(const Packet& packet) {
    Card card;
    card.number = u32_at(packet, 8);
    card.from = date_at(packet, 12);
    card.to = date_at(packet, 16);
    std::copy_n(packet.begin() + 20, card.doors.size(), card.doors.begin());
    card.pin = static_cast<std::uint32_t>(packet[24] | packet[25] << 8 | packet[26] << 16);
    card.first_card = packet[27];
    return card;
}

} // namespace gatehouse::drivers::uhppote
