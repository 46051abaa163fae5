// SPDX-License-Identifier: Apache-2.0
//
// Records as they come, over /api/v1/live. Where it stands is a position: whatever ends the feed (the daemon stops, it was too slow), it
// asks again from there, so that nothing is lost and nothing comes twice. Before each feed it asks for the log's identity: a restored log
// gives positions out a second time, and is then followed from its new epoch's first.
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/values.hpp"
#include "daemon/record/kind.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::ctl {

namespace {

constexpr Duration wait_min = std::chrono::milliseconds(200);
constexpr Duration wait_max = std::chrono::seconds(5);
constexpr std::size_t frame_bytes_max = 1024 * 1024;
constexpr std::int64_t page_records_max = 500;
constexpr int http_needs_upgrade = 426;
// Shown when it happened so much earlier than it was heard.
constexpr Duration late_min = std::chrono::minutes(1);

std::string kind_text(const json::object& record, bool zh) {
    const auto name = cell(record, "kind");
    const auto kind = zh ? kind_named(name) : std::nullopt;
    return kind ? std::string(spec_of(*kind).title_zh) + " " + name : name;
}

/// In the words of the kind's schema; what stands in no table is shown as it came.
std::string value_text(const FieldSpec& field, const json::value& value) {
    const auto plain = cell_of(value);
    if (field.type == FieldType::flag && value.is_bool()) return value.get_bool() ? "是" : "否";
    if (field.codes != nullptr)
        for (const auto& one : field.codes->codes)
            if (one.code == plain) return std::string(one.title_zh);
    return plain;
}

std::string members_text(const json::object& record, std::string_view key, bool zh) {
    const auto kind = zh ? kind_named(cell(record, "kind")) : std::nullopt;
    std::string text;
    if (const auto* members = object_at(record, key))
        for (const auto& member : *members) {
            const auto* field = kind ? field_of(spec_of(*kind), member.key()) : nullptr;
            text += field != nullptr ? " " + std::string(field->title_zh) + "=" + value_text(*field, member.value())
                                     : " " + printable(member.key()) + "=" + cell_of(member.value());
        }
    return text;
}

std::string happened_text(const json::object& record, bool zh) {
    const auto happened = time_at(record, "happened_at");
    const auto heard = time_at(record, "heard_at");
    if (!happened || !heard || *heard - *happened < late_min) return {};
    return (zh ? " 发生于 " : " happened ") + local_text(*happened);
}

class Tail {
public:
    explicit Tail(const Session& session) : session_(session) {}

    int run() {
        if (const auto wrong = refuse_words()) return session_.fail(exit_usage, *wrong);
        if (session_.words.has("once")) {
            const auto shown = show_page("100");
            return shown ? exit_ok : shown.error().code;
        }
        const auto begun = begin();
        return begun ? follow() : begun.error().code;
    }

private:
    std::optional<Sentence> refuse_words() const {
        const auto& words = session_.words;
        if (const auto& limit = words.option("limit"); !limit.empty())
            if (const auto good = session_.whole("--limit", limit, 1, page_records_max); !good) return good.error();
        if (const auto& after = words.option("after"); !after.empty())
            if (const auto good = session_.whole("--after", after, 0, std::numeric_limits<std::int64_t>::max()); !good) return good.error();
        if (!words.has("once") && (words.has("from") || words.has("to")))
            return Sentence{"--from、--to 只与 --once 同用", "--from and --to go with --once only"};
        if (words.has("after") && (words.has("once") || words.has("limit")))
            return Sentence{"--after 不与 --once、--limit 同用", "--after goes with neither --once nor --limit"};
        for (const auto* name : {"from", "to"})
            if (words.has(name))
                if (const auto good = read_moment(std::string("--") + name, words.option(name), session_.around.now()); !good) return good.error();
        return std::nullopt;
    }

    std::string moment(const char* name) const {
        if (!session_.words.has(name)) return {};
        return to_text(*read_moment(name, session_.words.option(name), session_.around.now()));
    }

