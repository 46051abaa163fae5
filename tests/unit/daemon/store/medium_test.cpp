// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/medium.hpp"

#include "tests/fakes/sim_clock.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Flush = StorageVerdict::Flush;
using Sort = Drive::Sort;

/// A kernel's files as a test wants them: /proc/self/mountinfo and /sys.
class Kernel {
public:
    Kernel() : root_(fs::temp_directory_path() / ("gatehouse-medium-" + std::to_string(::getpid()) + "-" + std::to_string(made++))) {
        fs::remove_all(root_);
        fs::create_directories(root_ / "sys/dev/block");
        fs::create_directories(root_ / "sys/block");
        fs::create_directories(root_ / "sys/class/block");
        fs::create_directories(data());
    }
    ~Kernel() { fs::remove_all(root_); }

    fs::path data() const { return root_ / "data"; }
    KernelFiles files() const { return {(root_ / "mountinfo").string(), (root_ / "sys").string()}; }

    void mount(const std::string& device, const fs::path& point, const std::string& rest) {
        std::ofstream(root_ / "mountinfo", std::ios::app) << "36 35 " << device << " / " << point.string() << " " << rest << "\n";
    }
    void write(const std::string& file, const std::string& text) {
        const auto path = root_ / "sys" / file;
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text << "\n";
    }
    /// A drive at devices/`where`, with a partition of that number.
    void drive(const std::string& where, const std::string& number, const std::string& model, bool rotational, const std::string& cache) {
        write("devices/" + where + "/queue/rotational", rotational ? "1" : "0");
        write("devices/" + where + "/queue/write_cache", cache);
        if (!model.empty()) write("devices/" + where + "/device/model", model + "   ");
        const auto name = fs::path(where).filename().string();
        write("devices/" + where + "/" + name + "1/partition", "1");
        link("dev/block/" + number, "devices/" + where + "/" + name + "1");
    }
    void link(const std::string& from, const std::string& to) {
        fs::create_directories((root_ / "sys" / from).parent_path());
        fs::create_directories(root_ / "sys" / to);
        fs::create_symlink(root_ / "sys" / to, root_ / "sys" / from);
    }
    Medium medium() const { return medium_of(data().string(), files()).value(); }

private:
    static inline int made = 0;
    fs::path root_;
};

SyncTimes of_median(Duration median) { return {64, median / 2, median, median * 3}; }

Medium on(Drive drive) {
    Medium medium;
    medium.mount_point = "/var";
    medium.file_system = "ext4";
    medium.source = "/dev/sda2";
    medium.options = {"rw", "relatime"};
    medium.drives = {std::move(drive)};
    return medium;
}

} // namespace

TEST_CASE("medium: file system, options and the drive beneath a partition are what the kernel tells of the nearest mount") {
    Kernel kernel;
    kernel.mount("8:1", "/", "rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro");
    kernel.mount("8:17", kernel.data(), "ro,noatime shared:9 master:1 - xfs /dev/sdb1 rw,nobarrier");
    kernel.drive("pci0000:00/ata1/block/sdb", "8:17", "WDC WD10EZEX", true, "write back");
    const auto medium = kernel.medium();
    CHECK(medium.mount_point == kernel.data().string());
    CHECK(medium.file_system == "xfs");
    CHECK(medium.source == "/dev/sdb1");
    CHECK(medium.has("ro"));
    CHECK(flushless_option(medium) == "nobarrier");
    REQUIRE(medium.drives.size() == 1);
    CHECK(medium.drives[0] == Drive{Sort::disk, "sdb", "WDC WD10EZEX", true, true});
    CHECK(medium.is_encrypted == false);
    CHECK(medium_of("/no/such/folder", kernel.files()).error().fault() == Fault::gone);
}

