// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recording_export.hpp"

#include "daemon/base/json.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr std::size_t tar_block_bytes = 512;
constexpr std::size_t tar_end_bytes = 2 * tar_block_bytes;
const std::string video_folder = "video/";

std::uint64_t padded(std::uint64_t bytes) { return (bytes + tar_block_bytes - 1) / tar_block_bytes * tar_block_bytes; }

/// Octal digits and a NUL that fill the field.
void put_octal(std::span<std::uint8_t> field, std::uint64_t value) {
    for (std::size_t i = field.size() - 1; i-- > 0; value >>= 3) field[i] = static_cast<std::uint8_t>('0' + (value & 7));
}

std::string key_pem(const PublicKey& key) {
    // SubjectPublicKeyInfo of Ed25519, RFC 8410, 4: algorithm 1.3.101.112.
    Bytes info{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    info.insert(info.end(), key.begin(), key.end());
    return "-----BEGIN PUBLIC KEY-----\n" + to_base64(info) + "\n-----END PUBLIC KEY-----\n";
}

std::string manifest_of(const ExportOrder& order, const std::vector<RecordedSegment>& segments, const std::vector<RecordingSpan>& spans,
                        const PublicKey& key) {
    json::array files, missing;
    for (const auto& one : segments)
        files.push_back(json::object{{"file", video_folder + one.file},
                                     {"bytes", one.bytes},
                                     {"sha256", to_hex(one.sha256)},
                                     {"from", to_text(one.started_at)},
                                     {"to", to_text(one.ended_at)},
                                     {"codecs", one.codecs},
                                     {"ended", one.ended}});
    for (const auto& span : spans)
        if (!span.recorded) missing.push_back(json::object{{"from", to_text(span.from)}, {"to", to_text(span.to)}, {"cause", span.cause}});
    const json::object manifest{
        {"format", "gatehouse export 1"}, {"gateway", order.gateway},          {"compound", order.compound}, {"camera", order.camera},
        {"stream", order.stream},         {"from", to_text(order.from)},       {"to", to_text(order.to)},    {"case", order.case_number},
        {"purpose", order.purpose},       {"made_at", to_text(order.made_at)}, {"key", to_base64(key)},      {"files", std::move(files)},
        {"missing", std::move(missing)}};
    return json::serialize(manifest) + "\n";
}

} // namespace

void RecordingExport::put_entry(Bytes& into, const std::string& name, std::uint64_t bytes) const {
    const auto from = into.size();
    into.resize(from + tar_block_bytes);
    const auto header = std::span(into).subspan(from, tar_block_bytes);
    const auto put = [&](std::size_t at, std::string_view text) {
        std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
    };
    put(0, name);
    put_octal(header.subspan(100, 8), 0644);
    put_octal(header.subspan(108, 8), 0);
    put_octal(header.subspan(116, 8), 0);
    put_octal(header.subspan(124, 12), bytes);
    put_octal(header.subspan(136, 12), static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_us(made_at_) / 1'000'000)));
    put(148, "        "); // the checksum counts itself as blanks
    header[156] = '0';
    put(257, "ustar");
    put(263, "00");
    std::uint64_t sum = 0;
    for (const auto byte : header) sum += byte;
    put_octal(header.subspan(148, 7), sum);
    header[154] = 0;
}

void RecordingExport::put_text(const std::string& name, std::string_view text) {
    put_entry(waiting_, name, text.size());
    waiting_.insert(waiting_.end(), text.begin(), text.end());
    waiting_.resize(padded(waiting_.size()));
}

Result<RecordingExport> RecordingExport::make(const ExportOrder& order, std::vector<RecordedSegment> segments,
                                              const std::vector<RecordingSpan>& spans, const SigningKey& key) {
    if (order.from >= order.to || order.to - order.from > export_span_max) return Error(Fault::malformed, "an export spans at most 24 hours");
    if (segments.empty()) return Error(Fault::gone, "nothing was recorded in this span");
    if (segments.size() > export_segments_max) return Error(Fault::full, "more than " + std::to_string(export_segments_max) + " segments");
    RecordingExport made;
    made.made_at_ = order.made_at;
    made.segments_ = std::move(segments);
    made.manifest_ = manifest_of(order, made.segments_, spans, key.public_key());
    const auto signature = key.sign(made.manifest_);
    std::string sums = to_hex(sha256(made.manifest_)) + "  manifest.json\n";
    for (const auto& one : made.segments_) {
        if (one.bytes > export_file_bytes_max) return Error(Fault::full, "a segment that is too long for an export");
        sums += to_hex(one.sha256) + "  " + video_folder + one.file + "\n";
        made.bytes_ += tar_block_bytes + padded(one.bytes);
    }
    made.put_text("manifest.json", made.manifest_);
    made.put_text("manifest.json.sig", as_text(signature));
    made.put_text("key.pem", key_pem(key.public_key()));
    made.put_text("SHA256SUMS", sums);
    made.bytes_ += made.waiting_.size() + tar_end_bytes;
    return made;
}

