// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/alert_parts.hpp"

#include "daemon/base/text.hpp"
#include "drivers/isapi/access_controller_event.hpp"
#include "drivers/isapi/event_notification_alert.hpp"

namespace gatehouse::drivers::isapi {

namespace {

enum class Content { xml, json, jpeg, other };

bool is_jpeg(std::string_view body) { return body.starts_with("\xff\xd8"); }

// The first byte is believed more than the type: some firmware sends none, or octet-stream for pictures.
Content content_of(const net::Part& part) {
    if (is_jpeg(part.body)) return Content::jpeg;
    const auto start = trimmed(std::string_view(part.body).substr(0, 64));
    if (start.starts_with("<") || start.starts_with("\xef\xbb\xbf")) return Content::xml;
    if (start.starts_with("{")) return Content::json;
    if (part.content_type.find("xml") != std::string::npos) return Content::xml;
    if (part.content_type.find("json") != std::string::npos) return Content::json;
    if (part.content_type.starts_with("image/")) return Content::jpeg;
    return Content::other;
}

PictureRole role_of(const net::Part& part, const Alert& alert) {
    const auto name = lower(part.name.empty() ? part.filename : part.name);
    if (name.find("licenseplate") != std::string::npos || name.find("platepicture") != std::string::npos) return PictureRole::plate;
    if (alert.access && (name.starts_with("picture") || lower(part.content_id) == "pictureimage" || name.find("face") != std::string::npos))
        return PictureRole::face;
    if (name.find("face") != std::string::npos) return PictureRole::face;
    return PictureRole::scene;
}

} // namespace

void AlertParts::take_picture(net::Part part) {
    if (part.body.size() > picture_bytes_max) {
        ++oversize_;
        return;
    }
    if (!is_jpeg(part.body)) {
        ++malformed_;
        return;
    }
    if (!waiting_) {
        ++other_; // a picture of nobody's alert
        return;
    }
    if (waiting_->pictures.size() >= pictures_per_record_max) return;
    const auto role = role_of(part, waiting_->alert);
    NamedPicture picture{part.name.empty() ? part.filename : part.name, role, std::make_shared<const Bytes>(part.body.begin(), part.body.end())};
    waiting_->pictures.push_back(std::move(picture));
}

std::vector<Arrival> AlertParts::take(net::Part part) {
    std::vector<Arrival> whole;
    const auto content = content_of(part);
    if (content == Content::jpeg) {
        take_picture(std::move(part));
    } else {
        // Whatever it is, the pictures of the one before are over.
        if (auto before = flush()) whole.push_back(std::move(*before));
        if (content == Content::other) {
            ++(trimmed(part.body).empty() ? other_ : malformed_);
            return whole;
        }
        auto alert = content == Content::json ? decode_access_controller_event(part.body, zone_) : decode_event_notification_alert(part.body, zone_);
        if (alert) {
            Arrival arrival;
            arrival.alert = std::move(*alert);
            waiting_ = std::move(arrival);
        } else if (alert.error().fault() == Fault::full) {
            ++oversize_;
        } else if (alert.error().fault() == Fault::unsupported) {
            ++other_;
        } else {
            ++malformed_;
        }
    }
    if (is_whole())
        if (auto now = flush()) whole.push_back(std::move(*now));
    return whole;
}

bool AlertParts::is_whole() const {
    if (!waiting_ || in_ == In::push) return false;
    const auto announced = waiting_->alert.pictures;
    if (!announced && waiting_->alert.anpr) return waiting_->pictures.size() >= pictures_per_record_max;
    return waiting_->pictures.size() >= std::min(announced.value_or(0), pictures_per_record_max);
}

std::optional<Arrival> AlertParts::flush() {
    auto arrival = std::move(waiting_);
    waiting_.reset();
    return arrival;
}

} // namespace gatehouse::drivers::isapi
