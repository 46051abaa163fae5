// SPDX-License-Identifier: Apache-2.0
//
// A push or alertStream from its bytes to records: multipart, alerts with their pictures, intake.
#include "drivers/isapi/alert_parts.hpp"
#include "tests/fuzz/isapi_intake.hpp"
#include "tests/fuzz/pieces.hpp"

namespace gatehouse::fuzz {

using namespace drivers::isapi;

namespace {

std::vector<Arrival> arrivals_of(const std::string& boundary, std::string_view body, AlertParts::In in) {
    net::MultipartReader reader(boundary, net::MultipartReader::Limits{});
    AlertParts alerts(std::chrono::hours(8), in);
    std::vector<Arrival> all;
    const auto fetch = [&] {
        while (auto part = reader.next())
            for (auto& arrival : alerts.take(std::move(*part))) all.push_back(std::move(arrival));
    };
    for (const auto piece : cut(body, 300)) {
        reader.feed(as_bytes(piece));
        fetch();
    }
    reader.finish();
    fetch();
    if (auto last = alerts.flush()) all.push_back(std::move(*last));
    must_hold(!alerts.waits(), "nothing waits after the end");
    return all;
}

} // namespace

void isapi_push(std::string_view bytes) {
    const auto type = first_line(bytes);
    const auto boundary = net::boundary_of(type);
    const std::string name = boundary ? *boundary : std::string("boundary");
    for (const auto in : {AlertParts::In::push, AlertParts::In::stream})
        for (auto& arrival : arrivals_of(name, bytes, in)) {
            std::size_t picture_bytes = 0;
            for (const auto& picture : arrival.pictures) {
                must_hold(picture.bytes && picture.bytes->size() <= picture_bytes_max, "a picture is there, and within its limit");
                picture_bytes += picture.bytes->size();
            }
            must_hold(arrival.pictures.size() <= alert_pictures_max && picture_bytes <= bytes.size(), "pictures are bounded by what was sent");
            take_in(std::move(arrival), in == AlertParts::In::push ? Way::push : Way::stream);
        }
}

} // namespace gatehouse::fuzz
