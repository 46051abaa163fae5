// SPDX-License-Identifier: Apache-2.0
//
// Watches the pictures of one camera. One watcher, one camera, one thread: whichever decodes. No file, no clock and no socket is touched.
//
//     auto watcher = Watcher::open(std::move(settings));
//     for each decoded picture: for (const Seen& seen : watcher->on(picture)) tell(seen);
//
// Key frames are enough for everything but lines and directions, which want 5 pictures a second. The picture may have any size and may change
// it (the watcher then learns the scene anew); the decoder's gray plane is taken as it is, without scaling before.
#pragma once

#include "daemon/base/result.hpp"
#include "pipelines/watch/picture.hpp"
#include "pipelines/watch/seen.hpp"
#include "pipelines/watch/settings.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::pipelines::watch {

class Watcher {
public:
    /// Checks the settings and reads the model; takes OpenCV down to one thread. A model that can't be used is no error: the detector is off
    /// and detector_fault() says why. To be called before a sandbox forbids what OpenCV does when it is first used.
    static Result<Watcher> open(WatchSettings settings);

    Watcher(Watcher&&) noexcept;
    Watcher& operator=(Watcher&&) noexcept;
    ~Watcher();

    /// What this picture tells, in the order in which it came to be; mostly nothing. Times that go back are taken as no time passing; a
    /// picture that is not whole is counted and left out. The vector is valid until the next call.
    const std::vector<Seen>& on(const PictureView& picture);

    /// Whether a line or a detector wants more pictures than the key frames: how many a second, 0 where key frames do.
    int pictures_per_s_wanted() const;

    bool detector_is_on() const;
    /// Why a detector that was asked for is off; empty where it is on or none was asked for.
    const std::string& detector_fault() const;

    /// Pictures that were not whole.
    std::uint64_t flaws() const;
    /// The scene as it is without what comes and goes, as the watcher has learnt it: for engineers.
    int scene_width() const;
    std::vector<std::uint8_t> scene() const;

private:
    struct Inside;
    explicit Watcher(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::pipelines::watch
