// SPDX-License-Identifier: Apache-2.0
//
// A device with events and pictures, as one: its driver holds the conversation about events and tells where the streams are; a worker records the
// first of them. Each is supervised by itself, so that a camera whose ONVIF fails is recorded, and one whose picture is lost still reports.
#pragma once

#include "drivers/camera_control.hpp"
#include "drivers/supervisor.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::app {

/// ONVIF devices, unless their option `video` says no; ISAPI devices (plate cameras, terminals) whose option `video` says yes.
bool has_pictures(const drivers::DeviceInfo& device);

/// The stream as a device of its own, as a worker needs it: the same address, account and options, the stream's port and path; one whose
/// events come by ONVIF is watched only where its options say so. Fault::malformed: an address that is none.
Result<drivers::DeviceInfo> picture_of(const drivers::DeviceInfo& device, const drivers::CameraStream& stream);

/// The device with the first of `streams` that browsers play, and that is not the main one and comes from the same port, as its second stream
/// (option `sub_path`), where its options name none.
drivers::DeviceInfo with_second(drivers::DeviceInfo device, const std::vector<drivers::CameraStream>& streams);

/// Where a device's streams are looked for: `camera` is a device of streams alone (driver "rtsp"), `told` the paths that it names there.
struct Probing {
    drivers::DeviceInfo camera;
    std::vector<std::string> told;
};

/// Of streams on several ports those beside the first. A device that has told none yet is looked at where cameras of the trade have them, on
/// RTSP's own port; one of streams alone is itself.
Probing probing_of(drivers::DeviceInfo device, const std::vector<drivers::CameraStream>& streams);

class WholeCamera final : public drivers::Driver {
public:
    struct Parts {
        drivers::Surroundings surroundings;
        drivers::Company company;
        std::function<Result<std::unique_ptr<drivers::Driver>>(const drivers::DeviceInfo&, const drivers::CameraStream&)> make_picture;
    };
    WholeCamera(drivers::DeviceInfo device, std::unique_ptr<drivers::Driver> events, Parts parts);

    /// Ends by cancellation alone, after both have ended.
    Task<Error> run(RecordSink& sink) override;
    bool tells_its_losses() const override { return true; }
    /// The picture's state where there is one; what is wrong with either is told.
    drivers::DeviceStatus status() const override;
    drivers::DoorControl* doors() override { return events_->doors(); }
    drivers::CardTable* cards() override { return events_->cards(); }
    std::optional<drivers::PowerState> power() const override { return events_->power(); }
    drivers::Turn turn() override { return events_->turn(); }
    drivers::CameraControl* camera() override { return events_->camera(); }

private:
    std::optional<drivers::CameraStream> stream_told() const;
    std::vector<drivers::CameraStream> streams_told() const;
    Task<void> show(RecordSink& sink);
    Task<void> until_another(std::string uri);

    drivers::DeviceInfo device_;
    std::unique_ptr<drivers::Driver> events_;
    Parts parts_;
    std::unique_ptr<drivers::Driver> picture_;
};

} // namespace gatehouse::app
