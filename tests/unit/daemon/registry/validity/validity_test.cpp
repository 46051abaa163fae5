// SPDX-License-Identifier: Apache-2.0
//
// Numbers against their standards. The two citizen numbers are the worked examples of GB 11643-1999; everything else is generated.
#include "daemon/base/entropy.hpp"
#include "daemon/base/text.hpp"
#include "daemon/registry/validity/area.hpp"
#include "daemon/registry/validity/citizen_number.hpp"
#include "daemon/registry/validity/credit_code.hpp"
#include "daemon/registry/validity/phone.hpp"
#include "daemon/registry/validity/plate.hpp"
#include "daemon/registry/validity/reading.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::registry::validity;

namespace {

constexpr std::string_view today = "2026-11-27";

std::string number_from(SeededEntropy& entropy) {
    const auto two = [&](std::uint64_t least, std::uint64_t count) {
        const auto text = std::to_string(least + entropy.below(count));
        return text.size() < 2 ? "0" + text : text;
    };
    std::string digits = "3301" + two(2, 80) + std::to_string(1930 + entropy.below(90)) + two(1, 12) + two(1, 28);
    for (int i = 0; i < 3; ++i) digits += static_cast<char>('0' + entropy.below(10));
    return digits + citizen_check(digits);
}

} // namespace

TEST_CASE("validity: the standard's own citizen numbers hold, and say area, birth and sex") {
    const auto woman = judge_citizen_number("11010519491231002X", today);
    REQUIRE(woman);
    CHECK(woman->area == "110105");
    CHECK(woman->born == "1949-12-31");
    CHECK_FALSE(woman->is_male);
    const auto man = judge_citizen_number("440524188001010014", today);
    REQUIRE(man);
    CHECK(man->is_male);
    CHECK(judge_citizen_number("110105194912310021", today).flaw() == Flaw::wrong_check_digit);
    CHECK(judge_citizen_number("１１０１０５ 19491231 ００２ｘ", today)->number == "11010519491231002X");
}

TEST_CASE("validity: no single wrong digit and no two digits changed about pass as a citizen number") {
    SeededEntropy entropy(11);
    int refused = 0, tried = 0;
    for (int round = 0; round < 200; ++round) {
        const auto good = number_from(entropy);
        REQUIRE(judge_citizen_number(good, today));
        for (std::size_t at = 0; at < 17; ++at) {
            auto slip = good;
            slip[at] = static_cast<char>('0' + (slip[at] - '0' + 1 + static_cast<int>(entropy.below(9))) % 10);
            ++tried;
            refused += judge_citizen_number(slip, today) ? 0 : 1;
            if (good[at] == good[at + 1] || at == 16) continue;
            auto swapped = good;
            std::swap(swapped[at], swapped[at + 1]);
            ++tried;
            refused += judge_citizen_number(swapped, today) ? 0 : 1;
        }
    }
    CHECK(tried > 6000);
    CHECK(refused == tried);
}

TEST_CASE("validity: what is wrong with a citizen number is told apart") {
    const auto flaw = [](std::string digits) {
        if (digits.size() == 17) digits += citizen_check(digits);
        return judge_citizen_number(digits, today).flaw();
    };
    CHECK(flaw("") == Flaw::missing);
    CHECK(flaw("11010519491231") == Flaw::wrong_length);
    CHECK(flaw("1101051949123100A1") == Flaw::wrong_character);
    CHECK(flaw("11010519491231002Y") == Flaw::wrong_character);
    CHECK(flaw("99010519491231002") == Flaw::unknown_province);
    CHECK(flaw("11000519491231002") == Flaw::wrong_area);
    CHECK(flaw("11010519490230002") == Flaw::impossible_date);
    CHECK(flaw("11010519001301002") == Flaw::impossible_date);
    CHECK(flaw("11010519000229002") == Flaw::impossible_date); // 1900 was no leap year
    CHECK(flaw("11010520000229002") == Flaw::none);
    CHECK(flaw("11010520261128002") == Flaw::date_to_come);
    CHECK(flaw("11010520261127002") == Flaw::none);
    CHECK(flaw(std::string(65, '1')) == Flaw::too_long);
}

TEST_CASE("validity: each plate of GA 36 is known by its class") {
    struct Sample {
        std::string_view typed, text;
        PlateClass plate_class;
    };
    for (const auto& sample :
         {Sample{"浙A·12345", "浙A12345", PlateClass::ordinary}, Sample{"浙a b1c23", "浙AB1C23", PlateClass::ordinary},
          Sample{"京ＡＺ１２３４", "京AZ1234", PlateClass::ordinary}, Sample{"浙AD12345", "浙AD12345", PlateClass::new_energy_small},
          Sample{"沪AFA2345", "沪AFA2345", PlateClass::new_energy_small}, Sample{"浙A12345D", "浙A12345D", PlateClass::new_energy_large},
          Sample{"浙A1234警", "浙A1234警", PlateClass::police}, Sample{"浙A·1234学", "浙A1234学", PlateClass::learner},
          Sample{"冀E0B34挂", "冀E0B34挂", PlateClass::trailer}, Sample{"使 014·578", "使014578", PlateClass::embassy},
          Sample{"沪A0023领", "沪A0023领", PlateClass::consulate}, Sample{"粤Z12A4港", "粤Z12A4港", PlateClass::hong_kong},
          Sample{"粤ZH234澳", "粤ZH234澳", PlateClass::macao}, Sample{"京X·1234应急", "京X1234应急", PlateClass::emergency},
          Sample{"川S0012应急", "川S0012应急", PlateClass::emergency}, Sample{"浙A0001临", "浙A0001临", PlateClass::temporary},
          Sample{"浙A00012临", "浙A00012临", PlateClass::temporary}}) {
        CAPTURE(sample.typed);
        const auto plate = judge_plate(sample.typed);
        REQUIRE(plate);
        CHECK(plate->text == sample.text);
        CHECK(name_of(plate->plate_class) == name_of(sample.plate_class));
        CHECK(plate_class_named(name_of(plate->plate_class)) == plate->plate_class);
    }
}

