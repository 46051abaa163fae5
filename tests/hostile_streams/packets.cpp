// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile_streams/packets.hpp"

#include <array>

namespace gatehouse::hostile {

namespace {

constexpr std::size_t payload_bytes_max = 1200;
constexpr std::size_t header_bytes = 12;
constexpr std::size_t packet_bytes_max = 65'535;
constexpr std::uint32_t picture_ticks = 3600, synchronization_source = 0x12345678;

void put(Bytes& to, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

Bytes header(bool last, std::uint16_t number, std::uint32_t ticks) {
    Bytes made{0x80, static_cast<std::uint8_t>(96 | (last ? 0x80 : 0))};
    put(made, number, 2);
    put(made, ticks, 4);
    put(made, synchronization_source, 4);
    return made;
}

Packet sender_report() {
    Packet made{1, {0x80, 200, 0, 6}};
    put(made.bytes, synchronization_source, 4);
    put(made.bytes, 0xe8b4'0000'0000'0000u, 8);
    put(made.bytes, 0, 4);
    put(made.bytes, 1, 4);
    put(made.bytes, 1, 4);
    return made;
}

class Packer {
public:
    explicit Packer(bool is_h265) : is_h265_(is_h265) {}
    std::vector<Packet> packets{sender_report()};

    void add(const Bytes& unit, bool last, std::uint32_t ticks) {
        const std::size_t own = is_h265_ ? 2 : 1;
        if (unit.size() <= payload_bytes_max || unit.size() <= own) return put_packet(unit, last, ticks);
        for (std::size_t at = own; at < unit.size(); at += payload_bytes_max) {
            const auto count = std::min(payload_bytes_max, unit.size() - at);
            const bool begins = at == own, ends = at + count == unit.size();
            const auto flags = static_cast<std::uint8_t>((begins ? 0x80 : 0) | (ends ? 0x40 : 0));
            Bytes payload;
            if (is_h265_) {
                payload = {static_cast<std::uint8_t>((unit[0] & 0x81) | (49 << 1)), unit[1],
                           static_cast<std::uint8_t>(flags | ((unit[0] >> 1) & 0x3f))};
            } else {
                payload = {static_cast<std::uint8_t>((unit[0] & 0xe0) | 28), static_cast<std::uint8_t>(flags | (unit[0] & 0x1f))};
            }
            payload.insert(payload.end(), unit.begin() + static_cast<std::ptrdiff_t>(at), unit.begin() + static_cast<std::ptrdiff_t>(at + count));
            put_packet(payload, last && ends, ticks);
        }
    }

private:
    void put_packet(const Bytes& payload, bool last, std::uint32_t ticks) {
        Packet made{0, header(last, number_++, ticks)};
        made.bytes.insert(made.bytes.end(), payload.begin(), payload.end());
        packets.push_back(std::move(made));
    }
    bool is_h265_;
    std::uint16_t number_ = 65'530; // it wraps early
};

// ---- spoiling

using Packets = std::vector<Packet>;

void flip_headers(Packets& packets, Dice& dice, bool) {
    for (auto count = dice.from_to(1, 20); count > 0; --count) {
        auto& bytes = dice.pick(packets).bytes;
        for (int i = 0; i < 4 && !bytes.empty(); ++i)
            bytes[dice.below(std::min(bytes.size(), header_bytes))] ^= static_cast<std::uint8_t>(1u << dice.below(8));
    }
}
void flip_payloads(Packets& packets, Dice& dice, bool) {
    for (auto count = dice.from_to(1, 40); count > 0; --count) dice.flip_bits(dice.pick(packets).bytes, dice.from_to(1, 8), header_bytes);
}
// Contributing sources, extension and padding that reach beyond the packet (RFC 3550, 5.1).
void lying_headers(Packets& packets, Dice& dice, bool) {
    for (auto count = dice.from_to(1, 20); count > 0; --count) {
        auto& bytes = dice.pick(packets).bytes;
        if (bytes.size() < header_bytes) continue;
        switch (dice.below(4)) {
        case 0: bytes[0] |= 0x0f; break;
        case 1: {
            bytes[0] |= 0x10;
            Bytes extension = dice.noise(4);
            if (dice.one_in(2)) extension[2] = extension[3] = 0xff;
            bytes.insert(bytes.begin() + header_bytes, extension.begin(), extension.end());
            break;
        }
        case 2: bytes[0] |= 0x20, bytes.back() = dice.byte(); break;
        default: bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x3f) | (dice.below(4) << 6)); break;
        }
    }
}
void odd_order(Packets& packets, Dice& dice, bool) {
    switch (dice.below(4)) {
    case 0: dice.shuffle(packets); break;
    case 1:
        for (auto count = dice.from_to(1, 30); count > 0; --count)
            packets.insert(packets.begin() + static_cast<std::ptrdiff_t>(dice.below(packets.size())), Packet(dice.pick(packets)));
        break;
    case 2:
        for (auto count = dice.from_to(1, 30); count > 0 && packets.size() > 1; --count)
            packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(dice.below(packets.size())));
        break;
    default: // sequence numbers that jump
        for (auto& packet : packets)
            if (packet.bytes.size() > 3 && dice.one_in(3)) packet.bytes[2] = dice.byte(), packet.bytes[3] = dice.byte();
    }
}
void odd_times(Packets& packets, Dice& dice, bool) {
    const auto rarely = dice.from_to(1, 10);
    for (auto& packet : packets)
        if (packet.bytes.size() >= header_bytes && dice.one_in(rarely)) {
            const auto noise = dice.noise(4);
            std::copy(noise.begin(), noise.end(), packet.bytes.begin() + 4);
        }
}
void put_payload(Packet& packet, const Bytes& payload) {
    packet.bytes.resize(std::max(packet.bytes.size(), header_bytes));
    packet.bytes.resize(header_bytes);
    packet.bytes.insert(packet.bytes.end(), payload.begin(), payload.end());
}
// Aggregates (RFC 6184, 5.7; RFC 7798, 4.4.2) with sizes of nothing, or beyond the packet.
void lying_aggregates(Packets& packets, Dice& dice, bool is_h265) {
    for (auto count = dice.from_to(1, 20); count > 0; --count) {
        Bytes payload = is_h265 ? Bytes{48 << 1, 1} : Bytes{static_cast<std::uint8_t>(dice.from_to(24, 27))};
        for (auto units = dice.from_to(0, 40); units > 0; --units) {
            const auto real = dice.below(60);
            put(payload, dice.one_in(3) ? dice.word() : real, 2);
            const auto noise = dice.noise(real);
            payload.insert(payload.end(), noise.begin(), noise.end());
        }
        put_payload(dice.pick(packets), payload);
    }
}
// Fragments that begin twice, never, end before they begin, are of nothing.
void odd_fragments(Packets& packets, Dice& dice, bool is_h265) {
    for (auto count = dice.from_to(1, 60); count > 0; --count) {
        Bytes payload = is_h265 ? Bytes{49 << 1, 1} : Bytes{static_cast<std::uint8_t>(0x60 | dice.from_to(28, 29))};
        payload.push_back(dice.byte());
        const auto noise = dice.noise(dice.one_in(3) ? 0 : dice.below(1400));
        payload.insert(payload.end(), noise.begin(), noise.end());
        put_payload(dice.pick(packets), payload);
    }
}
void odd_sizes(Packets& packets, Dice& dice, bool) {
    for (auto count = dice.from_to(1, 20); count > 0; --count) {
        auto& bytes = dice.pick(packets).bytes;
        if (dice.one_in(3)) {
            bytes.resize(dice.from_to(bytes.size(), packet_bytes_max), dice.byte());
        } else {
            bytes.resize(std::min(bytes.size(), dice.below(header_bytes + 3)));
        }
    }
}
void lying_lengths(Packets& packets, Dice& dice, bool) {
    for (auto count = dice.from_to(1, 5); count > 0; --count)
        dice.pick(packets).said_length = static_cast<std::uint16_t>(dice.below(packet_bytes_max));
}
void odd_channels(Packets& packets, Dice& dice, bool) {
    for (auto count = dice.from_to(1, 30); count > 0; --count) dice.pick(packets).channel = dice.one_in(2) ? 1 : dice.byte();
}
// RFC 3550, 6: reports and farewells whose counts and lengths lie.
void odd_control(Packets& packets, Dice& dice, bool) {
    for (auto count = dice.from_to(1, 30); count > 0; --count) {
        Packet made{1, {static_cast<std::uint8_t>(0x80 | dice.below(0x40)), static_cast<std::uint8_t>(dice.from_to(192, 210))}};
        put(made.bytes, dice.word(), 2);
        const auto noise = dice.noise(dice.below(200));
        made.bytes.insert(made.bytes.end(), noise.begin(), noise.end());
        packets.insert(packets.begin() + static_cast<std::ptrdiff_t>(dice.below(packets.size())), std::move(made));
    }
}
void other_payload_types(Packets& packets, Dice& dice, bool) {
    for (auto& packet : packets)
        if (packet.bytes.size() > 1 && dice.one_in(4)) packet.bytes[1] = dice.byte();
}

struct PacketWay {
    const char* name;
    void (*spoil)(Packets&, Dice&, bool is_h265);
};
constexpr std::array packet_ways{
    PacketWay{"bits flipped in headers", flip_headers},
    PacketWay{"bits flipped in payloads", flip_payloads},
    PacketWay{"lying headers", lying_headers},
    PacketWay{"odd order", odd_order},
    PacketWay{"odd times", odd_times},
    PacketWay{"lying aggregates", lying_aggregates},
    PacketWay{"odd fragments", odd_fragments},
    PacketWay{"odd sizes", odd_sizes},
    PacketWay{"lying lengths", lying_lengths},
    PacketWay{"odd channels", odd_channels},
    PacketWay{"odd control packets", odd_control},
    PacketWay{"other payload types", other_payload_types},
};

} // namespace

