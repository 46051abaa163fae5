// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/check.hpp"

#include "daemon/base/text.hpp"
#include "daemon/console/inside/diagnosis.hpp"
#include "daemon/console/inside/etag.hpp"
#include "daemon/console/inside/status.hpp"
#include "daemon/console/plan.hpp"
#include "daemon/console/scrub.hpp"

#include <algorithm>
#include <array>

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

constexpr std::size_t sample_page_records = 2000;
constexpr std::size_t sample_page_bytes = 4 * 1024 * 1024;

Task<Result<LogSample>> sample_log(Parts& parts) {
    LogSample sample;
    const auto head = parts.store.head().position;
    auto after = head > sampled_records_max ? head - sampled_records_max : 0;
    std::optional<Time> first, last;
    while (after < head) {
        auto page = co_await parts.store.read_after(after, sample_page_records, sample_page_bytes);
        if (!page) co_return std::move(page).error();
        if (page->empty()) break;
        after = page->back().position;
        for (const auto& record : *page) {
            ++sample.records;
            if (!first) first = record.heard_at;
            last = record.heard_at;
            auto& source = sample.by_source[record.source];
            ++source.records;
            source.pictures += record.pictures.size();
            for (const auto& picture : record.pictures) source.picture_bytes += picture.bytes;
        }
    }
    if (first) sample.span = *last - *first;
    sample.is_full = sample.records >= sampled_records_max;
    co_return sample;
}

json::object drive_json(const store::Drive& drive) {
    using Sort = store::Drive::Sort;
    constexpr std::array sorts{std::pair(Sort::disk, "disk"), std::pair(Sort::nvme, "nvme"),       std::pair(Sort::card, "card"),
                               std::pair(Sort::usb, "usb"),   std::pair(Sort::controller, "raid"), std::pair(Sort::virtual_disk, "virtual"),
                               std::pair(Sort::loop, "loop"), std::pair(Sort::memory, "memory")};
    const auto* sort = std::find_if(sorts.begin(), sorts.end(), [&](const auto& row) { return row.first == drive.sort; });
    json::object object{{"name", drive.name}, {"model", drive.model}, {"sort", sort->second}, {"rotational", drive.is_rotational}};
    object["volatile_cache"] = drive.has_volatile_cache ? json::value(*drive.has_volatile_cache) : json::value(nullptr);
    return object;
}

json::object storage_json(const StorageReport& report) {
    json::array drives, options;
    for (const auto& drive : report.medium.drives) drives.push_back(drive_json(drive));
    for (const auto& option : report.medium.options) options.push_back(json::value(option));
    json::value times = nullptr;
    if (report.times)
        times = {{"count", report.times->count},
                 {"fastest_us", report.times->fastest.count()},
                 {"median_us", report.times->median.count()},
                 {"slowest_us", report.times->slowest.count()}};
    const auto verdict = store::judge_storage(report.medium, report.times);
    const auto severity = static_cast<Finding::Severity>(store::severity_of(verdict.flush));
    json::object object{{"mount_point", report.medium.mount_point},
                        {"file_system", report.medium.file_system},
                        {"source", report.medium.source},
                        {"options", std::move(options)},
                        {"drives", std::move(drives)},
                        {"times", std::move(times)},
                        {"not_measured", report.not_measured},
                        {"verdict", store::name_of(verdict.flush)},
                        {"severity", name_of(severity)},
                        {"zh", verdict.zh},
                        {"en", verdict.en}};
    object["encrypted"] = report.medium.is_encrypted ? json::value(*report.medium.is_encrypted) : json::value(nullptr);
    return object;
}

} // namespace

Task<net::HttpResponse> get_check(Parts& parts, const Asking&) {
    const auto findings = co_await check_all(parts);
    co_return json_answer(check_json(findings));
}

Task<net::HttpResponse> get_plan(Parts& parts, const Asking&) {
    PlanInput input;
    auto sample = co_await sample_log(parts);
    if (!sample) co_return problem_of(sample.error());
    input.sample = std::move(*sample);
    const auto status = parts.store.status();
    input.log_records = status.records;
    input.database_bytes = status.database_bytes;
    input.free_bytes = status.free_bytes;
    input.settings = parts.plan_settings();
    for (const auto& entry : parts.registry.devices()) input.devices.push_back(entry.second.info);
    co_return json_answer(to_json(make_plan(input)));
}

Task<net::HttpResponse> post_storage(Parts& parts, const Asking&) {
    auto report = co_await parts.measure_storage();
    if (!report) co_return problem_of(report.error());
    co_return json_answer(storage_json(*report));
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