TEST_CASE("validity: what no plate can be is refused") {
    for (const auto* wrong : {"A12345",      "浙12345",     "浙A1234",   "浙A123456", "浙I12345",  "浙A1234O",       "浙A123I5",
                              "浙AL12345",   "浙A12345L",   "台A12345",  "浙A1234港", "粤A1234港", "使12345",        "使A14578",
                              "京A1234应急", "浙A1234警警", "浙浙A1234", "浙",        "警",        "浙A12345; drop", "浙A1234临临"}) {
        CAPTURE(wrong);
        CHECK(judge_plate(wrong).flaw() == Flaw::not_a_plate);
    }
    CHECK(judge_plate("").flaw() == Flaw::missing);
    CHECK(judge_plate("\xe6\xb5").flaw() == Flaw::not_text);
    CHECK(judge_plate(std::string(200, 'A')).flaw() == Flaw::too_long);
    CHECK(fits_colour(PlateClass::ordinary, "yellow"));
    CHECK_FALSE(fits_colour(PlateClass::ordinary, "green"));
    CHECK_FALSE(fits_colour(PlateClass::new_energy_small, "blue"));
}

TEST_CASE("validity: phones of the mainland in their plain form, others with their country") {
    for (const auto& [typed, plain] :
         {std::pair("138 1234 5678", "13812345678"), std::pair("+86 138-1234-5678", "13812345678"), std::pair("0086 13812345678", "13812345678"),
          std::pair("0571-87654321", "057187654321"), std::pair("(010) 6543 2100", "01065432100"), std::pair("+86 571 8765 4321", "057187654321"),
          std::pair("400-123-4567", "4001234567"), std::pair("+852 9123 4567", "+85291234567")}) {
        CAPTURE(typed);
        const auto phone = judge_phone(typed);
        REQUIRE(phone);
        CHECK(*phone == plain);
    }
    for (const auto* wrong : {"12812345678", "1381234567", "138123456789", "87654321", "0571-1765432", "+1", "00123"}) {
        CAPTURE(wrong);
        CHECK(judge_phone(wrong).flaw() == Flaw::not_a_phone);
    }
    CHECK(judge_phone("1381234567a").flaw() == Flaw::wrong_character);
    CHECK(judge_phone("").flaw() == Flaw::missing);
}

TEST_CASE("validity: credit codes by GB 32100: no slip of one place passes") {
    SeededEntropy entropy(5);
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    int slips = 0;
    for (int round = 0; round < 200; ++round) {
        std::string code = "91330106MA";
        while (code.size() < 17) code += alphabet[entropy.below(alphabet.size())];
        code += credit_check(code);
        REQUIRE(judge_credit_code(code));
        for (std::size_t at = 0; at < 18; ++at) {
            auto slip = code;
            slip[at] = alphabet[(alphabet.find(slip[at]) + 1 + entropy.below(30)) % 31];
            slips += judge_credit_code(slip) ? 1 : 0;
        }
    }
    CHECK(slips == 0);
    CHECK(judge_credit_code("91330106MA2ABCDE").flaw() == Flaw::wrong_length);
    CHECK(judge_credit_code("91330106MA2ABCDEI1").flaw() == Flaw::wrong_character);
    CHECK(judge_credit_code("91990106MA2ABCDE11").flaw() == Flaw::unknown_province);
    CHECK(judge_credit_code("").flaw() == Flaw::missing);
}

TEST_CASE("validity: an area has a province, and a county its prefecture") {
    CHECK(*judge_area("330106") == "330106");
    CHECK(judge_area("330000"));
    CHECK(judge_area("330006").flaw() == Flaw::wrong_area);
    CHECK(judge_area("160106").flaw() == Flaw::unknown_province);
    CHECK(judge_area("33010").flaw() == Flaw::wrong_length);
    CHECK(judge_area("33010a").flaw() == Flaw::wrong_character);
    CHECK(province_of("33") == "浙江省");
    int provinces = 0;
    for (int code = 0; code < 100; ++code) provinces += province_of((code < 10 ? "0" : "") + std::to_string(code)).empty() ? 0 : 1;
    CHECK(provinces == 35);
}

TEST_CASE("validity: every flaw is said in Chinese and in English") {
    for (int at = 0; at <= static_cast<int>(Flaw::contradicts); ++at) {
        const auto flaw = static_cast<Flaw>(at);
        CHECK(is_utf8(in_chinese(flaw)));
        CHECK(in_chinese(flaw).find_first_of("\xe4\xe5\xe6\xe7\xe8\xe9") != std::string_view::npos);
        CHECK(in_english(flaw).size() > 5);
        CHECK(name_of(flaw).find(' ') == std::string_view::npos);
    }
}