std::vector<Packet> packets_of(const Film& film) {
    Packer packer(film.is_h265);
    std::uint32_t ticks = 0xffff'0000u; // wraps early
    for (const auto& picture : film.pictures) {
        for (std::size_t i = 0; i < picture.size(); ++i) packer.add(picture[i], i + 1 == picture.size(), ticks);
        ticks += picture_ticks;
    }
    return std::move(packer.packets);
}

Bytes interleaved(const std::vector<Packet>& packets) {
    Bytes all;
    for (const auto& packet : packets) {
        const auto bytes = std::min(packet.bytes.size(), packet_bytes_max);
        all.push_back('$');
        all.push_back(packet.channel);
        put(all, packet.said_length.value_or(static_cast<std::uint16_t>(bytes)), 2);
        all.insert(all.end(), packet.bytes.begin(), packet.bytes.begin() + static_cast<std::ptrdiff_t>(bytes));
    }
    return all;
}

std::string spoil(std::vector<Packet>& packets, bool is_h265, Dice& dice) {
    std::string names;
    for (auto count = dice.from_to(1, 3); count > 0; --count) {
        const auto& way = packet_ways[dice.below(packet_ways.size())];
        way.spoil(packets, dice, is_h265);
        names += (names.empty() ? "" : ", ") + std::string(way.name);
    }
    return names;
}

} // namespace gatehouse::hostile
