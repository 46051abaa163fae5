// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile_streams/exchange.hpp"

#include "daemon/base/bytes.hpp"
#include "tests/hostile_streams/packets.hpp"

#include <array>

namespace gatehouse::hostile {

namespace {

std::string description(const Film& film) {
    std::string sets;
    if (film.is_h265) {
        static constexpr std::array names{"sprop-vps", "sprop-sps", "sprop-pps"};
        for (const auto& set : film.sets()) {
            const auto sort = type_of(film, set) - 32;
            if (sort < names.size()) sets += std::string(sets.empty() ? "" : ";") + names[sort] + "=" + to_base64(set);
        }
    } else {
        for (const auto& set : film.sets()) sets += (sets.empty() ? "sprop-parameter-sets=" : ",") + to_base64(set);
        sets = "packetization-mode=1;" + sets;
    }
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=gate\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\na=control:*\r\na=range:npt=now-\r\n"
           "m=video 0 RTP/AVP 96\r\nb=AS:500\r\na=rtpmap:96 " +
           std::string(film.is_h265 ? "H265" : "H264") + "/90000\r\na=fmtp:96 " + sets + "\r\na=control:track1\r\n";
}

std::string answer(const std::string& headers, const std::string& body = {}) {
    return "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n" + headers +
           (body.empty() ? "\r\n" : "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

std::string describe_answer(const std::string& body) { return answer("Content-Type: application/sdp\r\n", body); }

Exchange conversation(const Film& film) {
    Exchange made;
    made.answers["OPTIONS"] = answer("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n");
    made.answers["DESCRIBE"] = describe_answer(description(film));
    made.answers["SETUP"] = answer("Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=12345678\r\nSession: 4711;timeout=60\r\n");
    made.answers["PLAY"] = answer("Session: 4711\r\nRange: npt=now-\r\n");
    return made;
}

// ---- the description

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
    Lines lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("\r\n", at);
        lines.push_back(text.substr(at, end == text.npos ? end : end - at));
        at = end == text.npos ? text.size() : end + 2;
    }
    return lines;
}

std::string joined(const Lines& lines) {
    std::string text;
    for (const auto& line : lines) text += line + "\r\n";
    return text;
}

std::string any_text(Dice& dice, std::size_t bytes) {
    const auto noise = dice.noise(bytes);
    return {noise.begin(), noise.end()};
}

std::string odd_number(Dice& dice) {
    static constexpr std::array odd{"0",           "-1",
                                    "1",           "65536",
                                    "2147483647",  "2147483648",
                                    "4294967295",  "4294967296",
                                    "-2147483648", "9223372036854775807",
                                    "1e309",       "18446744073709551616",
                                    "0x",          "",
                                    "nan",         "999999999999999999999999"};
    return odd[dice.below(odd.size())];
}

void odd_numbers(std::string& text, Dice& dice, std::size_t most) {
    for (auto count = dice.from_to(1, most); count > 0; --count) {
        std::vector<std::size_t> digits;
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] >= '0' && text[i] <= '9') digits.push_back(i);
        if (digits.empty()) return;
        auto begin = digits[dice.below(digits.size())];
        auto end = begin;
        while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
        text.replace(begin, end - begin, odd_number(dice));
    }
}

std::string many(const std::string& one, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += one;
    return text;
}

