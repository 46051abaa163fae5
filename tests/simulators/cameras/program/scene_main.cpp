// SPDX-License-Identifier: Apache-2.0
// gatehouse-scene: a generated scene as a video, and what is to be seen in it as JSON.
#include "tests/simulators/cameras/scene/film.hpp"
#include "tests/simulators/control/options.hpp"

#include <array>
#include <cstdio>
#include <exception>

int main(int argc, char** argv) try {
    using namespace gatehouse::simulators;
    using control::Flag;
    constexpr std::array flags{
        Flag{"scene", "", "which; none: the list of them"},
        Flag{"size", "1920x1080", "of the picture"},
        Flag{"fps", "25", "frames a second"},
        Flag{"seconds", "30", "how long it is"},
        Flag{"codec", "h264", "or h265"},
        Flag{"key-every-s", "1", "between key frames"},
        Flag{"out", "", "the video, FILE.mp4; none: kept among the scenes of this build"},
        Flag{"truth", "", "what is to be seen, FILE.json; none: beside the video"},
    };
    const control::Options options(argc, argv, flags);
    if (options.text("scene").empty()) {
        for (const cameras::SceneName& each : cameras::scene_names())
            std::printf("%-12.*s %.*s\n", static_cast<int>(each.name.size()), each.name.data(), static_cast<int>(each.meaning.size()),
                        each.meaning.data());
        return 0;
    }
    cameras::FilmChoice choice;
    choice.scene.name = options.text("scene");
    if (std::sscanf(options.text("size").c_str(), "%dx%d", &choice.scene.width, &choice.scene.height) != 2) choice.scene.width = 0;
    choice.scene.fps = static_cast<int>(options.number("fps"));
    choice.scene.seconds = options.real("seconds");
    choice.scene.seed = options.seed();
    choice.codec = options.text("codec");
    choice.key_every_s = options.real("key-every-s");
    const std::filesystem::path out = options.text("out"), truth = options.text("truth");
    cameras::Film film{out, truth};
    if (out.empty()) {
        film = cameras::kept_film(choice, cameras::films_folder());
    } else {
        if (truth.empty()) film.truth = std::filesystem::path(out).replace_extension(".json");
        cameras::make_film(choice, film);
    }
    std::printf("%s\n%s\n", film.video.c_str(), film.truth.c_str());
    return 0;
} catch (const std::exception& wrong) {
    std::fprintf(stderr, "%s\n", wrong.what());
    return 1;
}
