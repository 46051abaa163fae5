// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/document.hpp"

#include "daemon/base/expects.hpp"

#include <algorithm>

namespace gatehouse {

Document Document::of_text(Place place, std::string value) {
    Document made(std::move(place), Kind::text);
    made.text_ = std::move(value);
    return made;
}

Document Document::of_whole(Place place, std::int64_t value) {
    Document made(std::move(place), Kind::whole);
    made.whole_ = value;
    made.real_ = static_cast<double>(value);
    return made;
}

Document Document::of_real(Place place, double value) {
    Document made(std::move(place), Kind::real);
    made.real_ = value;
    return made;
}

Document Document::of_truth(Place place, bool value) {
    Document made(std::move(place), Kind::truth);
    made.whole_ = value ? 1 : 0;
    return made;
}

Document Document::of_list(Place place, std::vector<Document> items) {
    Document made(std::move(place), Kind::list);
    made.items_ = std::move(items);
    return made;
}

Document Document::of_table(Place place, std::vector<std::string> keys, std::vector<Document> items) {
    expects(keys.size() == items.size(), "each item of a table has its key");
    Document made(std::move(place), Kind::table);
    made.keys_ = std::move(keys);
    made.items_ = std::move(items);
    return made;
}

const std::string& Document::text() const {
    expects(kind_ == Kind::text, "text() of a text");
    return text_;
}

std::int64_t Document::whole() const {
    expects(kind_ == Kind::whole, "whole() of a whole number");
    return whole_;
}

double Document::real() const {
    expects(kind_ == Kind::real || kind_ == Kind::whole, "real() of a number");
    return real_;
}

bool Document::truth() const {
    expects(kind_ == Kind::truth, "truth() of true or false");
    return whole_ != 0;
}

const Document* Document::find(std::string_view key) const {
    const auto at = std::find(keys_.begin(), keys_.end(), key);
    return at == keys_.end() ? nullptr : &items_[static_cast<std::size_t>(at - keys_.begin())];
}

Result<std::optional<std::string>> Document::text_at(std::string_view key) const {
    const Document* member = find(key);
    if (member == nullptr) return std::optional<std::string>();
    if (member->kind_ != Kind::text) return member->flaw(std::string(key) + ": expected a text");
    return std::optional<std::string>(member->text_);
}

Result<std::optional<std::int64_t>> Document::whole_at(std::string_view key) const {
    const Document* member = find(key);
    if (member == nullptr) return std::optional<std::int64_t>();
    if (member->kind_ != Kind::whole) return member->flaw(std::string(key) + ": expected a whole number");
    return std::optional<std::int64_t>(member->whole_);
}

Result<std::optional<bool>> Document::truth_at(std::string_view key) const {
    const Document* member = find(key);
    if (member == nullptr) return std::optional<bool>();
    if (member->kind_ != Kind::truth) return member->flaw(std::string(key) + ": expected true or false");
    return std::optional<bool>(member->whole_ != 0);
}

Result<std::string> Document::need_text(std::string_view key) const {
    auto text = text_at(key);
    if (!text) return std::move(text).error();
    if (!*text) return flaw(std::string(key) + " is missing");
    return std::move(**text);
}

std::string Document::where() const {
    return (place_.file ? *place_.file : std::string("text")) + ":" + std::to_string(place_.line) + ":" + std::to_string(place_.column);
}

Error Document::flaw(std::string_view what) const { return {Fault::malformed, where() + ": " + std::string(what)}; }

} // namespace gatehouse
