// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/validity/plate.hpp"

#include "daemon/base/text.hpp"
#include "daemon/registry/validity/reading.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::registry::validity {

namespace {

constexpr std::array class_names{
    std::string_view("ordinary"), std::string_view("new_energy_small"), std::string_view("new_energy_large"),
    std::string_view("police"),   std::string_view("learner"),          std::string_view("trailer"),
    std::string_view("embassy"),  std::string_view("consulate"),        std::string_view("hong_kong"),
    std::string_view("macao"),    std::string_view("emergency"),        std::string_view("temporary"),
};
static_assert(class_names.size() == static_cast<std::size_t>(PlateClass::temporary) + 1);

constexpr std::string_view plate_provinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"; // three bytes each
constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";                                               // GA 36: no I, no O
constexpr std::string_view serial = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
constexpr std::string_view digit_letters = "0123456789";
constexpr std::string_view new_energy = "ABCDEFGHJK"; // A to E: electric alone; F to K: not alone

// A grammar letter by letter: P province, L letter, S serial, D digit, N new-energy letter, R X or S (fire and rescue, forest fire); then
// what stands at the end.
struct Grammar {
    PlateClass plate_class;
    std::string_view begins, places, ends;
};
constexpr std::array grammars{
    Grammar{PlateClass::ordinary, "", "PLSSSSS", ""},          Grammar{PlateClass::new_energy_small, "", "PLNSDDDD", ""},
    Grammar{PlateClass::new_energy_large, "", "PLDDDDDN", ""}, Grammar{PlateClass::police, "", "PLSSSS", "警"},
    Grammar{PlateClass::learner, "", "PLSSSS", "学"},          Grammar{PlateClass::trailer, "", "PLSSSS", "挂"},
    Grammar{PlateClass::embassy, "使", "DDDDDD", ""},          Grammar{PlateClass::consulate, "", "PLSSSS", "领"},
    Grammar{PlateClass::hong_kong, "粤Z", "SSSS", "港"},       Grammar{PlateClass::macao, "粤Z", "SSSS", "澳"},
    Grammar{PlateClass::emergency, "", "PRSSSS", "应急"},      Grammar{PlateClass::temporary, "", "PLSSSS", "临"},
    Grammar{PlateClass::temporary, "", "PLSSSSS", "临"},
};

std::string_view alphabet_of(char place) {
    switch (place) {
    case 'L': return letters;
    case 'S': return serial;
    case 'D': return digit_letters;
    case 'N': return new_energy;
    default: return "XS";
    }
}

bool takes_province(std::string_view& text) {
    if (text.size() < 3) return false;
    const auto at = plate_provinces.find(text.substr(0, 3));
    if (at == std::string_view::npos || at % 3 != 0) return false;
    text.remove_prefix(3);
    return true;
}

bool fits(const Grammar& grammar, std::string_view text) {
    if (!text.starts_with(grammar.begins) || !text.ends_with(grammar.ends)) return false;
    if (text.size() < grammar.begins.size() + grammar.ends.size()) return false;
    text.remove_prefix(grammar.begins.size());
    text.remove_suffix(grammar.ends.size());
    for (const char place : grammar.places) {
        if (place == 'P') {
            if (!takes_province(text)) return false;
            continue;
        }
        if (text.empty() || alphabet_of(place).find(text.front()) == std::string_view::npos) return false;
        text.remove_prefix(1);
    }
    return text.empty();
}

} // namespace

std::string_view name_of(PlateClass plate_class) { return class_names.at(static_cast<std::size_t>(plate_class)); }

std::optional<PlateClass> plate_class_named(std::string_view name) {
    const auto found = std::find(class_names.begin(), class_names.end(), name);
    if (found == class_names.end()) return std::nullopt;
    return static_cast<PlateClass>(found - class_names.begin());
}

Judged<Plate> judge_plate(std::string_view text) {
    if (text.empty()) return Flaw::missing;
    if (text.size() > value_bytes_max) return Flaw::too_long;
    if (!is_utf8(text)) return Flaw::not_text;
    auto plain = plain_code(text);
    for (const auto& grammar : grammars)
        if (fits(grammar, plain)) return Plate{std::move(plain), grammar.plate_class};
    return Flaw::not_a_plate;
}

bool fits_colour(PlateClass plate_class, std::string_view colour) {
    const bool is_ordinary = plate_class == PlateClass::ordinary;
    if (colour == "blue") return is_ordinary || plate_class == PlateClass::temporary;
    if (colour == "yellow") return is_ordinary || plate_class == PlateClass::learner || plate_class == PlateClass::trailer;
    if (colour == "green") return plate_class == PlateClass::new_energy_small;
    if (colour == "yellow_green") return plate_class == PlateClass::new_energy_large;
    if (colour == "white") return plate_class == PlateClass::police || plate_class == PlateClass::emergency;
    if (colour == "black")
        return plate_class == PlateClass::embassy || plate_class == PlateClass::consulate || plate_class == PlateClass::hong_kong ||
               plate_class == PlateClass::macao;
    return colour.empty();
}

} // namespace gatehouse::registry::validity
