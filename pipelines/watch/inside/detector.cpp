// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/detector.hpp"

#include "pipelines/watch/inside/blobs.hpp"

#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace gatehouse::pipelines::watch {
namespace {

constexpr std::uint8_t no_colour = 128;

cv::Mat plane(const Plane& of, int width, int height) {
    return {height, width, CV_8UC1, const_cast<std::uint8_t*>(of.bytes.data()), static_cast<std::size_t>(of.stride)};
}

/// The picture in the model's size, BGR. The planes are made smaller before they are made colours: the large picture is read once.
cv::Mat coloured(const PictureView& picture, int width, int height) {
    cv::Mat planes(height * 3 / 2, width, CV_8UC1, cv::Scalar(no_colour));
    const auto half = static_cast<std::size_t>(width / 2) * static_cast<std::size_t>(height / 2);
    std::uint8_t* chroma = planes.ptr(height);
    cv::Mat gray(height, width, CV_8UC1, planes.ptr(0)), blue_ish(height / 2, width / 2, CV_8UC1, chroma),
        red_ish(height / 2, width / 2, CV_8UC1, chroma + half);
    cv::resize(plane(picture.gray, picture.width, picture.height), gray, gray.size(), 0, 0, cv::INTER_AREA);
    if (!picture.blue_ish.bytes.empty()) {
        const int half_width = (picture.width + 1) / 2, half_height = (picture.height + 1) / 2;
        cv::resize(plane(picture.blue_ish, half_width, half_height), blue_ish, blue_ish.size(), 0, 0, cv::INTER_AREA);
        cv::resize(plane(picture.red_ish, half_width, half_height), red_ish, red_ish.size(), 0, 0, cv::INTER_AREA);
    }
    cv::Mat colours;
    cv::cvtColor(planes, colours, cv::COLOR_YUV2BGR_I420);
    return colours;
}

struct Candidate {
    std::size_t number; // of its class
    double score;
    Box box;
};

bool is_number(const Box& box) {
    return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) && std::isfinite(box.height) && box.width > 0 && box.height > 0;
}

/// Cut at the picture's edges.
Box cut(const Box& box) {
    const double left = std::clamp(box.x, 0.0, 1.0), top = std::clamp(box.y, 0.0, 1.0);
    return {left, top, std::clamp(box.x + box.width, 0.0, 1.0) - left, std::clamp(box.y + box.height, 0.0, 1.0) - top};
}

class Reading {
public:
    Reading(const DetectorSettings& settings, const cv::Mat& output) : settings_(settings), out_(output) {}

    Done read(std::vector<Candidate>& candidates) const {
        if (out_.type() != CV_32F || !out_.isContinuous()) return wrong();
        const auto size = [this](int i) { return static_cast<std::size_t>(out_.size[i]); };
        const std::size_t classes = settings_.classes.size();
        const auto* numbers = out_.ptr<float>();
        switch (settings_.layout) {
        case OutputLayout::rows:
            if (out_.dims != 3 || size(0) != 1 || size(2) != 5 + classes || size(1) > candidates_max) return wrong();
            for (std::size_t i = 0; i < size(1); ++i) {
                const float* row = numbers + i * size(2);
                take(candidates, row, 1, row + 5, 1, row[4]);
            }
            return {};
        case OutputLayout::columns:
            if (out_.dims != 3 || size(0) != 1 || size(1) != 4 + classes || size(2) > candidates_max) return wrong();
            for (std::size_t i = 0; i < size(2); ++i) take(candidates, numbers + i, size(2), numbers + 4 * size(2) + i, size(2), 1);
            return {};
        case OutputLayout::ssd:
            if (out_.dims != 4 || size(0) != 1 || size(1) != 1 || size(3) != 7 || size(2) > candidates_max) return wrong();
            for (std::size_t i = 0; i < size(2); ++i) take_ssd(candidates, numbers + i * 7);
            return {};
        }
        return wrong();
    }

private:
    Error wrong() const {
        std::string shape;
        for (int i = 0; i < out_.dims; ++i) shape += (i == 0 ? "" : ", ") + std::to_string(out_.size[i]);
        return {Fault::malformed, "the model's output has the shape [" + shape + "], which is not what layout and classes say"};
    }

