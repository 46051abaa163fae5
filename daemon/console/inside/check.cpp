// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/check.hpp"

#include "daemon/base/text.hpp"
#include "daemon/console/inside/diagnosis.hpp"
#include "daemon/console/inside/etag.hpp"
#include "daemon/console/inside/status.hpp"
#include "daemon/console/scrub.hpp"

namespace gatehouse::console::inside {

namespace {

json::object check_json(const std::vector<Finding>& findings) {
    json::array array;
    auto worst = Finding::Severity::fine;
    for (const auto& finding : findings) {
        array.push_back(to_json(finding));
        worst = std::max(worst, finding.severity);
    }
    return {{"worst", name_of(worst)}, {"findings", std::move(array)}};
}

} // namespace

Task<net::HttpResponse> get_check(Parts& parts, const Asking&) {
    const auto findings = co_await check_all(parts);
    co_return json_answer(check_json(findings));
}

Task<net::HttpResponse> get_bundle(Parts& parts, const Asking& asking) {
    auto noted = co_await note_act(parts, asking, Kind::audit_exported, "bundle", 1);
    if (!noted) co_return problem_of(noted.error());
    auto status = co_await status_of(parts, true, true);
    const auto findings = co_await check_all(parts);
    json::array devices;
    for (const auto& entry : parts.registry.devices()) devices.push_back(registry::to_json(entry.second, true));
    json::object bundle{{"gatehouse_bundle", 1},         {"made_at", to_text(parts.clock.now())}, {"status", std::move(status)},
                        {"check", check_json(findings)}, {"devices", std::move(devices)},         {"settings", parts.settings_text(false)}};
    json::value scrubbed(std::move(bundle));
    scrub(scrubbed);
    co_return json_answer(scrubbed);
}

Task<net::HttpResponse> get_openapi(Parts&, const Asking& asking) {
    auto text = print_openapi();
    const auto etag = etag_of(text);
    co_return tagged(asking, text_answer(std::move(text), "application/yaml; charset=utf-8"), etag);
}

} // namespace gatehouse::console::inside
