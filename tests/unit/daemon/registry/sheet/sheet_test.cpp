// SPDX-License-Identifier: Apache-2.0
//
// Tables in and out: the charsets that Chinese offices use, what Excel and WPS write, and files that mean harm.
#include "daemon/base/entropy.hpp"
#include "daemon/base/text.hpp"
#include "daemon/registry/sheet/table.hpp"
#include "daemon/registry/sheet/zip.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

using namespace gatehouse;
using namespace gatehouse::registry::sheet;

namespace {

Table sample() {
    Table table;
    table.heading = {"姓名", "电话", "备注"};
    table.rows = {
        {2, {"王小明", "13812345678", "说 \"好\", 行"}}, {3, {"李,四", "+85291234567", "=HYPERLINK(\"http://x\")"}}, {4, {"", "", "-1\n下一行"}}};
    return table;
}

void same(const Table& one, const Table& other) {
    CHECK(one.heading == other.heading);
    REQUIRE(one.rows.size() == other.rows.size());
    for (std::size_t i = 0; i < one.rows.size(); ++i) {
        CHECK(one.rows[i].number == other.rows[i].number);
        CHECK(one.rows[i].cells == other.rows[i].cells);
    }
}

/// A workbook as Excel lays it out: shared strings, a day style, gaps between cells, numbers.
std::string excel_book(const std::string& sheet) {
    const std::string ns = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    return write_zip(
        {{"xl/workbook.xml", "<workbook " + ns + " xmlns:r=\"x\"><sheets><sheet name=\"住户\" sheetId=\"4\" r:id=\"rId9\"/></sheets></workbook>"},
         {"xl/_rels/workbook.xml.rels",
          "<Relationships><Relationship Id=\"rId1\" Target=\"other.xml\"/><Relationship Id=\"rId9\" Target=\"worksheets/s.xml\"/></Relationships>"},
         {"xl/sharedStrings.xml", "<sst " + ns + "><si><t>姓名</t></si><si><r><t>王</t></r><r><t>小明</t></r><rPh><t>wang</t></rPh></si></sst>"},
         {"xl/styles.xml", "<styleSheet " + ns +
                               "><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>"
                               "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"},
         {"xl/worksheets/s.xml", "<worksheet " + ns + "><sheetData>" + sheet + "</sheetData></worksheet>"}});
}

/// write_zip()'s file of one part, packed as Excel packs (method 8). `claims`: the length that its directory names.
std::string packed_zip(const std::string& name, const std::string& bytes, std::size_t claims) {
    std::string packed(compressBound(static_cast<uLong>(bytes.size())) + 64, '\0');
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    auto plain = bytes;
    stream.next_in = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    auto file = write_zip({{name, packed}});
    const auto put = [&](std::size_t at, std::size_t value) {
        for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<char>(value >> (8 * i));
    };
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    const auto directory = file.rfind("PK\x01\x02");
    file[8] = file[directory + 10] = 8;
    put(14, crc);
    put(22, claims);
    put(directory + 16, crc);
    put(directory + 24, claims);
    return file;
}

} // namespace

