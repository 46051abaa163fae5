// SPDX-License-Identifier: Apache-2.0
//
// What can be said of a drive's flush without pulling the plug. A drive that acknowledges a flush before its medium can have taken the
// block has only put it into memory; whether that memory outlives the power is written in its data sheet, and nowhere else.
#include "daemon/store/medium.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace gatehouse::store {

namespace {

using Flush = StorageVerdict::Flush;

constexpr std::array network_file_systems{std::string_view("nfs"),  std::string_view("nfs4"),      std::string_view("cifs"),
                                          std::string_view("smb3"), std::string_view("9p"),        std::string_view("virtiofs"),
                                          std::string_view("ceph"), std::string_view("glusterfs"), std::string_view("vboxsf"),
                                          std::string_view("afs"),  std::string_view("lustre")};

std::string ms(Duration time) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g ms", static_cast<double>(time.count()) / 1000);
    return text.data();
}

std::string called(const Drive& drive) { return drive.name + (drive.model.empty() ? "" : " (" + drive.model + ")"); }

StorageVerdict of_rotating(const Drive& drive, Duration median) {
    if (median < revolution_min)
        return {
            Flush::lies, drive.name,
            called(drive) + " 是机械硬盘，却在 " + ms(median) + " 内回报写入完成，不足一圈：它对刷盘撒谎。关闭其写缓存（hdparm -W0），或更换硬盘",
            called(drive) + " rotates, and says after " + ms(median) +
                " that a block is written, sooner than one revolution: it lies about flush. Switch its write cache off (hdparm -W0), or replace it"};
    return {Flush::plausible, drive.name, called(drive) + " 每次刷盘 " + ms(median) + "，与机械硬盘相符",
            called(drive) + " takes " + ms(median) + " a flush, as a rotating drive must"};
}

StorageVerdict of_flash(const Drive& drive, Duration median) {
    if (median >= page_program_min)
        return {Flush::plausible, drive.name, called(drive) + " 每次刷盘 " + ms(median) + "，与闪存相符；要证实只有断电试验",
                called(drive) + " takes " + ms(median) + " a flush, as flash must; only a power cut would prove it"};
    if (drive.sort == Drive::Sort::card)
        return {Flush::lies, drive.name,
                called(drive) + " 是存储卡，却在 " + ms(median) + " 内回报写入完成，快于闪存：它对刷盘撒谎。日志改放工业级固态硬盘",
                called(drive) + " is a memory card, and says after " + ms(median) +
                    " that a block is written, sooner than flash can be: it lies about flush. Keep the log on an industrial SSD"};
    if (drive.has_volatile_cache == false)
        return {Flush::declared, drive.name,
                called(drive) + " 声明没有易失缓存，每次写入 " + ms(median) + "，与带掉电保护（电容）的硬盘相符；请核对其规格书",
                called(drive) + " declares that it has no volatile cache and takes " + ms(median) +
                    " a write, as drives with power-loss protection do; see its data sheet"};
    return {Flush::unproven, drive.name,
            called(drive) + " 每次刷盘 " + ms(median) +
                "，快于闪存本身：要么带掉电保护（电容），要么对刷盘撒谎，软件无法分辨。规格书上没有 PLP 就不要用它存日志",
            called(drive) + " takes " + ms(median) +
                " a flush, sooner than flash can be written: it has power-loss protection, or it lies; software cannot tell which. Unless its "
                "data sheet promises protection, keep no log on it"};
}

