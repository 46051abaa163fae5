// SPDX-License-Identifier: Apache-2.0
//
// Puts an alert and the pictures that follow it together again, from the parts of a push or of alertStream. No I/O.
#pragma once

#include "daemon/net/multipart.hpp"
#include "daemon/record/record.hpp"
#include "drivers/isapi/alert.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace gatehouse::drivers::isapi {

struct NamedPicture {
    std::string name; ///< of the part; then its file name
    PictureRole role = PictureRole::scene;
    std::shared_ptr<const Bytes> bytes;
};

struct Arrival {
    Alert alert;
    std::vector<NamedPicture> pictures;
};

class AlertParts {
public:
    /// A push's body ends, so an alert is whole when the next one begins or the body is over. A stream goes on: there an alert is whole as
    /// soon as it has the pictures that it announced; a vehicle that announced nothing waits for flush().
    enum class In { push, stream };
    AlertParts(std::chrono::minutes zone, In in) : zone_(zone), in_(in) {}

    /// Takes the next part. Answers the alerts that are whole now.
    std::vector<Arrival> take(net::Part part);

    /// An alert that still waits for pictures, as it is: the body has ended, or they did not come in time.
    std::optional<Arrival> flush();
    bool waits() const { return waiting_.has_value(); }

    std::uint64_t malformed() const { return malformed_; }
    std::uint64_t oversize() const { return oversize_; }
    std::uint64_t other() const { return other_; } ///< well-formed, but no alert and no picture

private:
    void take_picture(net::Part part);
    bool is_whole() const;
    std::chrono::minutes zone_;
    In in_;
    std::optional<Arrival> waiting_;
    std::uint64_t malformed_ = 0, oversize_ = 0, other_ = 0;
};

} // namespace gatehouse::drivers::isapi
