// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/recording_folder.hpp"

#include "daemon/base/text.hpp"
#include "pipelines/link/codec.hpp"
#include "pipelines/playback/scan.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gatehouse::pipelines {

namespace {

constexpr int names_tried_max = 100;
constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t unfinished_files_max = 1024;

std::string part_of(const std::string& file) { return file + std::string(unfinished_ending); }

/// "2026-01-15T00:30:00.000000Z" as "20260115T003000000Z" and back.
std::string stamp_of(Time time) {
    const auto text = to_text(time);
    return text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 5) + text.substr(14, 2) + text.substr(17, 2) + text.substr(20, 3) + "Z";
}
std::optional<Time> time_of_stamp(std::string_view stamp) {
    if (stamp.size() < 19) return std::nullopt;
    const auto part = [&](std::size_t at, std::size_t length) { return std::string(stamp.substr(at, length)); };
    const auto time = parse_time(part(0, 4) + "-" + part(4, 2) + "-" + part(6, 5) + ":" + part(11, 2) + ":" + part(13, 2) + "." + part(15, 3) + "Z");
    if (!time) return std::nullopt;
    return *time;
}

/// `bytes` of a file from `offset` on, or as many as there are.
Result<Bytes> read_at(int descriptor, std::uint64_t offset, std::size_t bytes) {
    Bytes got(bytes);
    std::size_t have = 0;
    while (have < bytes) {
        const auto more = ::pread(descriptor, got.data() + have, bytes - have, static_cast<off_t>(offset + have));
        if (more < 0 && errno == EINTR) continue;
        if (more < 0) return file_error(errno, "reading a recording");
        if (more == 0) break;
        have += static_cast<std::size_t>(more);
    }
    got.resize(have);
    return got;
}

/// Everything of `segment` that the file itself says; no fragments: nothing in it is whole. Only the disk's own faults are faults.
Done scan_into(int descriptor, std::uint64_t file_bytes, Segment& segment) {
    std::optional<Error> disk;
    const playback::ReadAt read = [&](std::uint64_t offset, std::size_t bytes) {
        auto got = read_at(descriptor, offset, bytes);
        if (!got) disk = got.error();
        return got;
    };
    const auto scanned = playback::scan(file_bytes, read);
    if (disk) return std::move(*disk);
    if (!scanned) return {};
    auto told = playback::segment_of(*scanned);
    // Ours lie one behind the other (link/segment.hpp); what stands between two is damage, and so is all behind it.
    std::uint64_t end = told.init_bytes;
    const auto is_apart = [&](const Fragment& fragment) { return fragment.offset != end || (end += fragment.bytes, false); };
    told.fragments.erase(std::find_if(told.fragments.begin(), told.fragments.end(), is_apart), told.fragments.end());
    told.bytes = end;
    told.file = segment.file;
    told.end = segment.end;
    segment = std::move(told);
    return {};
}

Result<Digest> hash_of(int descriptor, std::uint64_t bytes) {
    Sha256 hash;
    for (std::uint64_t at = 0; at < bytes;) {
        auto piece = read_at(descriptor, at, static_cast<std::size_t>(std::min<std::uint64_t>(read_bytes, bytes - at)));
        if (!piece) return std::move(piece).error();
        if (piece->empty()) return Error(Fault::damaged, "a recording that became shorter while it was read");
        hash.add(*piece);
        at += piece->size();
    }
    return hash.finish();
}

} // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Error file_error(int number, const std::string& doing) {
    Fault fault = Fault::unreachable;
    if (number == ENOSPC || number == EDQUOT || number == EFBIG) fault = Fault::full;
    if (number == ENOENT || number == ENOTDIR) fault = Fault::gone;
    if (number == EACCES || number == EPERM || number == EROFS) fault = Fault::refused;
    if (number == EIO) fault = Fault::damaged;
    return Error(fault, doing + ": " + std::strerror(number));
}

int write_all(int descriptor, ByteView bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return 0;
}

Result<RecordingFolder> RecordingFolder::open(const std::string& path) {
    Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return file_error(errno, "opening the recording folder");
    return RecordingFolder(std::move(folder));
}

