// SPDX-License-Identifier: Apache-2.0
//
// What a hostile camera answers in one conversation over RTSP (RFC 2326, RTP interleaved: 10.12; RFC 3550, RFC 6184, RFC 7798, RFC 4566),
// made from a seed: what it says before its pictures is a good camera's or not, and then come streams of a second each, spoiled as pictures
// or as packets. A conversation costs a process, so each carries several.
#pragma once

#include "tests/hostile_streams/pictures.hpp"

#include <map>

namespace gatehouse::hostile {

constexpr std::size_t streams_per_conversation = 5; ///< what is spoiled before the pictures counts as one

struct Exchange {
    std::string what; ///< "h264; RTP: lying aggregates; pictures: units cut off"
    /// By method. "{cseq}", "{port}" are filled in; a method that is not named gets a plain 200.
    std::map<std::string, std::string> answers;
    Bytes after_play;
};

struct Films {
    Film h264, h265;
};

/// As a good camera would: the yardstick.
Exchange plain(const Film& film);
Exchange hostile(const Films& films, std::uint64_t seed);

} // namespace gatehouse::hostile
