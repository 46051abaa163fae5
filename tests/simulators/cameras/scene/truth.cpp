// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/scene/truth.hpp"

namespace gatehouse::simulators::cameras {
namespace json = boost::json;

void Truth::note(std::string_view what, int frame, int gap) {
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
        if (span->what != what) continue;
        if (frame - span->last > gap) break;
        span->last = frame;
        return;
    }
    spans.push_back({what, frame, frame});
}

json::object to_json(const Truth& truth) {
    json::array spans, objects;
    for (const Span& span : truth.spans) spans.push_back(json::object{{"what", span.what}, {"first", span.first}, {"last", span.last}});
    for (const SeenObject& object : truth.objects) {
        json::array boxes;
        for (const Box& box : object.boxes) boxes.push_back(json::array{box.x, box.y, box.width, box.height});
        json::object row{{"id", object.id}, {"kind", object.kind}, {"way", object.way}, {"first", object.first}, {"boxes", std::move(boxes)}};
        if (!object.plate.empty()) row["plate"] = object.plate;
        objects.push_back(std::move(row));
    }
    return {{"spans", std::move(spans)}, {"objects", std::move(objects)}};
}

} // namespace gatehouse::simulators::cameras
