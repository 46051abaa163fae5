// SPDX-License-Identifier: Apache-2.0
#include "pipelines/playback/box.hpp"

#include "daemon/base/expects.hpp"

namespace gatehouse::pipelines::playback {

std::string name_of(FourCc type) {
    std::string name;
    for (int shift = 24; shift >= 0; shift -= 8) {
        const auto c = static_cast<char>(type >> shift & 0xff);
        name += c >= ' ' && c <= '~' ? c : '?';
    }
    return name;
}

std::uint64_t Fields::number(std::size_t bytes) {
    if (left() < bytes) {
        short_ = true;
        at_ = bytes_.size();
        return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | bytes_[at_++];
    return value;
}

void Fields::skip(std::size_t bytes) {
    if (left() < bytes) short_ = true;
    at_ += std::min(left(), bytes);
}

Result<BoxHeader> read_box_header(ByteView bytes, std::uint64_t left) {
    Fields fields(bytes);
    BoxHeader header;
    header.bytes = fields.u32();
    header.type = fields.u32();
    header.header_bytes = 8;
    if (header.bytes == 1) {
        header.bytes = fields.u64();
        header.header_bytes = 16;
    } else if (header.bytes == 0) {
        header.bytes = left;
    }
    if (fields.is_short()) return Error(Fault::malformed, "a box cut off within its header");
    if (header.type == 0 || header.bytes < header.header_bytes)
        return Error(Fault::malformed, "no box: '" + name_of(header.type) + "' of " + std::to_string(header.bytes) + " bytes");
    return header;
}

Result<std::optional<Box>> Boxes::next() {
    if (at_ == bytes_.size()) return std::optional<Box>();
    if (++count_ > boxes_max) return Error(Fault::full, "more than " + std::to_string(boxes_max) + " boxes in one list");
    const auto left = bytes_.subspan(at_);
    auto header = read_box_header(left, left.size());
    if (!header) return std::move(header).error();
    if (header->bytes > left.size()) return Error(Fault::malformed, "box '" + name_of(header->type) + "' is longer than what holds it");
    const auto whole = left.first(static_cast<std::size_t>(header->bytes));
    const Box box{header->type, whole, whole.subspan(header->header_bytes), at_};
    at_ += whole.size();
    return std::optional<Box>(box);
}

Result<Box> find_box(ByteView bytes, FourCc type) {
    Boxes boxes(bytes);
    for (;;) {
        auto box = boxes.next();
        if (!box) return std::move(box).error();
        if (!*box) return Error(Fault::gone, "no box '" + name_of(type) + "'");
        if ((*box)->type == type) return **box;
    }
}

void put_number(Bytes& into, std::uint64_t value, std::size_t bytes) {
    into.resize(into.size() + bytes);
    set_number(std::span(into).last(bytes), value);
}

void set_number(std::span<std::uint8_t> bytes, std::uint64_t value) {
    for (std::size_t i = bytes.size(); i-- > 0; value >>= 8) bytes[i] = static_cast<std::uint8_t>(value);
}

std::size_t box_begins(Bytes& into, FourCc type) {
    const auto from = into.size();
    put_number(into, 0, 4);
    put_number(into, type, 4);
    return from;
}

void box_ends(Bytes& into, std::size_t from) {
    expects(into.size() - from <= UINT32_MAX, "our own boxes are small");
    set_number(std::span(into).subspan(from, 4), into.size() - from);
}

} // namespace gatehouse::pipelines::playback
