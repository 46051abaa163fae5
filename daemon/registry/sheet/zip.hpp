// SPDX-License-Identifier: Apache-2.0
//
// The little of ZIP that a workbook needs (PKWARE APPNOTE 6.3): parts by name, stored or deflated. The only place that knows zlib.
#pragma once

#include "daemon/base/result.hpp"

#include <map>
#include <string>
#include <vector>

namespace gatehouse::registry::sheet {

constexpr std::size_t zip_parts_max = 256;
constexpr std::size_t unpacked_bytes_max = 64 * 1024 * 1024;

/// A file's parts, found through its central directory; nothing is unpacked before it is asked for.
class ZipReader {
public:
    /// `bytes` outlives the reader. Fault::malformed, full, unsupported (encrypted, ZIP64).
    static Result<ZipReader> open(std::string_view bytes);
    /// Fault::gone: no such part. All parts together unpack to unpacked_bytes_max.
    Result<std::string> part(const std::string& name);

private:
    struct Part {
        std::uint32_t method = 0, crc = 0, packed = 0, unpacked = 0, at = 0;
    };
    std::string_view bytes_;
    std::map<std::string, Part> parts_;
    std::size_t unpacked_ = 0;
};

/// A file of stored parts, dated 1980-01-01: the same parts give the same bytes.
std::string write_zip(const std::vector<std::pair<std::string, std::string>>& parts);

} // namespace gatehouse::registry::sheet
