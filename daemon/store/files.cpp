// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/files.hpp"

#include "daemon/base/text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace gatehouse::store {

namespace {

Error error_of(const std::string& doing, const std::string& path, int number) {
    const std::string words = doing + " " + path + ": " + std::strerror(number);
    if (number == ENOENT || number == ENOTDIR) return Error(Fault::gone, words);
    if (number == ENOSPC || number == EDQUOT || number == EMFILE || number == ENFILE) return Error(Fault::full, words);
    if (number == EACCES || number == EPERM) return Error(Fault::refused, words);
    return Error(Fault::unreachable, words);
}
Error error_of(const std::string& doing, const std::string& path) { return error_of(doing, path, errno); }

class Descriptor {
public:
    Descriptor(const std::string& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    bool is_open() const { return number_ >= 0; }
    int number() const { return number_; }

private:
    int number_;
};

Done write_all(int descriptor, ByteView bytes, const std::string& path) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return error_of("writing", path);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

class HeldLock final : public FileLock {
public:
    explicit HeldLock(int descriptor) : descriptor_(descriptor) {}
    ~HeldLock() override { ::close(descriptor_); }
    HeldLock(const HeldLock&) = delete;
    HeldLock& operator=(const HeldLock&) = delete;

private:
    int descriptor_;
};

} // namespace

Result<Bytes> SystemFiles::read(const std::string& path, std::size_t bytes_max) {
    const Descriptor file(path, O_RDONLY);
    if (!file.is_open()) return error_of("opening", path);
    struct stat about {};
    if (::fstat(file.number(), &about) != 0) return error_of("reading", path);
    const auto size = static_cast<std::size_t>(about.st_size);
    if (size > bytes_max) return Error(Fault::full, path + " has " + std::to_string(size) + " bytes");
    Bytes bytes(size);
    std::size_t have = 0;
    while (have < size) {
        const auto got = ::read(file.number(), bytes.data() + have, size - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_of("reading", path);
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

Result<Bytes> SystemFiles::read_at(const std::string& path, std::uint64_t offset, std::size_t size) {
    const Descriptor file(path, O_RDONLY);
    if (!file.is_open()) return error_of("opening", path);
    Bytes bytes(size);
    std::size_t have = 0;
    while (have < size) {
        const auto got = ::pread(file.number(), bytes.data() + have, size - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_of("reading", path);
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

namespace {

constexpr std::size_t piece_bytes = 1 << 20;

/// Gives the file's bytes to `take`, piece by piece.
template <class Take>
Done read_pieces(const std::string& path, Take take) {
    const Descriptor file(path, O_RDONLY);
    if (!file.is_open()) return error_of("opening", path);
    Bytes piece(piece_bytes);
    for (;;) {
        const auto got = ::read(file.number(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_of("reading", path);
        if (got == 0) return {};
        if (Done taken = take(ByteView(piece).first(static_cast<std::size_t>(got))); !taken) return taken;
    }
}

} // namespace

Result<Digest> SystemFiles::hash(const std::string& path) {
    Sha256 hash;
    auto done = read_pieces(path, [&](ByteView piece) -> Done {
        hash.add(piece);
        return {};
    });
    if (!done) return std::move(done).error();
    return hash.finish();
}

Done SystemFiles::copy(const std::string& from, const std::string& to) {
    const Descriptor file(to, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) return error_of("making", to);
    if (auto done = read_pieces(from, [&](ByteView piece) { return write_all(file.number(), piece, to); }); !done) return done;
    if (::fsync(file.number()) != 0) return error_of("syncing", to);
    return sync_folder(folder_of(to));
}

Done SystemFiles::write(const std::string& path, ByteView bytes) {
    const std::string beside = path + ".part";
    {
        const Descriptor file(beside, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file.is_open()) return error_of("making", beside);
        auto written = write_all(file.number(), bytes, beside);
        if (written && ::fsync(file.number()) != 0) written = error_of("syncing", beside);
        if (!written) {
            ::unlink(beside.c_str());
            return written;
        }
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return error_of("renaming to", path);
    return sync_folder(folder_of(path));
}

Done SystemFiles::append(const std::string& path, ByteView bytes) {
    const bool is_new = !exists(path);
    const Descriptor file(path, O_WRONLY | O_CREAT | O_APPEND);
    if (!file.is_open()) return error_of("opening", path);
    if (auto written = write_all(file.number(), bytes, path); !written) return written;
    if (::fsync(file.number()) != 0) return error_of("syncing", path);
    return is_new ? sync_folder(folder_of(path)) : Done();
}

Done SystemFiles::cut(const std::string& path, std::uint64_t bytes) {
    const Descriptor file(path, O_WRONLY);
    if (!file.is_open()) return error_of("opening", path);
    if (::ftruncate(file.number(), static_cast<off_t>(bytes)) != 0) return error_of("cutting", path);
    if (::fsync(file.number()) != 0) return error_of("syncing", path);
    return {};
}

Done SystemFiles::destroy(const std::string& path) {
    {
        const Descriptor file(path, O_WRONLY);
        if (!file.is_open()) return errno == ENOENT ? Done() : Done(error_of("opening", path));
        struct stat about {};
        if (::fstat(file.number(), &about) != 0) return error_of("reading", path);
        const Bytes zeros(static_cast<std::size_t>(about.st_size));
        if (auto written = write_all(file.number(), zeros, path); !written) return written;
        if (::fsync(file.number()) != 0) return error_of("syncing", path);
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return error_of("removing", path);
    return sync_folder(folder_of(path));
}

Done SystemFiles::remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return error_of("removing", path);
    return {};
}

Done SystemFiles::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return error_of("renaming", from);
    return sync_folder(folder_of(to));
}

Done SystemFiles::make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) return sync_folder(folder_of(path));
    if (errno == EEXIST) return {};
    if (errno != ENOENT) return error_of("making", path);
    if (auto parent = make_folder(folder_of(path)); !parent) return parent;
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return error_of("making", path);
    return sync_folder(folder_of(path));
}

Done SystemFiles::remove_empty_folder(const std::string& path) {
    if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return error_of("removing", path);
    return sync_folder(folder_of(path));
}

Done SystemFiles::sync_folder(const std::string& path) {
    const Descriptor folder(path, O_RDONLY | O_DIRECTORY);
    if (!folder.is_open()) return error_of("opening", path);
    if (::fsync(folder.number()) != 0) return error_of("syncing", path);
    return {};
}

Result<std::vector<std::string>> SystemFiles::list(const std::string& path) {
    std::vector<std::string> names;
    std::error_code failed;
    for (std::filesystem::directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed))
        names.push_back(at->path().filename());
    if (failed && failed != std::errc::no_such_file_or_directory) return error_of("listing", path, failed.value());
    std::sort(names.begin(), names.end());
    return names;
}

bool SystemFiles::exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::uint64_t SystemFiles::size(const std::string& path) {
    struct stat about {};
    return ::stat(path.c_str(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

std::uint64_t SystemFiles::free_bytes(const std::string& path) {
    struct statvfs about {};
    if (::statvfs(path.c_str(), &about) != 0) return 0;
    return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
}

Result<std::unique_ptr<FileLock>> SystemFiles::lock(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return error_of("opening", path);
    // flock, not fcntl: SQLite's own locks on other files of this process stay out of it, and a second open here is refused too.
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int number = errno;
        ::close(descriptor);
        if (number == EWOULDBLOCK) return Error(Fault::busy, path + ": another process holds this log");
        return error_of("locking", path, number);
    }
    return std::unique_ptr<FileLock>(std::make_unique<HeldLock>(descriptor));
}

namespace {

/// The last part of what a link leads to; empty: no link.
std::string target_name(const std::string& link) {
    std::array<char, 4096> target{};
    const auto size = ::readlink(link.c_str(), target.data(), target.size());
    if (size <= 0) return {};
    const std::string path(target.data(), static_cast<std::size_t>(size));
    return path.substr(path.rfind('/') + 1);
}

} // namespace

MachineIdentity machine_identity(const std::string& folder) {
    MachineIdentity identity;
    SystemFiles files;
    constexpr std::size_t machine_id_bytes_max = 256;
    if (auto id = files.read("/etc/machine-id", machine_id_bytes_max)) identity.machine_id = trimmed(as_text(*id));
    struct stat about {};
    if (::stat(folder.c_str(), &about) != 0) return identity;
    // The kernel's number of a file system may change from boot to boot; its UUID is the link in this folder that leads to its device.
    const std::string links = "/dev/disk/by-uuid";
    auto names = files.list(links);
    if (!names) return identity;
    const auto device = target_name("/sys/dev/block/" + std::to_string(major(about.st_dev)) + ":" + std::to_string(minor(about.st_dev)));
    // By the device's name, not by the device: in the service's sandbox the links are there, and what they lead to is not.
    for (const auto& name : *names)
        if (!device.empty() && target_name(links + "/" + name) == device) identity.file_system = name;
    return identity;
}

} // namespace gatehouse::store
