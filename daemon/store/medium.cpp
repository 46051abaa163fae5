// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/medium.hpp"

#include "daemon/base/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse::store {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t mounts_max = 4096;
constexpr std::size_t drives_max = 64;
constexpr int layers_max = 8; // partition, LVM, encryption, RAID

std::string first_line(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return std::string(trimmed(line));
}

// proc(5): blank, tab, line break and backslash are written as \040 and so on.
std::string unescaped_mount(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto is_octal = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
        if (text[i] == '\\' && is_octal(i + 1) && is_octal(i + 2) && is_octal(i + 3)) {
            plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

struct Mount {
    Medium medium;
    std::string device; ///< "8:2"
};

// "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"
std::optional<Mount> parse_mount(const std::string& line) {
    std::istringstream in(line);
    std::string id, parent, root, options, word;
    Mount mount;
    if (!(in >> id >> parent >> mount.device >> root >> mount.medium.mount_point >> options)) return {};
    while (in >> word && word != "-") {
    }
    std::string of_file_system;
    if (!(in >> mount.medium.file_system >> mount.medium.source)) return {};
    in >> of_file_system;
    mount.medium.mount_point = unescaped_mount(mount.medium.mount_point);
    mount.medium.source = unescaped_mount(mount.medium.source);
    std::istringstream both(options + "," + of_file_system);
    while (std::getline(both, word, ','))
        if (!word.empty() && !mount.medium.has(word)) mount.medium.options.push_back(word);
    return mount;
}

bool is_beneath(const std::string& path, const std::string& mount_point) {
    if (mount_point == "/") return true;
    return path == mount_point || path.starts_with(mount_point + "/");
}

std::optional<Mount> mount_of(const std::string& path, const std::string& mounts) {
    std::ifstream in(mounts);
    std::optional<Mount> found;
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line) && lines < mounts_max; ++lines) {
        auto mount = parse_mount(line);
        if (!mount || !is_beneath(path, mount->medium.mount_point)) continue;
        // A later mount at the same place covers the earlier one.
        if (!found || mount->medium.mount_point.size() >= found->medium.mount_point.size()) found = std::move(mount);
    }
    return found;
}

// Some file systems have no device number of a drive (btrfs): then their source names it.
fs::path block_device(const Mount& mount, const fs::path& sys) {
    std::error_code failed;
    if (!mount.device.starts_with("0:")) return fs::canonical(sys / "dev/block" / mount.device, failed);
    const auto name = mount.medium.source.substr(mount.medium.source.rfind('/') + 1);
    if (mount.medium.source.starts_with("/dev/mapper/")) {
        for (const auto& each : fs::directory_iterator(sys / "block", failed))
            if (first_line(each.path() / "dm/name") == name) return fs::canonical(each.path(), failed);
        return {};
    }
    if (!mount.medium.source.starts_with("/dev/")) return {};
    return fs::canonical(sys / "class/block" / name, failed);
}

Drive::Sort sort_of(const fs::path& device, const std::string& name, const std::string& model) {
    const auto words = lower(model);
    const auto says = [&](std::initializer_list<std::string_view> parts) {
        return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return words.find(part) != std::string::npos; });
    };
    if (name.starts_with("loop")) return Drive::Sort::loop;
    if (name.starts_with("zram") || name.starts_with("ram")) return Drive::Sort::memory;
    if (name.starts_with("vd") || name.starts_with("xvd") || says({"qemu", "vbox", "vmware", "virtual"})) return Drive::Sort::virtual_disk;
    if (says({"perc", "megaraid", "logical volume", "smart array", "serveraid", "raid"})) return Drive::Sort::controller;
    if (name.starts_with("nvme")) return Drive::Sort::nvme;
    if (name.starts_with("mmcblk")) return Drive::Sort::card;
    return device.string().find("/usb") != std::string::npos ? Drive::Sort::usb : Drive::Sort::disk;
}

Drive drive_at(const fs::path& device) {
    Drive drive;
    drive.name = device.filename().string();
    drive.model = first_line(device / "device/model");
    if (drive.model.empty()) drive.model = first_line(device / "device/name"); // cards
    drive.is_rotational = first_line(device / "queue/rotational") == "1";
    const auto cache = first_line(device / "queue/write_cache");
    if (cache == "write back") drive.has_volatile_cache = true;
    if (cache == "write through") drive.has_volatile_cache = false;
    drive.sort = sort_of(device, drive.name, drive.model);
    return drive;
}

