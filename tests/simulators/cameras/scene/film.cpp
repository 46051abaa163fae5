// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/scene/film.hpp"

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::simulators::cameras {
namespace {

std::string short_number(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", number);
    return text;
}

// ffmpeg with raw frames on its stdin. Ends it in any case.
class Encoder {
public:
    Encoder(const FilmChoice& choice, const std::filesystem::path& out, const std::filesystem::path& pictures) {
        const SceneChoice& scene = choice.scene;
        const std::string key_frames = std::to_string(std::max(1L, std::lround(choice.key_every_s * scene.fps)));
        std::vector<std::string> words{"ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p"};
        const auto add = [&words](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
        add({"-s", std::to_string(scene.width) + "x" + std::to_string(scene.height), "-r", std::to_string(scene.fps), "-i", "pipe:0"});
        // Always two threads: what comes out depends on their number.
        if (choice.codec == "h264")
            add({"-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-sc_threshold", "0", "-threads", "2"});
        else if (choice.codec == "h265")
            add({"-c:v", "libx265", "-preset", "ultrafast", "-crf", "28", "-tag:v", "hvc1", "-x265-params",
                 "log-level=error:pools=2:scenecut=0:repeat-headers=1:keyint=" + key_frames + ":min-keyint=" + key_frames + ":open-gop=0:bframes=0"});
        else
            throw std::runtime_error("a film is h264 or h265, not " + choice.codec);
        add({"-bf", "0", "-g", key_frames, "-keyint_min", key_frames, "-f", "mp4", out.string()});
        add({"-vf", "fps=1", "-c:v", "mjpeg", "-q:v", "6", "-pix_fmt", "yuvj420p", "-f", "mjpeg", pictures.string()});
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);

        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for ffmpeg");
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
        const int error = ::posix_spawnp(&pid_, "ffmpeg", &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[0]);
        in_ = ends[1];
        if (error != 0) {
            ::close(in_);
            throw std::runtime_error("ffmpeg can't be run; it is Debian's package ffmpeg");
        }
    }
    ~Encoder() {
        if (in_ >= 0) ::close(in_);
        if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    bool write(std::span<const std::uint8_t> bytes) {
        while (!bytes.empty()) {
            const auto written = ::write(in_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return true;
    }

    bool finish() {
        ::close(std::exchange(in_, -1));
        int status = -1;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

private:
    pid_t pid_ = -1;
    int in_ = -1;
};

std::filesystem::path unfinished(const std::filesystem::path& path) { return path.string() + ".part"; }

} // namespace

std::string film_name(const FilmChoice& choice) {
    const SceneChoice& scene = choice.scene;
    return scene.name + "-" + std::to_string(scene.width) + "x" + std::to_string(scene.height) + "-" + std::to_string(scene.fps) + "fps-" +
           short_number(scene.seconds) + "s-" + choice.codec + "-k" + short_number(choice.key_every_s) + "-seed" + std::to_string(scene.seed) + "-v" +
           std::to_string(generator_version);
}

void make_film(const FilmChoice& choice, const Film& out) {
    std::signal(SIGPIPE, SIG_IGN); // an encoder that died is an error of write()
    Scene scene(choice.scene);
    const auto video = unfinished(out.video), truth = unfinished(out.truth), pictures = unfinished(out.pictures());
    Encoder encoder(choice, video, pictures);
    bool is_whole = true;
    for (int frame = 0; frame < scene.frames() && is_whole; ++frame) is_whole = encoder.write(scene.draw_next().bytes());
    is_whole = encoder.finish() && is_whole;
    if (!is_whole) {
        std::error_code ignored;
        std::filesystem::remove(video, ignored);
        std::filesystem::remove(pictures, ignored);
        throw std::runtime_error("ffmpeg could not encode " + film_name(choice));
    }
    boost::json::object text{{"scene", choice.scene.name},     {"seed", choice.scene.seed}, {"width", choice.scene.width},
                             {"height", choice.scene.height},  {"fps", choice.scene.fps},   {"frames", scene.frames()},
                             {"generator", generator_version}, {"codec", choice.codec}};
    for (auto& [name, value] : to_json(scene.truth())) text[name] = value;
    std::ofstream(truth) << boost::json::serialize(text) << '\n';
    // The video last: where it stands, all of it does.
    std::filesystem::rename(truth, out.truth);
    std::filesystem::rename(pictures, out.pictures());
    std::filesystem::rename(video, out.video);
}

Film kept_film(const FilmChoice& choice, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    const std::string name = film_name(choice);
    const Film film{folder / (name + ".mp4"), folder / (name + ".json")};
    const int lock = ::open((folder / (name + ".lock")).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) throw std::runtime_error("can't write to " + folder.string());
    while (::flock(lock, LOCK_EX) != 0 && errno == EINTR) {
    }
    try {
        if (!std::filesystem::exists(film.video)) make_film(choice, film);
    } catch (...) {
        ::close(lock);
        throw;
    }
    ::close(lock);
    return film;
}

std::filesystem::path films_folder() {
    if (const char* folder = std::getenv("GATEHOUSE_SCENES")) return folder;
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().parent_path() / "scenes";
}

} // namespace gatehouse::simulators::cameras
