// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/commitment.hpp"

#include <charconv>

namespace gatehouse::store {

namespace {

void put_length(std::string& bytes, std::uint32_t length) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(length >> shift & 0xff);
}

template <class Number>
void put_decimal(std::string& bytes, Number value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const auto length = static_cast<std::size_t>(end - digits.data());
    put_length(bytes, static_cast<std::uint32_t>(length));
    bytes.append(digits.data(), length);
}

} // namespace

Encoding& Encoding::text(std::string_view value) {
    put_length(bytes_, static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
    return *this;
}

Encoding& Encoding::number(std::int64_t value) {
    put_decimal(bytes_, value);
    return *this;
}

Encoding& Encoding::unsigned_number(std::uint64_t value) {
    put_decimal(bytes_, value);
    return *this;
}

Encoding& Encoding::absent() {
    put_length(bytes_, 0xffffffff);
    return *this;
}

Digest personal_commitment(const Salt& salt, std::string_view subject, std::string_view details, std::string_view pictures) {
    Encoding encoding;
    encoding.text_or_absent(subject).text_or_absent(details).text_or_absent(pictures);
    return Sha256().add(ByteView(salt)).add(encoding.bytes()).finish();
}

std::string pictures_text(std::span<const PictureRef> pictures) {
    if (pictures.empty()) return {};
    std::string text = "[";
    for (const auto& picture : pictures) {
        if (text.size() > 1) text += ',';
        text += "{\"role\":\"" + std::string(name_of(picture.role)) + "\",\"sha256\":\"" + to_hex(picture.sha256) +
                "\",\"bytes\":" + std::to_string(picture.bytes) + "}";
    }
    return text + "]";
}

Result<std::vector<PictureRef>> parse_pictures(std::string_view text) {
    std::vector<PictureRef> pictures;
    if (text.empty()) return pictures;
    auto parsed = parse_json(text);
    if (!parsed) return std::move(parsed).error();
    if (!parsed->is_array()) return Error(Fault::damaged, "pictures are no array");
    for (const auto& item : parsed->get_array()) {
        if (!item.is_object()) return Error(Fault::damaged, "a picture is no object");
        auto role = need_text(item.get_object(), "role");
        auto sha = need_text(item.get_object(), "sha256");
        auto bytes = need_number(item.get_object(), "bytes");
        if (!role || !sha || !bytes) return Error(Fault::damaged, "a picture lacks a member");
        const auto named = picture_role_named(*role);
        auto digest = array_from_hex<32>(*sha);
        if (!named || !digest) return Error(Fault::damaged, "a picture's role or hash");
        pictures.push_back({*named, *digest, static_cast<std::uint64_t>(*bytes)});
    }
    return pictures;
}

Digest commitment(const FrameView& frame, const Digest& personal) {
    Encoding e;
    e.unsigned_number(frame.position).text(frame.epoch).text(frame.id).text(frame.kind);
    frame.happened_at_us ? e.number(*frame.happened_at_us) : e.absent();
    e.number(frame.heard_at_us).text(frame.clock).number(frame.clock_offset_us).text(frame.compound).text(frame.source).text(frame.place);
    e.maybe_unsigned(frame.device_key).unsigned_number(frame.generation).maybe_unsigned(frame.sameness).maybe_unsigned(frame.conflicts_with);
    e.text(frame.facts);
    return Sha256().add(e.bytes()).add(ByteView(personal)).finish();
}

Sealing::Sealing(const Digest& previous, std::uint64_t first, std::uint64_t last) {
    std::array<std::uint8_t, 16> ends{};
    put_u64_be(std::span(ends).first(8), first);
    put_u64_be(std::span(ends).last(8), last);
    hash_.add(ByteView(previous)).add(ByteView(ends));
}

std::string digest_message(std::string_view epoch, std::uint64_t first, std::uint64_t last, const Digest& seal, const Digest& previous,
                           std::string_view at) {
    return "gatehouse digest 1\n" + std::string(epoch) + "\n" + std::to_string(first) + "\n" + std::to_string(last) + "\n" + to_hex(seal) + "\n" +
           to_hex(previous) + "\n" + std::string(at);
}

} // namespace gatehouse::store
