// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile_streams/pictures.hpp"

#include "tests/harness/child_process.hpp"
#include "tests/harness/temp_dir.hpp"

#include <array>

namespace gatehouse::hostile {

namespace {

std::vector<Bytes> units_of(const std::string& stream) {
    std::vector<Bytes> units;
    const std::string mark("\0\0\1", 3);
    for (auto at = stream.find(mark); at != stream.npos;) {
        const auto begin = at + 3;
        const auto next = stream.find(mark, begin);
        auto end = next == stream.npos ? stream.size() : next;
        while (end > begin && stream[end - 1] == 0) --end;
        units.emplace_back(stream.begin() + static_cast<std::ptrdiff_t>(begin), stream.begin() + static_cast<std::ptrdiff_t>(end));
        at = next;
    }
    return units;
}

Bytes& any_unit(Film& film, Dice& dice) { return dice.pick(dice.pick(film.pictures)); }

Bytes* any_of(Film& film, Dice& dice, bool slice) {
    std::vector<Bytes*> all;
    for (auto& picture : film.pictures)
        for (auto& unit : picture)
            if (!unit.empty() && is_slice(film, unit) == slice) all.push_back(&unit);
    return all.empty() ? nullptr : all[dice.below(all.size())];
}

void set_type(const Film& film, Bytes& unit, std::size_t type) {
    if (unit.empty()) return;
    unit[0] = static_cast<std::uint8_t>(film.is_h265 ? (unit[0] & 0x81) | (type << 1) : (unit[0] & 0xe0) | (type & 0x1f));
}

Bytes unit_of_type(const Film& film, std::size_t type, Bytes content) {
    Bytes unit = film.is_h265 ? Bytes{static_cast<std::uint8_t>(type << 1), 1} : Bytes{static_cast<std::uint8_t>(0x60 | (type & 0x1f))};
    unit.insert(unit.end(), content.begin(), content.end());
    return unit;
}

void flip_in_slices(Film& film, Dice& dice) {
    for (std::size_t i = dice.from_to(1, 20); i > 0; --i)
        if (auto* unit = any_of(film, dice, true)) dice.flip_bits(*unit, dice.from_to(1, 64));
}
void flip_in_sets(Film& film, Dice& dice) {
    for (std::size_t i = dice.from_to(1, 6); i > 0; --i)
        if (auto* unit = any_of(film, dice, false)) dice.flip_bits(*unit, dice.from_to(1, 16), 1);
}
void sets_are_noise(Film& film, Dice& dice) {
    for (auto& picture : film.pictures)
        for (auto& unit : picture)
            if (!is_slice(film, unit)) unit = unit_of_type(film, type_of(film, unit), dice.noise(dice.from_to(0, 4096)));
}
// Exponential Golomb codes (9.1) of 32 bits and more where small numbers are due: sizes, counts, offsets.
void sets_of_huge_numbers(Film& film, Dice& dice) {
    for (auto& picture : film.pictures)
        for (auto& unit : picture) {
            if (is_slice(film, unit) || unit.size() < 6) continue;
            const auto from = dice.from_to(1, unit.size() - 1);
            for (auto i = from; i < unit.size(); ++i) unit[i] = static_cast<std::uint8_t>((i - from) % 9 < 4 ? 0 : 0xff);
            Bytes more = dice.noise(dice.below(64));
            unit.insert(unit.end(), more.begin(), more.end());
        }
}
void cut_units(Film& film, Dice& dice) {
    for (std::size_t i = dice.from_to(1, 30); i > 0; --i) dice.cut(any_unit(film, dice));
}
void other_types(Film& film, Dice& dice) {
    for (std::size_t i = dice.from_to(1, 30); i > 0; --i) set_type(film, any_unit(film, dice), dice.below(64));
}
void out_of_order(Film& film, Dice& dice) {
    if (dice.one_in(2)) {
        dice.shuffle(film.pictures);
    } else {
        for (auto& picture : film.pictures) dice.shuffle(picture);
    }
}
void noise_units(Film& film, Dice& dice) {
    for (std::size_t i = dice.from_to(1, 6); i > 0; --i) {
        auto& picture = dice.pick(film.pictures);
        const auto at = static_cast<std::ptrdiff_t>(dice.below(picture.size() + 1));
        picture.insert(picture.begin() + at, unit_of_type(film, dice.below(64), dice.noise(dice.one_in(4) ? 100'000 : dice.below(600))));
    }
}
// Supplemental information (7.3.2.3) whose sizes reach far beyond it.
void lying_information(Film& film, Dice& dice) {
    for (auto& picture : film.pictures) {
        Bytes content(dice.from_to(1, 300), 0xff);
        Bytes more = dice.noise(dice.below(40));
        content.insert(content.end(), more.begin(), more.end());
        picture.insert(picture.begin(), unit_of_type(film, film.is_h265 ? 39 : 6, std::move(content)));
    }
}
void many_small_units(Film& film, Dice& dice) {
    auto& picture = dice.pick(film.pictures);
    for (std::size_t i = dice.from_to(100, 2000); i > 0; --i) picture.push_back(unit_of_type(film, dice.below(64), dice.noise(dice.below(6))));
}
void new_sets_all_the_time(Film& film, Dice& dice) {
    for (auto& picture : film.pictures)
        for (auto& unit : picture)
            if (!is_slice(film, unit) && unit.size() > 3) unit.push_back(dice.byte());
}
void start_codes_inside(Film& film, Dice& dice) {
    for (std::size_t i = dice.from_to(1, 20); i > 0; --i) {
        auto& unit = any_unit(film, dice);
        const Bytes code{0, 0, 0, 1, dice.byte()};
        unit.insert(unit.begin() + static_cast<std::ptrdiff_t>(dice.below(unit.size() + 1)), code.begin(), code.end());
    }
}
void hundreds_of_sets(Film& film, Dice& dice) {
    auto& picture = film.pictures.front();
    const auto sets = film.sets();
    if (sets.empty()) return;
    for (int i = 0; i < 300; ++i) {
        Bytes set = sets[dice.below(sets.size())];
        dice.flip_bits(set, 8, 2);
        picture.insert(picture.begin(), std::move(set));
    }
}

struct Way {
    const char* name;
    void (*spoil)(Film&, Dice&);
};
constexpr std::array ways{
    Way{"bits flipped in slices", flip_in_slices},
    Way{"bits flipped in parameter sets", flip_in_sets},
    Way{"parameter sets of noise", sets_are_noise},
    Way{"huge numbers in parameter sets", sets_of_huge_numbers},
    Way{"units cut off", cut_units},
    Way{"other types", other_types},
    Way{"out of order", out_of_order},
    Way{"units of noise", noise_units},
    Way{"lying sizes of information", lying_information},
    Way{"a thousand small units", many_small_units},
    Way{"new parameter sets all the time", new_sets_all_the_time},
    Way{"start codes inside", start_codes_inside},
    Way{"hundreds of parameter sets", hundreds_of_sets},
};

} // namespace

std::vector<Bytes> Film::sets() const {
    std::vector<Bytes> found;
    for (const auto& unit : pictures.front())
        if (!is_slice(*this, unit) && type_of(*this, unit) != (is_h265 ? 39 : 6)) found.push_back(unit);
    return found;
}

unsigned type_of(const Film& film, const Bytes& unit) {
    if (unit.empty()) return 0;
    return film.is_h265 ? (unit[0] >> 1) & 0x3fu : unit[0] & 0x1fu;
}

bool is_slice(const Film& film, const Bytes& unit) {
    const auto type = type_of(film, unit);
    return film.is_h265 ? type < 32 : type >= 1 && type <= 5;
}

Film make_film(bool is_h265, const std::filesystem::path& folder) {
    const auto file = folder / (is_h265 ? "hostile.h265" : "hostile.h264");
    std::vector<std::string> words{"-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=rate=25:size=320x180:duration=1", "-pix_fmt", "yuv420p"};
    if (is_h265) {
        words.insert(words.end(), {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                                   "log-level=none:bframes=0:scenecut=0:keyint=8:min-keyint=8:repeat-headers=1:slices=1"});
    } else {
        words.insert(words.end(), {"-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "8", "-sc_threshold", "0", "-x264-params",
                                   "slices=1:sliced-threads=0:repeat-headers=1"});
    }
    words.push_back(file.string());
    harness::run_to_end("/usr/bin/ffmpeg", words, std::chrono::minutes(1));
    Film film;
    film.is_h265 = is_h265;
    Picture picture;
    for (auto& unit : units_of(harness::read_file(file))) {
        const bool ends = is_slice(film, unit);
        picture.push_back(std::move(unit));
        if (ends) film.pictures.push_back(std::exchange(picture, {}));
    }
    if (film.pictures.size() != 25) throw harness::Trouble("ffmpeg made " + std::to_string(film.pictures.size()) + " pictures of 25");
    return film;
}

std::string spoil(Film& film, Dice& dice) {
    std::string names;
    for (std::size_t i = dice.from_to(1, 3); i > 0; --i) {
        const auto& way = ways[dice.below(ways.size())];
        way.spoil(film, dice);
        names += (names.empty() ? "" : ", ") + std::string(way.name);
    }
    return names;
}

} // namespace gatehouse::hostile
