// SPDX-License-Identifier: Apache-2.0
//
// Where the recordings' index and pipelines/playback meet: a span of a camera as a film for the console. Lives on the loop; reads on the pool.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/console/parts.hpp"
#include "daemon/store/recordings.hpp"

namespace gatehouse::app {

/// For store::RecordingParts: what a file without a row holds.
store::ScanRecording recording_scan();

/// For console::Parts::play. What it is given outlives what it makes.
class Films {
public:
    Films(Loop& loop, Executor& pool, store::Recordings& recordings) : loop_(loop), pool_(pool), recordings_(recordings) {}
    Task<Result<std::shared_ptr<console::Film>>> make(std::string camera, std::string stream, Time from, Time to);

private:
    Loop& loop_;
    Executor& pool_;
    store::Recordings& recordings_;
};

} // namespace gatehouse::app
