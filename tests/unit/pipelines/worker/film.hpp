// SPDX-License-Identifier: Apache-2.0
//
// Films by Debian's ffmpeg, and its eye on what became of them: both are strangers to the recorder, whose libav is called in its own way.
#pragma once

#include "tests/harness/child_process.hpp"
#include "tests/harness/temp_dir.hpp"

#include <cstdlib>
#include <string>

namespace gatehouse::pipelines {

struct FilmOptions {
    std::string codec = "libx264", size = "320x180";
    int seconds = 6;
    int key_every = 25; ///< frames, of which there are 25 a second
    bool audio = false;
};

inline void make_film(const std::filesystem::path& path, const FilmOptions& options) {
    const auto rate = "testsrc=rate=25:size=" + options.size;
    const auto keys = std::to_string(options.key_every);
    std::vector<std::string> words{"-v", "error", "-y", "-f", "lavfi", "-i", rate};
    if (options.audio) words.insert(words.end(), {"-f", "lavfi", "-i", "sine=frequency=440"});
    words.insert(words.end(), {"-t", std::to_string(options.seconds), "-pix_fmt", "yuv420p", "-c:v", options.codec, "-preset", "ultrafast"});
    if (options.codec == "libx265") {
        words.insert(words.end(), {"-x265-params", "log-level=none:bframes=0:scenecut=0:keyint=" + keys + ":min-keyint=" + keys});
    } else {
        words.insert(words.end(), {"-bf", "0", "-sc_threshold", "0", "-g", keys});
    }
    if (options.audio) words.insert(words.end(), {"-c:a", "aac"});
    words.push_back(path.string());
    harness::run_to_end("/usr/bin/ffmpeg", words);
}

/// Frames of video that ffprobe decodes; it must find no flaw in the file.
inline int frames_in(const std::filesystem::path& path) {
    const auto text = harness::run_to_end("/usr/bin/ffprobe", {"-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries",
                                                               "stream=nb_read_frames", "-of", "csv=p=0", path.string()});
    return std::atoi(text.c_str());
}

} // namespace gatehouse::pipelines
