// SPDX-License-Identifier: Apache-2.0
//
// Why a value cannot be what it should be: one closed list, each with a sentence in Chinese and English. The sentence never repeats the value.
#pragma once

#include "daemon/base/expects.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::registry::validity {

constexpr std::size_t value_bytes_max = 64;

enum class Flaw {
    none,
    missing,           ///< nothing stands there
    too_long,          ///< beyond the field's bound
    not_text,          ///< bytes that are no UTF-8, or control characters
    wrong_length,      ///< of a number with a fixed length
    wrong_character,   ///< one that does not belong to its alphabet
    wrong_check_digit, ///< the check digit of GB 11643 or GB 32100
    unknown_province,  ///< the first two digits of an area
    wrong_area,        ///< a county without a prefecture
    impossible_date,   ///< no such day
    date_to_come,      ///< a birth after today
    end_before_begin,  ///< a span that ends before it begins
    wrong_date_form,   ///< not YYYY-MM-DD
    not_a_plate,       ///< no grammar of GA 36 fits
    wrong_plate_class, ///< a plate, but not of the class that was said
    not_a_phone,       ///< neither mobile nor fixed nor international
    not_a_choice,      ///< none of the words that may stand there
    not_a_number,      ///< a whole number within bounds was expected
    not_yes_or_no,     ///< a yes or no was expected
    unknown_reference, ///< names something that is not registered
    taken,             ///< another row has it already
    doubled,           ///< the same stands in this table before
    unknown_column,    ///< a heading that this table does not have
    not_asked_for,     ///< a document number where no filing rule asks for one
    contradicts,       ///< two fields of the row do not fit each other
};

/// "wrong_check_digit": for programs.
std::string_view name_of(Flaw flaw);
std::string_view in_chinese(Flaw flaw);
std::string_view in_english(Flaw flaw);

/// A value found good, in its plain form, or the flaw.
template <class T>
class Judged {
public:
    Judged(T value) : value_(std::move(value)) {}
    Judged(Flaw flaw) : flaw_(flaw) { expects(flaw != Flaw::none, "a flaw is some flaw"); }
    explicit operator bool() const { return value_.has_value(); }
    const T& operator*() const { return *value_; }
    const T* operator->() const { return &*value_; }
    Flaw flaw() const { return flaw_; }

private:
    std::optional<T> value_;
    Flaw flaw_ = Flaw::none;
};

} // namespace gatehouse::registry::validity
