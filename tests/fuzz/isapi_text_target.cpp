// SPDX-License-Identifier: Apache-2.0
//
// The small texts of drivers/isapi: times held against the simulator's own reader, zones, plates, addresses of pictures.
#include "daemon/base/text.hpp"
#include "drivers/isapi/acs_event_search.hpp"
#include "drivers/isapi/device_time.hpp"
#include "drivers/isapi/plate_text.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/simulators/devices/isapi/time_text.hpp"

namespace gatehouse::fuzz {

using namespace drivers::isapi;

namespace {

constexpr std::chrono::minutes beijing = std::chrono::hours(8);

void check_time(std::string_view bytes) {
    const auto read = read_device_time(bytes, beijing);
    must_hold(read.at.has_value() != read.flawed, "a time is read, or flawed");
    if (!read.at) return;
    must_hold(read.second && std::chrono::abs(*read.at - *read.second) < std::chrono::seconds(1), "the second is the time's own");
    const auto theirs = simulators::isapi::parse_time(trimmed(bytes), 8 * 60);
    // The device's own reader takes neither zones west of Greenwich nor the small z of RFC 3339.
    if (theirs && bytes.find('-', 10) == std::string_view::npos && bytes.find('z') == std::string_view::npos)
        must_hold(*theirs == to_us(*read.at), "the device reads the same time");
    const auto whole = std::chrono::floor<std::chrono::seconds>(*read.at);
    const auto again = read_device_time(device_time_text(whole, beijing), beijing);
    must_hold(again.at == whole || to_us(whole) < 86'400'000'000 || to_us(whole) > 4'102'358'400'000'000, "a time is read back as it was");
}

void check_zone(std::string_view bytes) {
    const auto offset = read_zone(bytes);
    if (!offset) return;
    must_hold(std::chrono::abs(*offset) <= std::chrono::hours(14), "a zone is on this earth");
    must_hold(read_zone(zone_text(*offset)) == *offset, "a zone is read back as it was");
}

} // namespace

void isapi_text(std::string_view bytes) {
    check_time(bytes);
    check_zone(bytes);
    if (const auto at = read_capture_time(bytes, beijing)) must_hold(to_us(*at) > -100'000'000'000, "a capture lies in our age");
    if (const auto at = read_abs_time(bytes, beijing)) must_hold(to_us(*at) > -100'000'000'000, "a picture lies in our age");
    if (const auto target = picture_target(bytes)) must_hold(target->starts_with('/') && target->size() <= 1024, "a picture's address is a path");
    const auto plate = read_plate_text(bytes);
    must_hold(plate.plate.size() <= plate_bytes_max, "a plate is short");
    if (is_utf8(bytes)) must_hold(is_utf8(plate.plate), "a plate of UTF-8 is UTF-8");
    must_hold(read_plate_text(plate.plate).plate.size() <= plate.plate.size(), "a plate grows by no reading");
}

} // namespace gatehouse::fuzz