StorageVerdict of_drive(const Drive& drive, const std::optional<SyncTimes>& times) {
    switch (drive.sort) {
    case Drive::Sort::memory:
        return {Flush::lost, drive.name, called(drive) + " 是内存盘，断电即失：store.directory 改到真正的硬盘上",
                called(drive) + " is memory, gone when the power is: put store.directory on a real drive"};
    case Drive::Sort::loop:
        return {Flush::cannot_tell, drive.name, called(drive) + " 是文件映射的盘，取决于下层文件系统：对下层目录再做检查",
                called(drive) + " is a file that looks like a drive: what lies beneath decides, look at that"};
    case Drive::Sort::virtual_disk:
        return {Flush::cannot_tell, drive.name,
                called(drive) + " 是虚拟盘，刷盘是否真实由宿主机决定：宿主机须用 cache=none 或 writethrough，不可用 unsafe",
                called(drive) +
                    " is a virtual drive, and its host decides what a flush is: the host must use cache=none or writethrough, never unsafe"};
    case Drive::Sort::controller:
        return {Flush::cannot_tell, drive.name, called(drive) + " 在阵列卡之后，看不到硬盘：确认阵列卡电池（BBU）正常，硬盘自身缓存已关闭",
                called(drive) +
                    " is behind a RAID controller that hides its drives: see that its battery is sound and the drives' own caches are off"};
    case Drive::Sort::usb:
        if (drive.has_volatile_cache == false)
            return {Flush::not_sent, drive.name, called(drive) + " 经 USB 连接，转接芯片不报告缓存，内核不向它发刷盘命令：日志改放内置硬盘",
                    called(drive) +
                        " is behind a USB bridge that tells of no cache, so the kernel sends it no flush: keep the log on an internal drive"};
        break;
    default: break;
    }
    if (!times)
        return {Flush::cannot_tell, drive.name, called(drive) + "：未测量，无法判断（gatehousectl check --storage）",
                called(drive) + ": not measured, nothing can be said (gatehousectl check --storage)"};
    return drive.is_rotational ? of_rotating(drive, times->median) : of_flash(drive, times->median);
}

} // namespace

bool is_memory(const Medium& medium) {
    return medium.file_system == "tmpfs" || medium.file_system == "ramfs" ||
           std::any_of(medium.drives.begin(), medium.drives.end(), [](const Drive& drive) { return drive.sort == Drive::Sort::memory; });
}

bool is_network(const Medium& medium) {
    return medium.file_system.starts_with("fuse") ||
           std::find(network_file_systems.begin(), network_file_systems.end(), medium.file_system) != network_file_systems.end();
}

std::optional<std::string> flushless_option(const Medium& medium) {
    for (const auto* option : {"nobarrier", "barrier=0"})
        if (medium.has(option)) return option;
    return std::nullopt;
}

std::string_view name_of(Flush flush) {
    switch (flush) {
    case Flush::plausible: return "plausible";
    case Flush::declared: return "declared";
    case Flush::unproven: return "unproven";
    case Flush::cannot_tell: return "cannot_tell";
    case Flush::not_sent: return "not_sent";
    case Flush::lies: return "lies";
    case Flush::over_network: return "over_network";
    case Flush::lost: return "lost";
    }
    return "cannot_tell";
}

int severity_of(Flush flush) {
    if (flush == Flush::plausible || flush == Flush::declared) return 0;
    return flush == Flush::unproven || flush == Flush::cannot_tell ? 1 : 2;
}

StorageVerdict judge_storage(const Medium& medium, const std::optional<SyncTimes>& times) {
    if (is_memory(medium))
        return {Flush::lost, "", medium.mount_point + "（" + medium.file_system + "）在内存中，断电即失：store.directory 改到真正的硬盘上",
                medium.mount_point + " (" + medium.file_system + ") lies in memory, gone when the power is: put store.directory on a real drive"};
    if (is_network(medium))
        return {Flush::over_network, "",
                medium.mount_point + "（" + medium.file_system + "）不是本机硬盘，日志不能放在那里：store.directory 改到本机硬盘上",
                medium.mount_point + " (" + medium.file_system + ") is no drive of this machine, and no place for a log: put store.directory on one"};
    if (const auto option = flushless_option(medium))
        return {Flush::not_sent, "", medium.mount_point + " 挂载时带 " + *option + "，断电会丢失已确认的记录：从 /etc/fstab 中去掉后重新挂载",
                medium.mount_point + " is mounted with " + *option +
                    ", a power cut loses what was acknowledged: take it out of /etc/fstab and remount"};
    if (medium.drives.empty())
        return {Flush::cannot_tell, "", medium.mount_point + "（" + medium.file_system + "，" + medium.source + "）之下看不到硬盘，无法判断",
                "no drive is to be seen beneath " + medium.mount_point + " (" + medium.file_system + ", " + medium.source + "): nothing can be said"};
    std::optional<StorageVerdict> worst;
    for (const auto& drive : medium.drives) {
        auto verdict = of_drive(drive, times);
        if (!worst || verdict.flush > worst->flush) worst = std::move(verdict);
    }
    return std::move(*worst);
}

} // namespace gatehouse::store