TEST_CASE("medium: encryption, RAID and LVM are looked through, and what hangs on USB is told apart") {
    Kernel kernel;
    kernel.mount("253:0", kernel.data(), "rw - ext4 /dev/mapper/data rw");
    kernel.drive("pci0000:00/usb1/1-2/block/sdc", "8:33", "Flash Disk", false, "write through");
    kernel.drive("pci0000:00/nvme/nvme0n1", "259:1", "SAMSUNG MZVL2512", false, "write back");
    kernel.write("devices/virtual/block/dm-0/dm/uuid", "CRYPT-LUKS2-8f1a-data");
    kernel.link("dev/block/253:0", "devices/virtual/block/dm-0");
    kernel.link("devices/virtual/block/dm-0/slaves/md0", "devices/virtual/block/md0");
    kernel.link("devices/virtual/block/md0/slaves/sdc1", "devices/pci0000:00/usb1/1-2/block/sdc/sdc1");
    kernel.link("devices/virtual/block/md0/slaves/nvme0n1p1", "devices/pci0000:00/nvme/nvme0n1/nvme0n11");
    auto medium = kernel.medium();
    CHECK(medium.is_encrypted == true);
    REQUIRE(medium.drives.size() == 2);
    std::sort(medium.drives.begin(), medium.drives.end(), [](const Drive& one, const Drive& other) { return one.name < other.name; });
    CHECK(medium.drives[0].sort == Sort::nvme);
    CHECK(medium.drives[1].sort == Sort::usb);
    // A mirror with one of its two drives encrypted is not.
    Kernel mirror;
    mirror.mount("9:0", mirror.data(), "rw - ext4 /dev/md0 rw");
    mirror.drive("pci0000:00/ata1/block/sda", "8:1", "WDC", true, "write back");
    mirror.drive("pci0000:00/ata2/block/sdb", "8:17", "WDC", true, "write back");
    mirror.write("devices/virtual/block/dm-1/dm/uuid", "CRYPT-LUKS2-half");
    mirror.link("dev/block/9:0", "devices/virtual/block/md0");
    mirror.link("devices/virtual/block/md0/slaves/dm-1", "devices/virtual/block/dm-1");
    mirror.link("devices/virtual/block/dm-1/slaves/sda1", "devices/pci0000:00/ata1/block/sda/sda1");
    mirror.link("devices/virtual/block/md0/slaves/sdb1", "devices/pci0000:00/ata2/block/sdb/sdb1");
    CHECK(mirror.medium().is_encrypted == false);
    CHECK(mirror.medium().drives.size() == 2);
}

TEST_CASE("medium: a file system without a drive's number is found by the name of its source") {
    Kernel kernel;
    kernel.mount("0:42", kernel.data(), "rw - btrfs /dev/mapper/vault rw,space_cache=v2");
    kernel.write("devices/virtual/block/dm-3/dm/name", "vault");
    kernel.write("devices/virtual/block/dm-3/dm/uuid", "CRYPT-LUKS2-vault");
    kernel.link("block/dm-3", "devices/virtual/block/dm-3");
    CHECK(kernel.medium().is_encrypted == true);
    Kernel bare;
    bare.mount("0:43", bare.data(), "rw - tmpfs tmpfs rw,size=1g");
    CHECK(bare.medium().drives.empty());
    CHECK_FALSE(bare.medium().is_encrypted.has_value());
    CHECK(is_memory(bare.medium()));
}

