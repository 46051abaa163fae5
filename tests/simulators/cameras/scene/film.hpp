// SPDX-License-Identifier: Apache-2.0
//
// A scene as a file: drawn once, encoded by Debian's ffmpeg in a process of its own, and kept under a name that says what it is of; whoever
// wants the same again takes what lies there. Two that want it at once: one draws, the other waits.
#pragma once

#include "tests/simulators/cameras/scene/scene.hpp"

#include <filesystem>

namespace gatehouse::simulators::cameras {

struct FilmChoice {
    SceneChoice scene;
    std::string codec = "h264"; // or h265
    double key_every_s = 1;     // between key frames
};

struct Film {
    std::filesystem::path video; // MP4, one track, no B-frames
    std::filesystem::path truth; // JSON, see truth.hpp

    /// One JPEG a second, one after the other in a file beside the video: what a camera hands out as snapshots.
    std::filesystem::path pictures() const { return video.string() + ".jpegs"; }
};

/// gate_day-1920x1080-25fps-30s-h264-k1-seed1-v1
std::string film_name(const FilmChoice& choice);

/// Draws and encodes in any case. Throws std::runtime_error where ffmpeg is missing or fails; then neither file is there.
void make_film(const FilmChoice& choice, const Film& out);

/// From `folder`, made where it is not there yet.
Film kept_film(const FilmChoice& choice, const std::filesystem::path& folder);

/// GATEHOUSE_SCENES, or `scenes` beside the folder of this build (build/scenes for build/dev/bin).
std::filesystem::path films_folder();

} // namespace gatehouse::simulators::cameras
