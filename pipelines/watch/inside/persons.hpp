// SPDX-License-Identifier: Apache-2.0
//
// Persons upright, by OpenCV's HOG detector with the weights that come with it. It looks only where something stands before the scene, each place
// brought to the size that the weights were made for: a twentieth of the cost of the whole picture, and walkers far away are large enough.
#pragma once

#include "pipelines/watch/inside/blobs.hpp"

#include <memory>

namespace gatehouse::pipelines::watch {

constexpr std::size_t persons_max = 32, places_looked_at_max = 6;

class Persons {
public:
    Persons();
    ~Persons();
    Persons(const Persons&) = delete;
    Persons& operator=(const Persons&) = delete;

    /// `places` are boxes in the picture; the largest come first when there are too many.
    std::vector<Detection> find(const PictureView& picture, std::vector<Box> places) const;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::pipelines::watch
