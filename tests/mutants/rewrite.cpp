// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/rewrite.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::mutants {
namespace {

constexpr auto none = std::string_view::npos;

struct Place {
    const Mutant* mutant;
    std::size_t begin, end;
};

void wrong(const Mutant& mutant, const std::string& what, std::vector<Flaw>& flaws) {
    flaws.push_back({mutant.table, mutant.line, mutant.name + ": " + what});
}

std::optional<Place> find(std::string_view text, const Mutant& mutant, std::vector<Flaw>& flaws) {
    const auto at = text.find(mutant.old_text);
    if (at == none) {
        wrong(mutant, "the old text does not stand in " + mutant.file, flaws);
        return std::nullopt;
    }
    if (text.find(mutant.old_text, at + 1) != none) {
        wrong(mutant, "the old text stands more than once in " + mutant.file, flaws);
        return std::nullopt;
    }
    return Place{&mutant, at, at + mutant.old_text.size()};
}

/// A conditional within a co_await statement is miscompiled by g++ 12.2. Statements are told by their brackets and semicolons, which
/// takes an `if` before a co_await for a part of it: the harmless direction.
bool stands_in_co_await(std::string_view text, const Place& place) {
    const auto before = place.begin == 0 ? none : text.find_last_of(";{}", place.begin - 1);
    const auto begin = before == none ? 0 : before + 1;
    const auto end = std::min(text.find_first_of(";{", place.end - 1), text.size());
    return text.substr(begin, end - begin).find("co_await") != none;
}

std::string asked(const Mutant& mutant) { return "::gatehouse_mutant(\"" + mutant.name + "\")"; }

std::string inlined(const Mutant& mutant) {
    constexpr std::string_view word = "MUTANT";
    std::string text = mutant.new_text;
    for (auto at = text.find(word); at != none; at = text.find(word, at)) {
        const std::string question = asked(mutant);
        text.replace(at, word.size(), question);
        at += question.size();
    }
    return text;
}

class Rewriter {
public:
    Rewriter(std::string_view text, std::vector<Place> places, std::vector<Flaw>& flaws) : text_(text), places_(std::move(places)), flaws_(flaws) {
        std::sort(places_.begin(), places_.end(),
                  [](const Place& a, const Place& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
    }

    std::string run() { return between(0, text_.size()); }

private:
    /// What lies there, with all places within it done.
    std::string between(std::size_t begin, std::size_t end) {
        std::string out;
        while (next_ < places_.size() && places_[next_].begin < end) {
            const Place place = places_[next_++];
            if (place.begin < begin || place.end > end) {
                wrong(*place.mutant, "overlaps another mutant by half: let both name the same text, or make one of them `build`", flaws_);
                continue;
            }
            out += text_.substr(begin, place.begin - begin);
            out += written(place);
            begin = place.end;
        }
        out += text_.substr(begin, end - begin);
        return out;
    }

    std::string written(const Place& place) {
        const Mutant& mutant = *place.mutant;
        const auto had = next_;
        const std::string rest = between(place.begin, place.end);
        if (mutant.form == Form::statement) return "{ if (" + asked(mutant) + ") { " + mutant.new_text + " } else { " + rest + " } }";
        if (mutant.form == Form::expression) return "(" + asked(mutant) + " ? (" + mutant.new_text + ") : (" + rest + "))";
        if (had != next_) wrong(mutant, "an inline text may hold no other mutant", flaws_);
        return inlined(mutant);
    }

    std::string_view text_;
    std::vector<Place> places_;
    std::vector<Flaw>& flaws_;
    std::size_t next_ = 0;
};

} // namespace

std::string rewrite(std::string_view original, const std::vector<Mutant>& mutants, std::vector<Flaw>& flaws) {
    std::vector<Place> places;
    for (const Mutant& mutant : mutants) {
        if (!is_switched(mutant.form)) continue;
        const auto place = find(original, mutant, flaws);
        if (!place) continue;
        if (mutant.form == Form::expression && stands_in_co_await(original, *place))
            wrong(mutant, "a conditional in a co_await statement is miscompiled: make it a statement, or inline with && and ||", flaws);
        places.push_back(*place);
    }
    if (places.empty()) return std::string(original);
    return "#include \"tests/mutants/switch.hpp\" " + Rewriter(original, std::move(places), flaws).run();
}

std::string replace(std::string_view original, const Mutant& mutant, std::vector<Flaw>& flaws) {
    std::string text(original);
    if (const auto place = find(original, mutant, flaws)) text.replace(place->begin, place->end - place->begin, mutant.new_text);
    return text;
}

} // namespace gatehouse::mutants
