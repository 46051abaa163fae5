// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/sheet/zip.hpp"

#include <zlib.h>

#include <optional>

namespace gatehouse::registry::sheet {

namespace {

constexpr std::size_t end_bytes = 22, central_bytes = 46, local_bytes = 30, comment_bytes_max = 65535;

std::optional<std::uint32_t> number_at(std::string_view bytes, std::size_t at, std::size_t width) {
    if (at > bytes.size() || bytes.size() - at < width) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

std::uint32_t need(std::string_view bytes, std::size_t at, std::size_t width) { return number_at(bytes, at, width).value_or(0); }

void put(std::string& into, std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) into.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint32_t crc_of(std::string_view bytes) {
    return static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

Result<std::string> inflated(std::string_view packed, std::size_t size) {
    std::string out(size, '\0');
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return Error(Fault::full, "no room to unpack");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data())); // zlib's prototype; it does not write there
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = inflate(&stream, Z_FINISH);
    const bool fits = ended == Z_STREAM_END && stream.total_out == size;
    inflateEnd(&stream);
    if (!fits) return Error(Fault::malformed, "a part does not unpack to what its directory says");
    return out;
}

/// Where the end record begins; it may have a comment behind it.
std::optional<std::size_t> find_end(std::string_view bytes) {
    if (bytes.size() < end_bytes) return std::nullopt;
    const auto lowest = bytes.size() > end_bytes + comment_bytes_max ? bytes.size() - end_bytes - comment_bytes_max : 0;
    for (auto at = bytes.size() - end_bytes + 1; at-- > lowest;)
        if (bytes.substr(at, 4) == "PK\x05\x06") return at;
    return std::nullopt;
}

} // namespace

Result<ZipReader> ZipReader::open(std::string_view bytes) {
    const auto end = find_end(bytes);
    if (!end) return Error(Fault::malformed, "no ZIP: its end is missing");
    ZipReader reader;
    reader.bytes_ = bytes;
    const auto count = need(bytes, *end + 10, 2);
    std::size_t at = need(bytes, *end + 16, 4);
    if (count == 0xffff || at == 0xffffffff) return Error(Fault::unsupported, "ZIP64");
    if (count > zip_parts_max) return Error(Fault::full, "more than 256 parts");
    for (std::uint32_t i = 0; i < count; ++i) {
        if (at > bytes.size() || bytes.size() - at < central_bytes || bytes.substr(at, 4) != "PK\x01\x02")
            return Error(Fault::malformed, "the ZIP's directory is broken");
        if ((need(bytes, at + 8, 2) & 1) != 0) return Error(Fault::unsupported, "a file with a password");
        const Part part{need(bytes, at + 10, 2), need(bytes, at + 16, 4), need(bytes, at + 20, 4), need(bytes, at + 24, 4), need(bytes, at + 42, 4)};
        const std::size_t name_bytes = need(bytes, at + 28, 2), extra = need(bytes, at + 30, 2), comment = need(bytes, at + 32, 2);
        if (bytes.size() - at - central_bytes < name_bytes + extra + comment) return Error(Fault::malformed, "the ZIP's directory is cut");
        reader.parts_.emplace(std::string(bytes.substr(at + central_bytes, name_bytes)), part);
        at += central_bytes + name_bytes + extra + comment;
    }
    return reader;
}

Result<std::string> ZipReader::part(const std::string& name) {
    const auto found = parts_.find(name);
    if (found == parts_.end()) return Error(Fault::gone, "no part " + name);
    const auto& part = found->second;
    if (part.unpacked > unpacked_bytes_max - unpacked_) return Error(Fault::full, "more than 64 MiB unpacked");
    const std::size_t at = part.at;
    if (at > bytes_.size() || bytes_.size() - at < local_bytes || bytes_.substr(at, 4) != "PK\x03\x04")
        return Error(Fault::malformed, name + ": its head is missing");
    const auto begin = at + local_bytes + need(bytes_, at + 26, 2) + need(bytes_, at + 28, 2);
    if (begin > bytes_.size() || bytes_.size() - begin < part.packed) return Error(Fault::malformed, name + " is cut");
    const auto packed = bytes_.substr(begin, part.packed);
    if (part.method != 0 && part.method != 8) return Error(Fault::unsupported, name + ": packed in another way");
    if (part.method == 0 && part.packed != part.unpacked) return Error(Fault::malformed, name + ": two lengths");
    auto plain = part.method == 0 ? Result<std::string>(std::string(packed)) : inflated(packed, part.unpacked);
    if (!plain) return std::move(plain).error().during(name);
    if (crc_of(*plain) != part.crc) return Error(Fault::damaged, name + ": its checksum does not fit");
    unpacked_ += plain->size();
    return plain;
}

std::string write_zip(const std::vector<std::pair<std::string, std::string>>& parts) {
    constexpr std::uint32_t version = 20, day_1980 = 0x21;
    std::string file, directory;
    for (const auto& [name, bytes] : parts) {
        std::string common;
        put(common, version, 2);
        put(common, 0x0800, 2); // names are UTF-8
        put(common, 0, 2);      // stored
        put(common, 0, 2);
        put(common, day_1980, 2);
        put(common, crc_of(bytes), 4);
        put(common, static_cast<std::uint32_t>(bytes.size()), 4);
        put(common, static_cast<std::uint32_t>(bytes.size()), 4);
        put(common, static_cast<std::uint32_t>(name.size()), 2);
        put(common, 0, 2);
        directory += "PK\x01\x02";
        put(directory, version, 2);
        directory += common;
        put(directory, 0, 2);
        put(directory, 0, 2);
        put(directory, 0, 2);
        put(directory, 0, 4);
        put(directory, static_cast<std::uint32_t>(file.size()), 4);
        directory += name;
        file += "PK\x03\x04" + common + name + bytes;
    }
    const auto at = static_cast<std::uint32_t>(file.size());
    file += directory + "PK\x05\x06";
    put(file, 0, 4);
    put(file, static_cast<std::uint32_t>(parts.size()), 2);
    put(file, static_cast<std::uint32_t>(parts.size()), 2);
    put(file, static_cast<std::uint32_t>(directory.size()), 4);
    put(file, at, 4);
    put(file, 0, 2);
    return file;
}

} // namespace gatehouse::registry::sheet
