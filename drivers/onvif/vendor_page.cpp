// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/vendor_page.hpp"

#include "daemon/base/text.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::onvif {

namespace {
constexpr std::size_t page_bytes_max = 64 * 1024;
}

VendorPage decode_vendor_page(int status, std::string_view body) {
    VendorPage page;
    const auto document = xml::Xml::parse(body, page_bytes_max);
    if (!document) {
        // Some answer 401 with a page for people; whoever asks for a log-in at this path is such a camera.
        if (status == 401) page.says = VendorPage::Says::asks_log_in;
        return page;
    }
    const auto root = document->root();
    const auto name = xml::local_name(root);
    if (name == "ResponseStatus" && same_but_case(xml::text_at(root, "subStatusCode"), "notActivated")) {
        page.says = VendorPage::Says::not_activated;
    } else if (name == "userCheck") {
        const auto lock = lower(xml::text_at(root, "lockStatus"));
        const bool is_activated = !same_but_case(xml::text_at(root, "isActivated"), "false");
        page.says = !is_activated                        ? VendorPage::Says::not_activated
                    : lock == "lock" || lock == "locked" ? VendorPage::Says::locked
                                                         : VendorPage::Says::asks_log_in;
        const auto left = xml::number_at(root, "unlockTime");
        if (page.says == VendorPage::Says::locked && left && *left > 0 && *left <= 86400) page.unlocks_in = std::chrono::seconds(*left);
    } else if (name == "ResponseStatus" || name == "DeviceInfo") {
        page.says = VendorPage::Says::asks_log_in;
    }
    return page;
}

} // namespace gatehouse::drivers::onvif
