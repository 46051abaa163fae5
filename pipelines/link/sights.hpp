// SPDX-License-Identifier: Apache-2.0
//
// What a camera saw as a record of the log. Nobody is named: a person is somebody in view.
//
//   motion_started, _ended   motion.started, motion.ended (zone; from, to at the end)
//   lost                     camera.covered where it is covered; else alarm.raised, camera_blurred or camera_frozen
//   restored                 alarm.cleared with the code camera_covered, camera_blurred or camera_frozen
//   person                   person.seen
//   object                   device.event, code object_seen, the model's word in `values`
//   dwell_reached, _ended    alarm.raised, alarm.cleared: dwell (zone)
//   line_crossed, wrong_way  perimeter.crossed (zone: the line; code line_crossed); alarm.raised, wrong_way
#pragma once

#include "daemon/record/record.hpp"
#include "pipelines/link/recording_switch.hpp"
#include "pipelines/link/watching.hpp"

namespace gatehouse::pipelines {

/// What a camera's own sights are called that go on (RecordingSwitch::hold).
constexpr std::string_view own_sights = "watch ";

/// Fills what the sight says into `record`, which has source, place and times already.
Record record_of(Saw saw, const std::string& camera, Record record);

/// What an on_event camera makes of it: recorded while it goes on, or for a while.
void drive(RecordingSwitch& recording, const Saw& saw);

/// The same for a record of another device at the camera's place: passages, vehicles, alarms and motion; not what ends, was read back from a
/// device's memory, or is the gateway's own.
void drive(RecordingSwitch& recording, const Record& record);

} // namespace gatehouse::pipelines