    std::vector<std::pair<std::string, std::string>> filters() const {
        const auto& words = session_.words;
        return {{"kind", words.option("kind")},
                {"source", words.option("source")},
                {"subject", words.option("subject")},
                {"personal", words.has("personal") ? "true" : ""}};
    }

    /// The newest page, oldest first.
    Answer<bool> show_page(const std::string& usual) {
        auto pairs = filters();
        const auto& limit = session_.words.option("limit");
        pairs.emplace_back("limit", limit.empty() ? usual : limit);
        pairs.emplace_back("from", moment("from"));
        pairs.emplace_back("to", moment("to"));
        const auto answer = session_.ask("GET", "/api/v1/records" + query_text(pairs));
        if (!answer) return answer.error();
        auto records = objects_at(*answer, "records");
        std::reverse(records.begin(), records.end());
        for (const auto* record : records)
            if (!show(*record)) return Ended{session_.fail_foreign("position"), 200};
        session_.around.out.flush();
        return true;
    }

    /// Where to begin: after the page that is shown first, or where --after says.
    Answer<bool> begin() {
        // The head is asked for before the page: what comes between the two is on the page or beyond it.
        const auto identity = session_.ask("GET", "/api/v1/identity");
        if (!identity) return identity.error();
        epoch_ = text_at(*identity, "epoch").value_or("");
        if (const auto& after = session_.words.option("after"); !after.empty()) {
            last_ = static_cast<std::uint64_t>(std::stoll(after));
            after_ = last_;
            return true;
        }
        const auto shown = show_page("10");
        if (!shown) return shown.error();
        last_ = std::max(last_, count_at(*identity, "head"));
        after_ = last_;
        return true;
    }

    int follow() {
        for (;;) {
            is_resync_ = false;
            const auto began = last_;
            auto pairs = filters();
            pairs.emplace_back("after", std::to_string(after_));
            net::HttpRequest upgrade;
            upgrade.target = "/api/v1/live" + query_text(pairs);
            const auto done = session_.around.follow(session_.words.socket, upgrade, [this](std::string_view frame) { return take(frame); });
            if (ended_) return *ended_;
            if (!session_.around.out) return exit_ok; // `tail | head`
            // Told to ask again before anything came: not at once, or both sides would do nothing else.
            if (is_resync_ && last_ > began) continue;
            if (!done && done.error().fault() == Fault::refused)
                if (const auto code = explain(upgrade.target)) return *code;
            if (const auto code = come_back()) return *code;
        }
    }

    /// Waits until the daemon answers again, and finds out whether its log is still the same.
    std::optional<int> come_back() {
        for (;;) {
            session_.around.wait(wait_);
            wait_ = std::min(wait_ * 2, wait_max);
            const auto answer = ask_quietly("/api/v1/identity");
            const bool is_away = !answer || answer->status >= 500 || answer->status == 429;
            if (!is_away) return look_at_identity(*answer);
            tell_away();
        }
    }

    Result<net::HttpResponse> ask_quietly(const std::string& target) const {
        net::HttpRequest request;
        request.target = target;
        return session_.around.ask(session_.words.socket, request);
    }

    void tell_away() {
        if (!is_away_) session_.note("与网关的连接断开，等待其恢复……", "the daemon went away; waiting for it ...");
        is_away_ = true;
    }

    std::optional<int> look_at_identity(const net::HttpResponse& answer) {
        if (answer.status != 200) return session_.fail_refused(answer).code;
        const auto parsed = parse_json(answer.body);
        const auto* identity = parsed ? parsed->if_object() : nullptr;
        const auto epoch = identity == nullptr ? std::nullopt : text_at(*identity, "epoch");
        if (!epoch) return session_.fail_foreign("epoch");
        if (is_away_) session_.note("网关已恢复，继续", "the daemon is back");
        is_away_ = false;
        if (*epoch != epoch_) begin_epoch(*epoch, count_at(*identity, "epoch_first"));
        // Only a log that lost its end is shorter than what was seen of it.
        if (count_at(*identity, "head") < last_)
            return session_.fail(exit_data, "日志的末位比已显示的还小：执行 gatehousectl log verify",
                                 "the log ends before what was shown already: run gatehousectl log verify");
        after_ = last_;
        return std::nullopt;
    }