    void take(std::vector<Candidate>& candidates, const float* box, std::size_t step, const float* scores, std::size_t score_step,
              float factor) const {
        std::size_t best = 0;
        for (std::size_t i = 1; i < settings_.classes.size(); ++i)
            if (scores[i * score_step] > scores[best * score_step]) best = i;
        const double score = static_cast<double>(scores[best * score_step]) * static_cast<double>(factor);
        const double width = box[2 * step], height = box[3 * step];
        add(candidates, best, score,
            {(box[0] - width / 2) / settings_.width, (box[step] - height / 2) / settings_.height, width / settings_.width,
             height / settings_.height});
    }

    void take_ssd(std::vector<Candidate>& candidates, const float* row) const {
        if (!(row[1] >= 0 && row[1] < static_cast<float>(settings_.classes.size()))) return;
        add(candidates, static_cast<std::size_t>(row[1]), row[2],
            {row[3], row[4], static_cast<double>(row[5]) - row[3], static_cast<double>(row[6]) - row[4]});
    }

    void add(std::vector<Candidate>& candidates, std::size_t number, double score, const Box& box) const {
        // Not a number is not sure enough either.
        if (!(score >= settings_.score_min) || !is_number(box) || settings_.classes[number].empty()) return;
        const Box inside = cut(box);
        if (inside.width > 0 && inside.height > 0) candidates.push_back({number, std::min(score, 1.0), inside});
    }

    const DetectorSettings& settings_;
    const cv::Mat& out_;
};

} // namespace

struct Detector::Inside {
    DetectorSettings settings;
    cv::dnn::Net net;

    Result<std::vector<Detection>> run(const cv::Mat& picture) try {
        const cv::Scalar mean(settings.mean[0], settings.mean[1], settings.mean[2]);
        net.setInput(cv::dnn::blobFromImage(picture, settings.scale, picture.size(), mean, settings.wants_red_first, false));
        std::vector<cv::Mat> outputs;
        net.forward(outputs, net.getUnconnectedOutLayersNames());
        if (outputs.size() != 1) return Error{Fault::malformed, "the model has " + std::to_string(outputs.size()) + " outputs, not one"};
        std::vector<Candidate> candidates;
        if (auto read = Reading(settings, outputs[0]).read(candidates); !read) return std::move(read).error();
        std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
        std::vector<Candidate> kept;
        for (const Candidate& each : candidates) {
            if (kept.size() == objects_max) break;
            const bool is_known = std::any_of(kept.begin(), kept.end(), [&](const Candidate& surer) {
                return surer.number == each.number && overlap(surer.box, each.box) > settings.overlap_max;
            });
            if (!is_known) kept.push_back(each);
        }
        std::vector<Detection> found;
        for (const Candidate& each : kept) found.push_back({settings.classes[each.number], each.score, each.box});
        return found;
    } catch (const cv::Exception& trouble) {
        return Error{Fault::malformed, "OpenCV can't run the model: " + trouble.err};
    }
};

Detector::Detector(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;
Detector::~Detector() = default;

Result<Detector> Detector::open(const DetectorSettings& settings) try {
    auto inside = std::make_unique<Inside>();
    inside->settings = settings;
    const auto* bytes = reinterpret_cast<const char*>(settings.model.data());
    inside->net = cv::dnn::readNetFromONNX(bytes, settings.model.size());
    if (inside->net.empty()) return Error{Fault::malformed, "the model is empty"};
    inside->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    inside->net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    inside->settings.model.clear();
    inside->settings.model.shrink_to_fit();
    const cv::Mat nothing(settings.height, settings.width, CV_8UC3, cv::Scalar(no_colour, no_colour, no_colour));
    if (auto tried = inside->run(nothing); !tried) return std::move(tried).error();
    return Detector(std::move(inside));
} catch (const cv::Exception& trouble) {
    return Error{Fault::malformed, "OpenCV can't read the model: " + trouble.err};
} catch (const std::exception& trouble) {
    return Error{Fault::malformed, std::string("the model can't be read: ") + trouble.what()};
}

Result<std::vector<Detection>> Detector::find(const PictureView& picture) try {
    return inside_->run(coloured(picture, inside_->settings.width, inside_->settings.height));
} catch (const cv::Exception& trouble) {
    return Error{Fault::malformed, "OpenCV can't scale the picture: " + trouble.err};
}

} // namespace gatehouse::pipelines::watch
