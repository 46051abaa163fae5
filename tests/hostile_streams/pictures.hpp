// SPDX-License-Identifier: Apache-2.0
//
// A second of real video as NAL units, and what may be done to them: everything that ITU-T H.264 and H.265 forbid and a broken or
// malicious camera sends nevertheless.
#pragma once

#include "tests/hostile_streams/dice.hpp"

#include <filesystem>
#include <string>

namespace gatehouse::hostile {

using Picture = std::vector<Bytes>; ///< its NAL units, without start codes; parameter sets before the slices of a key picture

struct Film {
    bool is_h265 = false;
    std::vector<Picture> pictures;
    /// The parameter sets of the first picture, in order.
    std::vector<Bytes> sets() const;
};

/// 25 pictures of 320x180, a key picture every eight, by Debian's ffmpeg. Throws harness::Trouble.
Film make_film(bool is_h265, const std::filesystem::path& folder);

/// The type that a unit's header says (7.3.1; 7.3.1.2).
unsigned type_of(const Film& film, const Bytes& unit);
bool is_slice(const Film& film, const Bytes& unit);

/// Spoils it in one to three ways; answers their names.
std::string spoil(Film& film, Dice& dice);

} // namespace gatehouse::hostile
