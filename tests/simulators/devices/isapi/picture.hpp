// SPDX-License-Identifier: Apache-2.0
// A real baseline JPEG (16 x 16 grey, decodable), made by code. Each `seed` gives other bytes, so that content-addressed
// stores see distinct pictures; a comment segment fills it to about `bytes` and holds text that looks like a multipart
// boundary, which a reader that searches instead of counting falls over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace gatehouse::simulators::isapi {

constexpr std::size_t picture_bytes_min = 320;

// Never smaller than picture_bytes_min; begins FF D8, ends FF D9.
std::string make_picture(std::uint64_t seed, std::size_t bytes);

} // namespace gatehouse::simulators::isapi
