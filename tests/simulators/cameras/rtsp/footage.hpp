// SPDX-License-Identifier: Apache-2.0
//
// A film in memory, frame by frame as its encoder made them: what a camera sends again and again without encoding anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::simulators::cameras {

constexpr std::size_t footage_bytes_max = 512u * 1024 * 1024;

struct Frame {
    std::vector<std::uint8_t> bytes; // one access unit, Annex B; key frames begin with their parameter sets
    bool is_key = false;
};

struct Footage {
    std::string codec; // h264 or h265
    int fps = 0;
    int width = 0, height = 0;
    std::vector<Frame> frames;         // the first is a key frame
    std::vector<std::string> pictures; // JPEG, one a second; none where there is no file of them
};

/// Reads an MP4 with one H.264 or H.265 track. Throws std::runtime_error where it can't be read or is too large.
Footage read_footage(const std::filesystem::path& film);
/// JPEGs one after the other, taken apart.
std::vector<std::string> split_pictures(const std::string& bytes);

/// The NAL units of a frame, each with its start code.
std::vector<std::span<const std::uint8_t>> nal_units(std::span<const std::uint8_t> frame);
/// VPS, SPS, PPS.
bool is_parameter_set(std::string_view codec, std::span<const std::uint8_t> nal);

} // namespace gatehouse::simulators::cameras