    void begin_epoch(const std::string& epoch, std::uint64_t first) {
        epoch_ = epoch;
        if (first == 0 || first > last_) return; // renewed: the positions run on
        session_.note("日志是从备份恢复的，从位置 " + std::to_string(first) + " 继续",
                      "the log was restored from a backup; going on from position " + std::to_string(first));
        last_ = after_ = first - 1;
    }

    /// A feed was refused: why? None: it would be taken now.
    std::optional<int> explain(const std::string& target) {
        const auto answer = ask_quietly(target);
        if (!answer || answer->status == http_needs_upgrade) return std::nullopt;
        if (answer->status == 429 || answer->status >= 500) {
            tell_away();
            return std::nullopt;
        }
        // Beyond the end of a log that was restored meanwhile: the identity says so.
        if (answer->status == 400 && was_heard_) return std::nullopt;
        return session_.fail_refused(*answer).code;
    }

    /// One frame; false: enough.
    bool take(std::string_view text) {
        const auto parsed = parse_json(text, frame_bytes_max);
        const auto* frame = parsed ? parsed->if_object() : nullptr;
        if (frame == nullptr) return end(session_.fail_foreign("not a JSON object"));
        was_heard_ = true;
        wait_ = wait_min;
        if (const auto* record = object_at(*frame, "record")) {
            if (!show(*record)) return end(session_.fail_foreign("position"));
            session_.around.out.flush();
            return static_cast<bool>(session_.around.out);
        }
        if (const auto* resync = object_at(*frame, "resync")) {
            after_ = std::max(last_, count_at(*resync, "after"));
            is_resync_ = true;
            return false;
        }
        if (const auto* problem = object_at(*frame, "problem")) return take_problem(*problem);
        // Everything up to there was looked at: no need to begin before it.
        if (const auto through = count_at(*frame, "through"); through > last_) last_ = after_ = through;
        return true;
    }

    bool take_problem(const json::object& problem) {
        net::HttpResponse answer;
        answer.status = static_cast<int>(std::clamp<std::int64_t>(number_at(problem, "status").value_or(500), 400, 599));
        if (answer.status >= 500 || answer.status == 429) return false; // the same as a connection that breaks
        answer.body = json::serialize(problem);
        return end(session_.fail_refused(answer).code);
    }

    bool end(int code) {
        ended_ = code;
        return false;
    }

    /// False: no record. One that was shown already is none the worse for coming again.
    bool show(const json::object& record) {
        const auto position = count_at(record, "position");
        if (position == 0) return false;
        if (position <= last_) return true;
        last_ = after_ = position;
        auto& out = session_.around.out;
        if (session_.words.json) {
            out << json::serialize(record) << "\n";
            return true;
        }
        out << position << "  " << local_at(record, "heard_at") << "  " << kind_text(record, session_.zh()) << "  " << cell(record, "source")
            << members_text(record, "facts", session_.zh());
        if (const auto subject = cell(record, "subject"); subject != "-") out << "  " << subject;
        out << members_text(record, "details", session_.zh()) << happened_text(record, session_.zh()) << "\n";
        return true;
    }

    const Session& session_;
    std::string epoch_;
    std::uint64_t last_ = 0;  ///< shown, or known not to match
    std::uint64_t after_ = 0; ///< where to begin the next feed
    Duration wait_ = wait_min;
    bool was_heard_ = false;
    bool is_away_ = false;
    bool is_resync_ = false;
    std::optional<int> ended_;
};

} // namespace

int tail(const Session& session) { return Tail(session).run(); }

} // namespace gatehouse::ctl