std::string odd_line(Dice& dice) {
    const std::array<std::string, 18> odd{
        "a=control:file:///etc/passwd",
        "a=control:../../../../etc/passwd",
        "a=control:rtsp://127.0.0.1:1/elsewhere",
        "a=control:" + std::string(9000, 'x'),
        "a=rtpmap:96 H264/" + odd_number(dice),
        "a=rtpmap:96 H265/" + odd_number(dice),
        "a=rtpmap:" + odd_number(dice) + " H264/90000",
        "a=fmtp:96 sprop-parameter-sets=" + std::string(20'000, 'A'),
        "a=fmtp:96 sprop-parameter-sets=" + many("AAAA,", 4000),
        "a=fmtp:96 sprop-vps=" + to_base64(dice.noise(3000)) + ";sprop-sps=" + to_base64(dice.noise(3000)) + ";sprop-pps=====",
        "a=fmtp:96 " + many("a=b;", 3000),
        "a=framesize:96 " + odd_number(dice) + "-" + odd_number(dice),
        "a=framerate:" + odd_number(dice),
        "m=video " + odd_number(dice) + " RTP/AVP " + odd_number(dice),
        "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/" + odd_number(dice) + "/" + odd_number(dice) +
            "\r\na=fmtp:97 streamtype=5;mode=AAC-hbr;config=" + odd_number(dice) + ";sizeLength=" + odd_number(dice) +
            ";indexLength=" + odd_number(dice) + ";indexDeltaLength=" + odd_number(dice) + "\r\na=control:track2",
        "c=IN IP4 239.255.0.1/" + odd_number(dice) + "/" + odd_number(dice),
        "a=range:npt=" + odd_number(dice) + "-" + odd_number(dice),
        "a=pgmpu:data:application/vnd.ms.wms-hdr.asfv1;base64," + to_base64(dice.noise(500)),
    };
    return odd[dice.below(odd.size())];
}

std::string spoil_description(std::string& text, Dice& dice) {
    auto lines = lines_of(text);
    const auto way = dice.below(9);
    static constexpr std::array names{"lines missing", "lines twice", "lines shuffled", "odd lines",        "odd numbers",
                                      "bits flipped",  "cut off",     "many streams",   "nothing but noise"};
    switch (way) {
    case 0:
        for (auto count = dice.from_to(1, 6); count > 0 && !lines.empty(); --count)
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(dice.below(lines.size())));
        break;
    case 1:
        for (auto count = dice.from_to(1, 6); count > 0; --count) lines.push_back(dice.pick(lines));
        break;
    case 2: dice.shuffle(lines); break;
    case 3:
        for (auto count = dice.from_to(1, 8); count > 0; --count)
            lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(dice.below(lines.size() + 1)), odd_line(dice));
        break;
    case 7: lines.push_back(many("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n", dice.from_to(2, 400))); break;
    default: break;
    }
    text = joined(lines);
    if (way == 4) odd_numbers(text, dice, 8);
    if (way == 5) dice.flip_bits(text, dice.from_to(1, 100));
    if (way == 6) dice.cut(text);
    if (way == 8) text = any_text(dice, dice.below(100'000));
    return names[way];
}

// ---- the conversation

std::string spoil_answer(std::string& text, Dice& dice) {
    const auto way = dice.below(12);
    static constexpr std::array names{"odd numbers",          "bits flipped",     "cut off",       "noise before",
                                      "lying Content-Length", "long headers",     "many headers",  "a status",
                                      "sent elsewhere",       "an odd challenge", "binary before", "noise for an answer"};
    const auto end = text.find("\r\n\r\n");
    const auto put_header = [&](const std::string& header) { text.insert(end == text.npos ? text.size() : end + 2, header); };
    static constexpr std::array statuses{
        "100 Continue", "301 Moved Permanently", "404 Not Found", "454 Session Not Found", "461 Unsupported transport", "503 Busy", "0 ",
        "99999 Much"};
    static constexpr std::array places{"rtsp://127.0.0.1:{port}/again", "file:///etc/passwd", "http://127.0.0.1:{port}/", "rtsp://[::1", "",
                                       "rtsp://127.0.0.1:99999/"};
    switch (way) {
    case 0: odd_numbers(text, dice, 4); break;
    case 1: dice.flip_bits(text, dice.from_to(1, 40)); break;
    case 2: dice.cut(text); break;
    case 3: text = any_text(dice, dice.below(3000)) + text; break;
    case 4: put_header("Content-Length: " + odd_number(dice) + "\r\n"); break;
    case 5: put_header("Session: " + std::string(dice.from_to(1000, 70'000), 's') + "\r\n"); break;
    case 6: put_header(many("Transport: RTP/AVP/TCP;interleaved=" + odd_number(dice) + "-" + odd_number(dice) + "\r\n", 3000)); break;
    case 7:
        text.replace(0, std::min(text.size(), std::string("RTSP/1.0 200 OK").size()),
                     "RTSP/1.0 " + std::string(statuses[dice.below(statuses.size())]));
        break;
    case 8: text = "RTSP/1.0 302 Found\r\nCSeq: {cseq}\r\nLocation: " + std::string(places[dice.below(places.size())]) + "\r\n\r\n"; break;
    case 9:
        text = "RTSP/1.0 401 Unauthorized\r\nCSeq: {cseq}\r\nWWW-Authenticate: Digest realm=\"" + any_text(dice, dice.below(5000)) + "\", nonce=\"" +
               std::string(dice.below(5000), 'n') + "\", algorithm=" + odd_number(dice) + ", qop=\"auth-int,,,\"\r\n\r\n";
        break;
    case 10: text = "$" + any_text(dice, dice.below(200)) + text; break;
    default: text = any_text(dice, dice.below(50'000)); break;
    }
    return names[way];
}

/// A second of pictures, spoiled as pictures or as packets.
Bytes hostile_stream(const Film& film, Dice& dice, std::string& what) {
    if (dice.below(7) < 4) {
        Film spoiled = film;
        what += "; pictures: " + spoil(spoiled, dice);
        return interleaved(packets_of(spoiled));
    }
    auto packets = packets_of(film);
    what += "; RTP: " + spoil(packets, film.is_h265, dice);
    auto bytes = interleaved(packets);
    if (dice.one_in(6)) {
        dice.flip_bits(bytes, dice.from_to(1, 30));
        what += ", bits flipped in the connection";
    }
    return bytes;
}

} // namespace

Exchange plain(const Film& film) {
    auto made = conversation(film);
    made.after_play = interleaved(packets_of(film));
    return made;
}

Exchange hostile(const Films& films, std::uint64_t seed) {
    Dice dice(seed);
    const auto layer = dice.below(10);
    const Film& film = dice.one_in(2) ? films.h265 : films.h264;
    const std::string codec = film.is_h265 ? "h265" : "h264";
    auto made = conversation(film);
    made.what = codec;
    std::size_t streams = streams_per_conversation;
    if (layer < 7) {
        if (layer == 0) { // the description names the spoiled parameter sets too
            Film spoiled = film;
            made.what += "; declared: " + spoil(spoiled, dice);
            made.answers["DESCRIBE"] = describe_answer(description(spoiled));
        }
    } else {
        made.after_play = plain(film).after_play;
        --streams;
        if (layer < 9) {
            auto text = description(film);
            made.what += "; SDP: " + spoil_description(text, dice);
            made.answers["DESCRIBE"] = describe_answer(text);
        } else {
            static constexpr std::array methods{"OPTIONS", "DESCRIBE", "SETUP", "PLAY"};
            const std::string method = methods[dice.below(methods.size())];
            made.what += "; RTSP, " + method + ": " + spoil_answer(made.answers[method], dice);
        }
    }
    for (std::size_t i = 0; i < streams; ++i) {
        const auto stream = hostile_stream(film, dice, made.what);
        made.after_play.insert(made.after_play.end(), stream.begin(), stream.end());
    }
    return made;
}

} // namespace gatehouse::hostile
