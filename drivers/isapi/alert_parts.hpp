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
    explicit AlertParts(std::chrono::minutes zone) : zone_(zone) {}

    /// Takes the next part. Answers the alert that is whole now, if one is: the one before, when this part begins another; this one, when
    /// it announced no picture or has all of them.
    std::vector<Arrival> take(net::Part part);

    /// An alert that still waits for pictures, as it is: the body has ended, or they did not come in time.
    std::optional<Arrival> flush();
    bool waits() const { return waiting_.has_value(); }

    std::uint64_t malformed() const { return malformed_; }
    std::uint64_t oversize() const { return oversize_; }
    std::uint64_t other() const { return other_; } ///< well-formed, but no alert and no picture

private:
    void take_picture(net::Part part);
    std::chrono::minutes zone_;
    std::optional<Arrival> waiting_;
    std::uint64_t malformed_ = 0, oversize_ = 0, other_ = 0;
};

} // namespace gatehouse::drivers::isapi
