// SPDX-License-Identifier: Apache-2.0
//
// What stands in the settings has been checked: no blank, no comment sign, no end of line gets into a directive.
#include "config/chrony.hpp"

namespace gatehouse::config {

std::string chrony_fragment(const Settings& settings) {
    const auto& time = settings.time;
    std::string text = "# 由 gatehousectl settings --chrony 按网关设置生成：要修改请改 gatehouse.toml 的 [time]，再重启 chrony。\n"
                       "# Made by gatehousectl settings --chrony: change [time] in gatehouse.toml, not this file, and restart chrony.\n";
    if (!time.sources.empty()) text += "\n# Where our own time comes from; asked by this interface alone.\n";
    if (!time.sources.empty() && !time.source_interface.empty()) text += "bindacqdevice " + time.source_interface + "\n";
    for (const auto& source : time.sources) text += "server " + source + " iburst\n";
    if (!time.serve_networks.empty()) {
        // Without a source the devices still agree with each other and with us, and see from the stratum that we are alone.
        text += "\n# The device networks may ask us, and nobody else; we answer on their interface alone.\n";
        text += "binddevice " + time.serve_interface + "\n";
        for (const auto& network : time.serve_networks) text += "allow " + network + "\n";
        text += "local stratum 10 orphan\n";
    }
    return text;
}

} // namespace gatehouse::config
