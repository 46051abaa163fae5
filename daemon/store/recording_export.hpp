// SPDX-License-Identifier: Apache-2.0
//
// A span of a camera's recordings for somebody who must be able to rely on it: the files as they were recorded, byte for byte, with a list of
// their SHA-256 and the gateway's signature over it. One tar file (POSIX.1-1988 ustar), made while it is sent: it costs no room on a disk that
// may be full, and its length is known before.
//
//     manifest.json      who, which camera, which span, what is missing in it and why, every file with its times, length and SHA-256
//     manifest.json.sig  Ed25519 (RFC 8032) over manifest.json, 64 bytes
//     key.pem            the gateway's public key, to be compared with the one that was handed over before
//     SHA256SUMS         for sha256sum -c
//     video/…            the segments; each plays alone
//
// Whoever has it needs no software of ours: openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest.json -sigfile manifest.json.sig
#pragma once

#include "daemon/base/crypto.hpp"
#include "daemon/store/recording_spans.hpp"

#include <functional>

namespace gatehouse::store {

constexpr Duration export_span_max = std::chrono::hours(24);
constexpr std::size_t export_segments_max = 20'000;
constexpr std::size_t export_piece_bytes_max = 256 * 1024;
constexpr std::uint64_t export_file_bytes_max = 8ull * 1024 * 1024 * 1024 - 1; ///< what ustar can say of one file

/// Who wants what, on whose word.
struct ExportOrder {
    std::string gateway, compound; ///< ids
    std::string camera, stream = "main";
    Time from{}, to{};
    std::string case_number, purpose;
    Time made_at{}; ///< the epoch: now
};

using ReadExported = std::function<Result<Bytes>(const RecordedSegment& segment, std::uint64_t offset, std::size_t bytes)>;

class RecordingExport {
public:
    /// Whole segments: those that overlap the span. Fault::gone: there is none. Fault::full: more than the bounds.
    static Result<RecordingExport> make(const ExportOrder& order, std::vector<RecordedSegment> segments, const std::vector<RecordingSpan>& spans,
                                        const SigningKey& key);

    std::uint64_t bytes() const { return bytes_; }
    const std::string& manifest() const { return manifest_; }
    std::size_t files() const { return segments_.size(); }

    /// Passes over whole files that lie before `offset`, and answers where reading begins then: at or before it. Before the first next().
    std::uint64_t skip_towards(std::uint64_t offset);

    /// The next piece; in order, from the first byte to the last. Blocks. Fault::damaged: a file is no longer what the index says; what was given so
    /// far is to be thrown away, and the receiver sees by the length that it is not whole.
    Result<Bytes> next(const ReadExported& read);

private:
    void put_entry(Bytes& into, const std::string& name, std::uint64_t bytes) const;
    void put_text(const std::string& name, std::string_view text);

    Time made_at_{};
    std::vector<RecordedSegment> segments_;
    std::string manifest_;
    std::uint64_t bytes_ = 0;
    // Where reading stands.
    Bytes waiting_;          ///< headers, texts and padding to be given first
    std::size_t at_ = 0;     ///< which segment
    std::uint64_t read_ = 0; ///< of it
    bool in_file_ = false;
    Sha256 hash_;
};

struct VerifiedExport {
    std::size_t files = 0;
    std::uint64_t bytes = 0;
};

/// What the receiver does, ours: the signature under `key`, then each file's length and SHA-256. `read` gives a file of the export by its name.
/// Fault::refused: not signed by that key; Fault::damaged: a file is not what was signed; Fault::malformed: no manifest.
Result<VerifiedExport> verify_export(const PublicKey& key, const std::function<Result<Bytes>(const std::string& name)>& read);

} // namespace gatehouse::store
