// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/isapi_intake.hpp"

#include "daemon/base/text.hpp"
#include "tests/fuzz/record_oracle.hpp"

namespace gatehouse::fuzz {

using namespace drivers::isapi;

namespace {

drivers::DeviceInfo device_of(std::string model) {
    drivers::DeviceInfo device;
    device.id = "device-1";
    device.driver = "isapi";
    device.model = std::move(model);
    device.place = "gate-1";
    device.outlets = {{1, "lane-1", "in"}, {2, "lane-2", "out"}};
    device.options["faces"] = "yes";
    return device;
}

} // namespace

void take_in(Arrival arrival, Way way) {
    const Time heard = from_us(1'768'437'000'000'000);
    for (const auto* model : {"plate", "terminal"}) {
        const auto device = device_of(model);
        Intake intake(device, built_in_events());
        auto taken = intake.take(arrival, way, heard, Instant(), ClockReading{}, 1);
        if (taken.what == Taken::What::record) {
            auto& record = taken.record;
            record.source = device.id;
            check_taken(record);
            must_hold(check_record(record).has_value() || check_record(record).error().fault() == Fault::full,
                      "an alert becomes a record of its schema");
        }
        for (auto& record : intake.expire(heard, Instant() + std::chrono::hours(1), ClockReading{})) check_taken(record);
    }
}

} // namespace gatehouse::fuzz
