// SPDX-License-Identifier: Apache-2.0
//
// The walls that a worker puts around itself once its libraries are loaded and before it reads a byte from its camera. What breaks out of
// a demuxer finds: no file but those of its own folder, no program to run, nothing to listen on, no process to look into.
#pragma once

#include "pipelines/link/message.hpp"

namespace gatehouse::pipelines {

constexpr std::uint64_t memory_bytes_max = 1024ull * 1024 * 1024; ///< of address space; usual are 150 MiB, most of it libraries
constexpr std::uint64_t open_files_max = 64;
constexpr std::uint64_t file_bytes_max = 4ull * 1024 * 1024 * 1024 - 1; ///< a segment; its boxes count in 32 bits

struct Within {
    std::string folder;        ///< may be read and written; empty: no file at all
    std::string readable_file; ///< may be read; empty: none. A source that is a file.
    bool may_bind = false;     ///< RTSP over UDP
};

/// For this thread and those that it starts from now on: call it before there are others. What could not be built is told, not an error: a
/// camera is recorded on an old kernel too, and `check` says which wall is missing.
Ready shut_in(const Within& within);

/// One thing that the walls are against.
struct Attempt {
    std::string name; ///< "open a file outside"
    bool got_out = false;
    std::string answer; ///< the system's word
};

/// Tries them all from inside; for tests of the walls. `outside`: a file that exists and is not in the folder.
std::vector<Attempt> try_walls(const std::string& folder, const std::string& outside);

} // namespace gatehouse::pipelines
