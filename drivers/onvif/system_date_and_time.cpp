// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/system_date_and_time.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

namespace {

std::optional<std::int64_t> in_range(std::optional<std::int64_t> number, std::int64_t first, std::int64_t last) {
    return number && *number >= first && *number <= last ? number : std::nullopt;
}

// Date and time are numbers, without leading noughts (tt:DateTime).
std::optional<Time> read_parts(pugi::xml_node node) {
    const auto year = in_range(xml::number_at(node, "Date/Year"), 1970, 2199);
    const auto month = in_range(xml::number_at(node, "Date/Month"), 1, 12);
    const auto day = in_range(xml::number_at(node, "Date/Day"), 1, 31);
    const auto hour = in_range(xml::number_at(node, "Time/Hour"), 0, 23);
    const auto minute = in_range(xml::number_at(node, "Time/Minute"), 0, 59);
    const auto second = in_range(xml::number_at(node, "Time/Second"), 0, 60);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

} // namespace

std::string encode_get_system_date_and_time() { return "<tds:GetSystemDateAndTime/>"; }

Result<SystemDateAndTime> decode_get_system_date_and_time(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetSystemDateAndTimeResponse");
    if (!answer) return std::move(answer).error();
    const auto all = xml::child_at(answer->body(), "SystemDateAndTime");
    if (!all) return Error(Fault::malformed, "GetSystemDateAndTimeResponse: empty");
    return SystemDateAndTime{read_parts(xml::child_at(all, "UTCDateTime")), read_parts(xml::child_at(all, "LocalDateTime")),
                             word_of(xml::text_at(all, "DateTimeType"))};
}

} // namespace gatehouse::drivers::onvif
