// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/persons.hpp"

#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#include <algorithm>

namespace gatehouse::pipelines::watch {
namespace {

// Dalal and Triggs: windows of 64 by 128 in which somebody 96 tall stands. What moves is a person, or a part of one, or two beside each other.
constexpr int window_width = 64, window_height = 128;
constexpr double tall_pixels = 100;
constexpr double around_share = 0.35; // of the place's height, on each side
constexpr int cut_side_pixels_max = 640;
constexpr double same_person_overlap = 0.3;
constexpr double box_within_window_x = 0.22, box_within_window_y = 0.12; // the window has a margin that the person does not fill

cv::Rect cut_of(const Box& place, const PictureView& picture) {
    const double height = place.height * picture.height, margin = around_share * height;
    const double width = std::max(place.width * picture.width + 2 * margin, (height + 2 * margin) * window_width / window_height);
    const double middle = (place.x + place.width / 2) * picture.width;
    const int left = std::max(0, static_cast<int>(middle - width / 2)), top = std::max(0, static_cast<int>(place.y * picture.height - margin));
    const int right = std::min(picture.width, static_cast<int>(middle + width / 2) + 1);
    const int bottom = std::min(picture.height, static_cast<int>((place.y + place.height) * picture.height + margin) + 1);
    return {left, top, right - left, bottom - top};
}

} // namespace

struct Persons::Inside {
    cv::HOGDescriptor hog;
};

Persons::Persons() : inside_(std::make_unique<Inside>()) { inside_->hog.setSVMDetector(cv::HOGDescriptor::getDefaultPeopleDetector()); }
Persons::~Persons() = default;

std::vector<Detection> Persons::find(const PictureView& picture, std::vector<Box> places) const {
    std::vector<Detection> found;
    std::sort(places.begin(), places.end(), [](const Box& a, const Box& b) { return a.width * a.height > b.width * b.height; });
    if (places.size() > places_looked_at_max) places.resize(places_looked_at_max);
    const cv::Mat whole(picture.height, picture.width, CV_8UC1, const_cast<std::uint8_t*>(picture.gray.bytes.data()),
                        static_cast<std::size_t>(picture.gray.stride));
    for (const Box& place : places) {
        const cv::Rect cut = cut_of(place, picture);
        if (cut.width < 8 || cut.height < 16) continue;
        double scale = tall_pixels / (place.height * picture.height);
        scale = std::min(scale, static_cast<double>(cut_side_pixels_max) / std::max(cut.width, cut.height));
        cv::Mat looked;
        cv::resize(whole(cut), looked, {}, scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
        // At the picture's edge there is less than a window left.
        if (const int wider = window_width - looked.cols, taller = window_height - looked.rows; wider > 0 || taller > 0)
            cv::copyMakeBorder(looked, looked, 0, std::max(0, taller), 0, std::max(0, wider), cv::BORDER_REPLICATE);
        std::vector<cv::Rect> boxes;
        std::vector<double> scores;
        inside_->hog.detectMultiScale(looked, boxes, scores, 0, {8, 8}, {}, 1.1, 1.0);
        for (std::size_t i = 0; i < boxes.size() && i < scores.size(); ++i) {
            const cv::Rect& box = boxes[i];
            const double x = box.x + box_within_window_x * box.width, y = box.y + box_within_window_y * box.height;
            found.push_back({.what = "person",
                             .score = scores[i],
                             .box = {(cut.x + x / scale) / picture.width, (cut.y + y / scale) / picture.height,
                                     box.width * (1 - 2 * box_within_window_x) / scale / picture.width,
                                     box.height * (1 - 2 * box_within_window_y) / scale / picture.height}});
        }
    }
    std::sort(found.begin(), found.end(), [](const Detection& a, const Detection& b) { return a.score > b.score; });
    std::vector<Detection> kept;
    for (Detection& each : found) {
        const bool is_known =
            std::any_of(kept.begin(), kept.end(), [&](const Detection& surer) { return overlap(surer.box, each.box) > same_person_overlap; });
        if (!is_known && kept.size() < persons_max) kept.push_back(std::move(each));
    }
    return kept;
}

} // namespace gatehouse::pipelines::watch