TEST_CASE("sheet: packed parts are unpacked, and one that lies of its length is refused") {
    const std::string bytes(100'000, 'a');
    const auto file = packed_zip("p", bytes, bytes.size());
    CHECK(file.size() < 1000);
    auto zip = ZipReader::open(file);
    REQUIRE(zip.has_value());
    const auto part = zip->part("p");
    REQUIRE_MESSAGE(part.has_value(), (part ? std::string() : part.error().what()));
    CHECK(*part == bytes);
    for (const std::size_t claims : {std::size_t{99'999}, std::size_t{100'001}}) {
        const auto lying = packed_zip("p", bytes, claims);
        CHECK(ZipReader::open(lying)->part("p").error().fault() == Fault::malformed);
    }
    const auto bomb = packed_zip("p", std::string(60 * 1024 * 1024, '\0'), 60 * 1024 * 1024);
    auto twice = ZipReader::open(bomb);
    CHECK(twice->part("p").has_value());
    CHECK(twice->part("p").error().fault() == Fault::full); // all parts together are bounded
}

TEST_CASE("sheet: CSV in UTF-8 and in GB18030 comes back as it was, formulas as texts") {
    for (const auto charset : {Charset::utf8, Charset::gb18030}) {
        const auto text = write_csv(sample(), charset);
        REQUIRE(text.has_value());
        CHECK(is_utf8(*text) == (charset == Charset::utf8));
        CHECK(text->find("'=HYPERLINK") != std::string::npos);
        CHECK(text->find("'+852") != std::string::npos);
        const auto back = read_table(*text);
        REQUIRE_MESSAGE(back.has_value(), (back ? std::string() : back.error().what()));
        same(*back, sample());
    }
}

TEST_CASE("sheet: CSV as programs write it: semicolons, tabulators, bare line ends, empty rows") {
    for (const auto* text : {"a;b\n1;2\n\n3;\n", "a\tb\r\n1\t2\r\n\r\n3",
                             "\xef\xbb\xbf"
                             "a,b,\n1,2,\n,,\n3,,\n"}) {
        const auto table = read_csv(text);
        REQUIRE_MESSAGE(table.has_value(), (table ? std::string() : table.error().what()));
        CHECK(table->heading == std::vector<std::string>{"a", "b"});
        REQUIRE(table->rows.size() == 2);
        CHECK(table->rows[1].number == 4);
        CHECK(table->rows[1].cells == std::vector<std::string>{"3", ""});
    }
    CHECK(read_csv("a,b\n\"1,2\n").error().fault() == Fault::malformed);
    CHECK(read_csv("").error().fault() == Fault::malformed);
    CHECK(read_csv("a,b\n1,2,3\n").error().fault() == Fault::malformed);
    CHECK(read_csv(std::string("a\0b\n1\n", 6)).error().fault() == Fault::malformed);
    CHECK(read_csv("\xff\xff\xff").error().fault() == Fault::malformed);
}

TEST_CASE("sheet: XLSX comes back as it was") {
    const auto back = read_table(write_xlsx(sample()));
    REQUIRE_MESSAGE(back.has_value(), (back ? std::string() : back.error().what()));
    same(*back, sample());
}

TEST_CASE("sheet: a workbook of Excel: shared strings, days, gaps, and numbers without an exponent") {
    const auto table = read_table(excel_book("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"str\"><v>出生</v></c>"
                                             "<c r=\"D1\" t=\"inlineStr\"><is><t>电话</t></is></c></row>"
                                             "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c><c r=\"B3\" s=\"1\"><v>36526</v></c>"
                                             "<c r=\"D3\"><v>1.3812345678E10</v></c></row>"
                                             "<row r=\"4\"><c r=\"B4\" s=\"2\"><v>45000.75</v></c><c r=\"D4\"><v>1.1010519491231E+17</v></c></row>"));
    REQUIRE_MESSAGE(table.has_value(), (table ? std::string() : table.error().what()));
    CHECK(table->heading == std::vector<std::string>{"姓名", "出生", "", "电话"});
    REQUIRE(table->rows.size() == 2);
    CHECK(table->rows[0].number == 3);
    CHECK(table->rows[0].cells == std::vector<std::string>{"王小明", "2000-01-01", "", "13812345678"});
    CHECK(table->rows[1].cells[1] == "2023-03-15");
    CHECK(table->rows[1].cells[3].find('E') != std::string::npos); // lost digits stay visibly lost
}

TEST_CASE("sheet: what means harm is refused with a reason, before memory is taken") {
    CHECK(read_table("\xd0\xcf\x11\xe0rest").error().fault() == Fault::unsupported);
    CHECK(read_xlsx("PK\x03\x04").error().fault() == Fault::malformed);
    CHECK(read_xlsx(write_zip({{"word/document.xml", "<w/>"}})).error().fault() == Fault::unsupported);
    std::vector<std::pair<std::string, std::string>> many;
    for (int i = 0; i < 300; ++i) many.emplace_back("p" + std::to_string(i), "");
    CHECK(read_xlsx(write_zip(many)).error().fault() == Fault::full);
    auto bomb = write_xlsx(sample());
    const auto directory = bomb.rfind("PK\x01\x02");
    for (int i = 0; i < 4; ++i) bomb[directory + 24 + static_cast<std::size_t>(i)] = '\x7f'; // "unpacks to 2 GiB"
    CHECK(read_xlsx(bomb).error().fault() == Fault::full);
    auto encrypted = write_xlsx(sample());
    encrypted[encrypted.rfind("PK\x01\x02") + 8] = '\x01';
    CHECK(read_xlsx(encrypted).error().fault() == Fault::unsupported);
    CHECK(read_csv(std::string(file_bytes_max + 1, 'a')).error().fault() == Fault::full);
    std::string wide = "a";
    for (int i = 0; i < 70; ++i) wide += ",a";
    CHECK(read_csv(wide).error().fault() == Fault::full);
    CHECK(read_csv("a\n" + std::string(cell_bytes_max + 1, 'x')).error().fault() == Fault::full);
    std::string tall = "a\n";
    for (std::size_t i = 0; i <= rows_max; ++i) tall += "1\n";
    CHECK(read_csv(tall).error().fault() == Fault::full);
}

TEST_CASE("sheet: a workbook with any byte changed is read or refused, never more") {
    SeededEntropy entropy(3);
    const auto whole = write_xlsx(sample());
    int read = 0, refused = 0;
    for (int round = 0; round < 3000; ++round) {
        auto broken = whole;
        for (std::uint64_t times = 1 + entropy.below(4); times > 0; --times)
            broken[entropy.below(broken.size())] = static_cast<char>(entropy.below(256));
        if (entropy.below(4) == 0) broken.resize(entropy.below(broken.size()));
        (read_table(broken) ? read : refused) += 1;
    }
    CHECK(refused > 1000);
    CHECK(read + refused == 3000);
}