std::uint64_t RecordingExport::skip_towards(std::uint64_t offset) {
    std::uint64_t at = waiting_.size();
    if (offset < at) return 0;
    waiting_.clear();
    for (; at_ + 1 < segments_.size(); ++at_) {
        const auto next = at + tar_block_bytes + padded(segments_[at_].bytes);
        if (next > offset) break;
        at = next;
    }
    return at;
}

Result<Bytes> RecordingExport::next(const ReadExported& read) {
    if (waiting_.empty() && in_file_) {
        const auto& segment = segments_[at_];
        const auto wanted = std::min<std::uint64_t>(export_piece_bytes_max, segment.bytes - read_);
        auto bytes = read(segment, read_, static_cast<std::size_t>(wanted));
        if (!bytes) return std::move(bytes).error();
        if (bytes->size() != wanted) return Error(Fault::damaged, segment.file + " is shorter than the index says");
        hash_.add(*bytes);
        read_ += wanted;
        if (read_ == segment.bytes) {
            if (hash_.finish() != segment.sha256) return Error(Fault::damaged, segment.file + " is not what was recorded");
            waiting_.resize(static_cast<std::size_t>(padded(segment.bytes) - segment.bytes));
            in_file_ = false;
            ++at_;
            if (at_ == segments_.size()) waiting_.resize(waiting_.size() + tar_end_bytes);
        }
        if (!bytes->empty()) return bytes;
    }
    if (waiting_.empty()) {
        put_entry(waiting_, video_folder + segments_[at_].file, segments_[at_].bytes);
        hash_ = Sha256();
        read_ = 0;
        in_file_ = true;
    }
    const auto size = std::min(waiting_.size(), export_piece_bytes_max);
    Bytes piece(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
    return piece;
}

Result<VerifiedExport> verify_export(const PublicKey& key, const std::function<Result<Bytes>(const std::string& name)>& read) {
    auto manifest = read("manifest.json");
    if (!manifest) return std::move(manifest).error();
    auto signature_bytes = read("manifest.json.sig");
    if (!signature_bytes) return std::move(signature_bytes).error();
    Signature signature{};
    if (signature_bytes->size() != signature.size()) return Error(Fault::malformed, "manifest.json.sig: 64 bytes expected");
    std::copy(signature_bytes->begin(), signature_bytes->end(), signature.begin());
    if (!signature_fits(key, *manifest, signature)) return Error(Fault::refused, "the manifest was not signed by this key");
    constexpr std::size_t manifest_bytes_max = 16 * 1024 * 1024;
    auto parsed = parse_json(as_text(*manifest), manifest_bytes_max);
    if (!parsed) return std::move(parsed).error();
    const auto* object = parsed->if_object();
    const auto* files = object != nullptr ? array_at(*object, "files") : nullptr;
    if (files == nullptr) return Error(Fault::malformed, "the manifest lists no files");
    VerifiedExport report;
    for (const auto& row : *files) {
        const auto* file = row.if_object();
        if (file == nullptr) return Error(Fault::malformed, "the manifest's files are objects");
        auto name = need_text(*file, "file");
        auto hash = need_text(*file, "sha256");
        auto bytes = need_number(*file, "bytes");
        if (!name) return std::move(name).error();
        if (!hash) return std::move(hash).error();
        if (!bytes) return std::move(bytes).error();
        auto content = read(*name);
        if (!content) return std::move(content).error();
        if (static_cast<std::int64_t>(content->size()) != *bytes || to_hex(sha256(*content)) != *hash)
            return Error(Fault::damaged, *name + " is not what was signed");
        ++report.files;
        report.bytes += content->size();
    }
    return report;
}

} // namespace gatehouse::store