/// Adds the drives beneath to `medium`. `is_encrypted`: something above was dm-crypt.
void descend(fs::path device, bool is_encrypted, int layers, Medium& medium) {
    std::error_code failed;
    if (fs::exists(device / "partition", failed)) device = device.parent_path();
    is_encrypted = is_encrypted || first_line(device / "dm/uuid").starts_with("CRYPT-");
    bool has_lower = false;
    if (layers < layers_max)
        for (const auto& each : fs::directory_iterator(device / "slaves", failed)) {
            const auto lower_one = fs::canonical(each.path(), failed);
            if (failed) continue;
            has_lower = true;
            descend(lower_one, is_encrypted, layers + 1, medium);
        }
    if (has_lower || medium.drives.size() >= drives_max) return;
    auto drive = drive_at(device);
    medium.is_encrypted = medium.is_encrypted.value_or(true) && is_encrypted;
    if (std::find(medium.drives.begin(), medium.drives.end(), drive) == medium.drives.end()) medium.drives.push_back(std::move(drive));
}

Error error_of(const std::string& doing, const std::string& path) {
    const int number = errno;
    const std::string words = doing + " " + path + ": " + std::strerror(number);
    if (number == ENOENT || number == ENOTDIR) return Error(Fault::gone, words);
    if (number == ENOSPC || number == EDQUOT) return Error(Fault::full, words);
    if (number == EACCES || number == EPERM) return Error(Fault::refused, words);
    return Error(Fault::damaged, words);
}

class Nameless {
public:
    explicit Nameless(const std::string& folder) : descriptor_(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
        if (descriptor_ >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return;
        // A file system without nameless files: the name goes before the first byte comes.
        auto name = folder + "/.sync-times-XXXXXX";
        descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
        if (descriptor_ >= 0) ::unlink(name.c_str());
    }
    ~Nameless() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Nameless(const Nameless&) = delete;
    Nameless& operator=(const Nameless&) = delete;
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

bool write_block(int descriptor, std::uint8_t filling) {
    std::array<std::uint8_t, sync_block_bytes> block{};
    block.fill(filling);
    return ::pwrite(descriptor, block.data(), block.size(), 0) == static_cast<ssize_t>(block.size());
}

} // namespace

bool Medium::has(std::string_view option) const { return std::find(options.begin(), options.end(), option) != options.end(); }

Result<Medium> medium_of(const std::string& folder, const KernelFiles& kernel) {
    std::error_code failed;
    const auto path = fs::canonical(folder, failed);
    if (failed) return Error(Fault::gone, folder + ": " + failed.message());
    auto mount = mount_of(path.string(), kernel.mounts);
    if (!mount) return Error(Fault::unsupported, "the kernel does not tell what " + folder + " is mounted from");
    if (const auto device = block_device(*mount, kernel.sys); !device.empty()) descend(device, false, 0, mount->medium);
    return std::move(mount->medium);
}

Result<SyncTimes> measure_syncs(const std::string& folder, const Clock& clock) {
    const Nameless file(folder);
    if (file.descriptor() < 0) return error_of("making a file in", folder);
    std::vector<Duration> took;
    const auto begun = clock.steady_now();
    // The first one makes room for the block and writes its place down; it is not counted.
    for (std::size_t i = 0; i <= syncs_max; ++i) {
        if (!write_block(file.descriptor(), static_cast<std::uint8_t>(i))) return error_of("writing in", folder);
        const auto before = clock.steady_now();
        if (::fdatasync(file.descriptor()) != 0) return error_of("syncing in", folder);
        const auto now = clock.steady_now();
        if (i > 0) took.push_back(now - before);
        if (took.size() >= syncs_min && now - begun >= sync_time_max) break;
    }
    std::sort(took.begin(), took.end());
    return SyncTimes{took.size(), took.front(), took[took.size() / 2], took.back()};
}

Result<Rights> rights_of(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return error_of("looking at", path);
    return Rights{path, about.st_mode & 07777u, about.st_uid};
}

} // namespace gatehouse::store
