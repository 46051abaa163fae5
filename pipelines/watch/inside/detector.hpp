// SPDX-License-Identifier: Apache-2.0
//
// The slot for a model that the user supplies: an ONNX file, run by OpenCV. What comes out of it is outside input like any other: a shape that is
// not the one the settings name, and numbers that are none, are an error and nothing worse.
#pragma once

#include "daemon/base/result.hpp"
#include "pipelines/watch/picture.hpp"
#include "pipelines/watch/settings.hpp"

#include <memory>

namespace gatehouse::pipelines::watch {

constexpr std::size_t objects_max = 64, candidates_max = 100'000;

class Detector {
public:
    /// Reads the model and runs it once. Fault::malformed: no ONNX, or one that OpenCV can't run, or its output has another shape.
    static Result<Detector> open(const DetectorSettings& settings);
    Detector(Detector&&) noexcept;
    Detector& operator=(Detector&&) noexcept;
    ~Detector();

    /// Surest first.
    Result<std::vector<Detection>> find(const PictureView& picture);

private:
    struct Inside;
    explicit Detector(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::pipelines::watch