Result<std::string> RecordingFolder::free_name(Time started_at, const std::string& stream) const {
    const auto stem = stamp_of(started_at) + "-" + stream;
    for (int i = 0; i < names_tried_max; ++i) {
        const auto name = stem + (i == 0 ? "" : "-" + std::to_string(i)) + std::string(whole_ending);
        const auto is_taken = [&](const std::string& file) { return ::faccessat(number(), file.c_str(), F_OK, 0) == 0; };
        if (!is_taken(name) && !is_taken(part_of(name))) return name;
    }
    return Error(Fault::full, "no name left for a segment that begins at " + to_text(started_at));
}

Result<Descriptor> RecordingFolder::create(const std::string& file) const {
    Descriptor made(::openat(number(), part_of(file).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!made) return file_error(errno, "beginning " + file);
    return made;
}

Done RecordingFolder::finish(const Descriptor& open, const std::string& file) const {
    if (::fsync(open.number()) != 0) return file_error(errno, "syncing " + file);
    if (::renameat(number(), part_of(file).c_str(), number(), file.c_str()) != 0) return file_error(errno, "naming " + file);
    if (::fsync(number()) != 0) return file_error(errno, "syncing the folder of " + file);
    return {};
}

void RecordingFolder::drop(const std::string& file) const { ::unlinkat(number(), part_of(file).c_str(), 0); }

std::vector<std::string> RecordingFolder::unfinished() const {
    std::vector<std::string> names;
    const int again = ::openat(number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* folder = again < 0 ? nullptr : ::fdopendir(again);
    if (folder == nullptr) return names;
    while (const auto* entry = ::readdir(folder)) {
        std::string_view name = entry->d_name;
        if (!name.ends_with(unfinished_ending) || names.size() == unfinished_files_max) continue;
        name.remove_suffix(unfinished_ending.size());
        if (is_file_name(name)) names.emplace_back(name);
    }
    ::closedir(folder);
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::optional<Segment>> RecordingFolder::repair(const std::string& file) const {
    // A file that has its whole name was finished; only its word did not arrive.
    Descriptor open(::openat(number(), part_of(file).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    const bool is_part = static_cast<bool>(open);
    if (!is_part) open = Descriptor(::openat(number(), file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!open) return file_error(errno, "repairing " + file);
    struct stat about {};
    if (::fstat(open.number(), &about) != 0) return file_error(errno, "repairing " + file);
    if (!S_ISREG(about.st_mode)) return Error(Fault::malformed, file + " is no file");
    Segment segment;
    segment.file = file;
    segment.end = "repaired";
    if (auto scanned = scan_into(open.number(), static_cast<std::uint64_t>(about.st_size), segment); !scanned)
        return std::move(scanned).error().during("repairing " + file);
    if (segment.fragments.empty()) {
        if (is_part) drop(file);
        return std::optional<Segment>();
    }
    if (static_cast<std::uint64_t>(about.st_size) != segment.bytes && ::ftruncate(open.number(), static_cast<off_t>(segment.bytes)) != 0)
        return file_error(errno, "cutting " + file);
    auto digest = hash_of(open.number(), segment.bytes);
    if (!digest) return std::move(digest).error().during("repairing " + file);
    segment.sha256 = *digest;
    if (is_part) {
        if (auto done = finish(open, file); !done) return std::move(done).error();
    } else if (::fsync(open.number()) != 0) {
        return file_error(errno, "syncing " + file);
    }
    const auto& last = segment.fragments.back();
    const auto ticks = last.start_ticks + last.duration_ticks;
    segment.started_at = time_of_stamp(file).value_or(Time(std::chrono::seconds(about.st_mtime)));
    segment.ended_at =
        segment.started_at + std::chrono::microseconds(static_cast<std::int64_t>(static_cast<double>(ticks) * 1e6 / segment.timescale));
    const auto stream = file.find("-sub") != file.npos ? "sub" : "main";
    segment.stream = stream;
    return std::optional<Segment>(std::move(segment));
}

} // namespace gatehouse::pipelines