TEST_CASE("storage: what a flush is worth follows from file system, drive and time, and is said in both languages") {
    struct Row {
        const char* what;
        Medium medium;
        std::optional<SyncTimes> times;
        Flush flush;
        int severity;
    };
    auto in_memory = on({});
    in_memory.file_system = "tmpfs";
    auto over_nfs = on({});
    over_nfs.file_system = "nfs4";
    auto fuse = on({});
    fuse.file_system = "fuse.sshfs";
    auto without_barriers = on({Sort::disk, "sda", "WDC", true, true});
    without_barriers.options.emplace_back("barrier=0");
    auto nowhere = on({});
    nowhere.drives.clear();
    auto mirror = on({Sort::nvme, "nvme0n1", "honest", false, true});
    mirror.drives.push_back({Sort::loop, "loop0", "", false, false});
    const std::vector<Row> rows{
        {"tmpfs", in_memory, of_median(1us), Flush::lost, 2},
        {"zram", on({Sort::memory, "zram0", "", false, false}), of_median(1us), Flush::lost, 2},
        {"nfs", over_nfs, of_median(5ms), Flush::over_network, 2},
        {"fuse", fuse, of_median(5ms), Flush::over_network, 2},
        {"no barriers", without_barriers, of_median(9ms), Flush::not_sent, 2},
        {"no drive to be seen", nowhere, of_median(5ms), Flush::cannot_tell, 1},
        {"rotating, a revolution", on({Sort::disk, "sda", "WDC", true, true}), of_median(8ms), Flush::plausible, 0},
        {"rotating, just slow enough", on({Sort::disk, "sda", "WDC", true, true}), of_median(3ms), Flush::plausible, 0},
        {"rotating, half a revolution", on({Sort::disk, "sda", "WDC", true, true}), of_median(2999us), Flush::lies, 2},
        {"rotating without a cache, too fast", on({Sort::disk, "sda", "WDC", true, false}), of_median(100us), Flush::lies, 2},
        {"flash as slow as flash", on({Sort::disk, "sda", "Crucial", false, true}), of_median(1ms), Flush::plausible, 0},
        {"flash, just slow enough", on({Sort::nvme, "nvme0n1", "x", false, true}), of_median(150us), Flush::plausible, 0},
        {"flash, too fast, says it has a cache", on({Sort::nvme, "nvme0n1", "x", false, true}), of_median(149us), Flush::unproven, 1},
        {"flash, too fast, cache unknown", on({Sort::disk, "sda", "x", false, std::nullopt}), of_median(40us), Flush::unproven, 1},
        {"flash, fast, declares no cache", on({Sort::nvme, "nvme0n1", "P4510", false, false}), of_median(30us), Flush::declared, 0},
        {"a card, too fast", on({Sort::card, "mmcblk0", "SD16G", false, true}), of_median(90us), Flush::lies, 2},
        {"a card as slow as one", on({Sort::card, "mmcblk0", "SD16G", false, true}), of_median(4ms), Flush::plausible, 0},
        {"USB without a cache page", on({Sort::usb, "sdc", "Bridge", false, false}), of_median(4ms), Flush::not_sent, 2},
        {"USB that takes flushes", on({Sort::usb, "sdc", "Bridge", true, true}), of_median(9ms), Flush::plausible, 0},
        {"virtual", on({Sort::virtual_disk, "vda", "", true, true}), of_median(100us), Flush::cannot_tell, 1},
        {"RAID", on({Sort::controller, "sda", "PERC H730", true, true}), of_median(100us), Flush::cannot_tell, 1},
        {"loop", on({Sort::loop, "loop0", "", false, false}), of_median(100us), Flush::cannot_tell, 1},
        {"not measured", on({Sort::disk, "sda", "WDC", true, true}), std::nullopt, Flush::cannot_tell, 1},
        {"two drives, the worse counts", mirror, of_median(1ms), Flush::cannot_tell, 1},
    };
    for (const auto& row : rows) {
        const auto verdict = judge_storage(row.medium, row.times);
        CHECK_MESSAGE(name_of(verdict.flush) == name_of(row.flush), row.what);
        CHECK_MESSAGE(severity_of(verdict.flush) == row.severity, row.what);
        CHECK_MESSAGE(verdict.zh.find_first_of("\xe4\xe5\xe6\xe7\xe8\xe9") != std::string::npos, row.what);
        CHECK_MESSAGE(verdict.en.size() > 20, row.what);
    }
}

TEST_CASE("storage: the drive is measured within its bounds, and nothing is left in the folder") {
    const auto folder = fs::temp_directory_path() / ("gatehouse-syncs-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    Loop loop;
    const RealClock clock(loop);
    const auto begun = clock.steady_now();
    const auto times = measure_syncs(folder.string(), clock);
    const auto took = clock.steady_now() - begun;
    REQUIRE(times.has_value());
    CHECK(times->count >= syncs_min);
    CHECK(times->count <= syncs_max);
    CHECK(times->fastest <= times->median);
    CHECK(times->median <= times->slowest);
    CHECK(took < sync_time_max + 10s);
    CHECK(fs::is_empty(folder));
    // Where the clock does not move, the count is the bound.
    fakes::SimClock still(loop);
    CHECK(measure_syncs(folder.string(), still).value().count == syncs_max);
    CHECK(fs::is_empty(folder));
    fs::remove_all(folder);
    CHECK(measure_syncs(folder.string(), clock).error().fault() == Fault::gone);
}
