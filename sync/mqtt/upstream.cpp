// SPDX-License-Identifier: Apache-2.0
//
// One upstream put together: two connections (events; pictures), three lanes, and what the platform says: status of another box,
// receipts, requests. Everything that waits for the store stands in a queue of its own, so that messages are taken as they come.
#include "sync/mqtt/upstream.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "sync/mqtt/link.hpp"
#include "sync/requests.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::sync::mqtt {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t arrived_max = 256;
constexpr std::size_t resent_members_max = 10'000;
constexpr std::size_t verb_bytes_max = 40; ///< as said again in answers and in the audit trail
constexpr std::size_t clip_answer_bytes_max = 256 * 1024;
constexpr std::size_t instances_kept_max = 16;
constexpr auto greeting_max = 10s;
constexpr auto greeting_pause = 300ms;
constexpr auto begin_retry = 1s;
constexpr auto passing_every = 60s;
constexpr auto conflict_wait = 10min;
constexpr auto conflict_jitter = 60s;
constexpr auto conflict_look = 1s;
constexpr auto foreign_window = 5min;
constexpr std::size_t foreign_goodbyes_max = 3;
constexpr auto alarm_every = 10min;
constexpr auto audit_every = 1s;
constexpr auto china_ahead_of_utc = 8h;

} // namespace

namespace {

class BrokeredUpstream final : public MqttUpstream {
public:
    BrokeredUpstream(UpstreamSettings settings, Surroundings around, Topics topics)
        : settings_(std::move(settings)), around_(std::move(around)), topics_(std::move(topics)), receipts_(arrived_max), requests_(arrived_max),
          gate_(settings_.gateway, settings_.request_keys, around_.process_started) {
        if (settings_.client_id.empty()) settings_.client_id = "gatehouse-" + settings_.gateway;
        const Shared shared{settings_, around_, entitlements_};
        urgent_ = std::make_unique<LaneFeed>(shared, Lane::urgent, [this] { records_link_->pump(); });
        routine_ = std::make_unique<LaneFeed>(shared, Lane::routine, [this] { records_link_->pump(); });
        pictures_ = std::make_unique<LaneFeed>(shared, Lane::pictures, [this] { pictures_link_->pump(); });

        Link::Hooks hooks;
        hooks.will = [this] { return std::optional(status_message("offline")); };
        hooks.greet = [this](net::MqttConnection& connection) { return greet(connection); };
        hooks.arrived = [this](net::MqttMessage message) { arrived(std::move(message)); };
        hooks.until_allowed = [this] { return until_alone(); };
        records_link_ = std::make_unique<Link>(
            shared, settings_.client_id, std::vector<Link::Carried>{{urgent_.get(), topics_.urgent, true}, {routine_.get(), topics_.records, false}},
            std::move(hooks));
        Link::Hooks picture_hooks;
        picture_hooks.until_allowed = [this] { return until_alone(); };
        pictures_link_ = std::make_unique<Link>(shared, settings_.client_id + "-pictures",
                                                std::vector<Link::Carried>{{pictures_.get(), topics_.pictures, false}}, std::move(picture_hooks));
    }

    const std::string& name() const override { return settings_.name; }

    Task<void> run() override {
        co_await until_prepared();
        std::vector<Task<void>> parts;
        parts.push_back(records_link_->run());
        parts.push_back(urgent_->run());
        parts.push_back(routine_->run());
        parts.push_back(hear_receipts());
        parts.push_back(answer_requests());
        if (entitlements_.name_pictures()) {
            parts.push_back(pictures_link_->run());
            parts.push_back(pictures_->run());
        } else {
            parts.push_back(let_pictures_pass());
        }
        if (settings_.receipts == ReceiptMode::none && around_.count_file) parts.push_back(write_count_files());
        co_await all(std::move(parts));
    }

    UpstreamStatus status() const override {
        UpstreamStatus status;
        status.name = settings_.name;
        status.kind = "mqtt";
        using State = UpstreamStatus::State;
        status.state = conflict_                        ? State::conflict
                       : records_link_->is_online()     ? State::online
                       : records_link_->sessions() == 0 ? State::connecting
                                                        : State::offline;
        status.since = conflict_ ? std::optional(conflict_->since) : records_link_->since();
        status.fault = conflict_ ? "another gateway uses this identity (gatehousectl identity renew)" : records_link_->fault();
        status.is_refused = !conflict_ && records_link_->is_refused();
        for (const auto* feed : {urgent_.get(), routine_.get(), pictures_.get()}) status.lanes.push_back(feed->status());
        if (!entitlements_.name_pictures()) status.lanes.back().waiting = 0;
        status.requests_answered = requests_answered_;
        status.requests_refused = requests_refused_;
        status.keeps_retained = records_link_->keeps_retained();
        status.packet_bytes_max = records_link_->packet_bytes_max();
        if (!entitlements_.empty()) status.warnings = warnings(entitlements_.today().rules, around_.clock.now());
        return status;
    }

    Task<Result<std::uint64_t>> resend(Lane lane, std::uint64_t first, std::uint64_t last) override {
        if (!is_prepared_) co_return Error(Fault::busy, "this upstream has not begun yet");
        auto span = co_await feed(lane).span(first, last, resent_members_max);
        if (!span) co_return std::move(span).error();
        const std::uint64_t count = span->members.size();
        auto done = co_await send_again(lane, std::move(*span));
        if (!done) co_return std::move(done).error();
        co_return count;
    }

    void catalogue_changed() override {
        if (auto message = catalogue_message()) records_link_->say(std::move(*message));
    }

    bool send_volatile(const Record& record) override {
        if (entitlements_.empty() || spec_of(record.kind).lane != Lane::urgent || record.id.empty()) return false;
        if (!entitlements_.today().rules.admits(record.kind)) return false;
        auto event = to_volatile_event(record, settings_.gateway, settings_.compound, around_.store.head().epoch, entitlements_, around_.clock.now());
        net::MqttMessage message;
        message.topic = topics_.urgent;
        if (settings_.batch_records_max == 1) {
            message.payload = std::move(event);
            message.content_type = "application/cloudevents+json";
        } else {
            message.payload = "[" + event + "]";
            message.content_type = "application/cloudevents-batch+json";
        }
        return records_link_->say(std::move(message));
    }

private:
    LaneFeed& feed(Lane lane) { return lane == Lane::urgent ? *urgent_ : lane == Lane::routine ? *routine_ : *pictures_; }

    // --- Beginning ---------------------------------------------------------------------------------------------------------------

    Task<void> until_prepared() {
        for (;;) {
            const auto prepared = co_await prepare();
            if (prepared) break;
            log::warning("sync", "an upstream can't begin", {{"upstream", settings_.name}, {"fault", prepared.error().what()}});
            co_await around_.clock.sleep_for(begin_retry);
        }
        is_prepared_ = true;
    }

    // No version names a picture, so nothing is of this lane, and all that is there is settled: retention must not wait for it.
    Task<void> let_pictures_pass() {
        auto& store = around_.store;
        for (;;) {
            const auto head = store.head().position;
            const auto before = co_await store.cursor(pictures_->reader());
            if (before && *before && (*before)->settled < head) {
                const store::Cursor to{head, (*before)->member};
                auto moved = co_await store.move_cursor(pictures_->reader(), to);
                if (!moved) log::warning("sync", "a cursor did not move", {{"reader", pictures_->reader()}, {"fault", moved.error().what()}});
            }
            co_await around_.clock.sleep_for(passing_every);
        }
    }

    Task<Done> prepare() {
        auto& store = around_.store;
        auto versions = co_await store.entitlements(settings_.name);
        if (!versions) co_return std::move(versions).error();
        const bool is_new = versions->empty();
        // A new upstream begins behind what is there now: neither its first version nor what led to it is backlog.
        const auto start = settings_.from ? *settings_.from - std::min<std::uint64_t>(*settings_.from, 1) : store.head().position;
        const auto wanted = to_json(settings_.entitlement);
        if (is_new) {
            for (const auto lane : {Lane::urgent, Lane::routine, Lane::pictures}) {
                const auto& reader = feed(lane).reader();
                auto cursor = co_await store.cursor(reader);
                if (!cursor) co_return std::move(cursor).error();
                if (*cursor) continue;
                store::Cursor at;
                at.settled = start;
                auto moved = co_await store.move_cursor(reader, at);
                if (!moved) co_return moved;
            }
        }
        if (is_new || versions->back().rules != wanted) {
            auto added = co_await store.add_entitlement(settings_.name, wanted);
            if (!added) co_return std::move(added).error();
            versions->push_back(std::move(*added));
        }
        entitlements_ = Entitlements();
        for (const auto& version : *versions) {
            auto rules = parse_entitlement(version.rules);
            if (!rules) co_return std::move(rules).error().during("version " + std::to_string(version.version) + " of " + settings_.name);
            entitlements_.add(version.version, version.from_position, std::move(*rules));
        }
        for (const auto lane : {Lane::urgent, Lane::routine, Lane::pictures}) {
            auto prepared = co_await feed(lane).prepare(start);
            if (!prepared) co_return prepared;
        }
        co_return co_await know_instances();
    }

    // Every start has an instance of its own. Those of this installation are remembered, so that what an earlier start left on the broker
    // is not taken for another box; a disk that was cloned does not know the other's.
    Task<Done> know_instances() {
        const auto key = "upstream/" + settings_.name + "/instances";
        auto note = co_await around_.store.note(key);
        if (!note) co_return std::move(note).error();
        instance_ = to_text(make_uuid_v7(around_.clock.now(), around_.entropy));
        json::array kept;
        if (const auto parsed = parse_json(*note); !note->empty() && parsed && parsed->is_array())
            for (const auto& value : parsed->get_array())
                if (value.is_string()) kept.push_back(value);
        kept.emplace_back(instance_);
        while (kept.size() > instances_kept_max) kept.erase(kept.begin());
        own_instances_.clear();
        for (const auto& value : kept) own_instances_.emplace(value.get_string());
        auto text = json::serialize(kept);
        auto saved = co_await around_.store.set_note(key, std::move(text));
        co_return saved;
    }

    net::MqttMessage status_message(std::string_view state) const {
        json::object status;
        status["state"] = state;
        const auto head = around_.store.head();
        if (state == "online") {
            status["version"] = settings_.version;
            status["gateway"] = settings_.gateway;
            status["epoch"] = head.epoch;
            status["epoch_first"] = head.epoch_first;
            status["head"] = head.position;
            status["instance"] = instance_;
            status["key"] = to_base64(around_.signing.public_key());
            status["at"] = to_text(around_.clock.now());
        } else {
            status["gateway"] = settings_.gateway;
            status["epoch"] = head.epoch;
            status["head"] = head.position;
            status["instance"] = instance_;
        }
        net::MqttMessage message;
        message.topic = topics_.status;
        message.payload = json::serialize(status);
        message.content_type = "application/json";
        message.retain = true;
        return message;
    }

    std::optional<net::MqttMessage> catalogue_message() const {
        auto text = around_.catalogue ? around_.catalogue() : std::string();
        if (text.empty()) return std::nullopt;
        if (records_link_->packet_bytes_max() > 0 && text.size() + 1024 > records_link_->packet_bytes_max()) {
            log::warning("sync", "the catalogue is larger than the broker's packets", {{"upstream", settings_.name}});
            return std::nullopt;
        }
        net::MqttMessage message;
        message.topic = topics_.catalogue;
        message.payload = std::move(text);
        message.content_type = "application/json";
        message.retain = true;
        return message;
    }

    Task<Done> greet(net::MqttConnection& connection) {
        std::vector<std::string> filters{topics_.status, topics_.receipts, topics_.requests};
        auto subscribing = connection.subscribe(std::move(filters));
        std::string doing = "subscribing";
        auto subscribed = co_await within<void>(around_.clock, greeting_max, std::move(doing), std::move(subscribing));
        if (!subscribed) co_return subscribed;
        // What another box left there comes first; a site that never reported has nothing there.
        status_heard_.reset();
        auto heard = status_heard_.wait();
        co_await finish_within(around_.clock, greeting_pause, std::move(heard));
        if (conflict_) co_return Error(Fault::gone, "another gateway uses this identity");
        if (rewound_) {
            const auto rewound = *rewound_;
            rewound_.reset();
            auto renewed = co_await begin_behind(rewound);
            if (!renewed) co_return renewed;
        }
        for (auto& message : greetings()) {
            Event said;
            std::optional<Result<net::MqttAcknowledged>> answer;
            connection.publish(std::move(message), [&](Result<net::MqttAcknowledged> ack) {
                answer.emplace(std::move(ack));
                said.set();
            });
            co_await said.wait(); // exactly once, at the latest when the connection ends
            if (!*answer) co_return answer->error();
            if ((*answer)->reason >= 0x80)
                co_return Error(Fault::refused, "the broker refuses our status (reason " + std::to_string((*answer)->reason) + ")");
        }
        co_return Done();
    }

    std::vector<net::MqttMessage> greetings() const {
        std::vector<net::MqttMessage> messages;
        messages.push_back(status_message("online"));
        if (auto catalogue = catalogue_message()) messages.push_back(std::move(*catalogue));
        return messages;
    }

    // --- Another box with our identity -----------------------------------------------------------------------------------------------

    void hear_status(const net::MqttMessage& message) {
        status_heard_.set();
        const auto parsed = parse_json(message.payload, 16 * 1024);
        if (!parsed || !parsed->is_object()) return;
        const auto& object = parsed->get_object();
        const auto instance = text_at(object, "instance");
        const auto state = text_at(object, "state");
        if (!instance || !state || *instance == instance_) return;
        const bool is_own = own_instances_.contains(*instance);
        if ((is_own || *state != "online") && hear_head(object)) return;
        if (is_own) return;
        // What stands there since before the ten minutes that we waited: nobody is behind it.
        if (message.retain && *instance == outlived_) return;
        const auto now = around_.clock.steady_now();
        const bool is_our_epoch = text_at(object, "epoch") == around_.store.head().epoch;
        if (*state == "online" && (is_our_epoch || !message.retain)) {
            conflict(*instance, "another box says online");
        } else if (is_our_epoch) {
            // An epoch is made once, at an install: whoever else was here under ours runs from a copy of our disk, or we from a copy of its.
            conflict(*instance, "another box was here with our epoch");
        } else {
            // Two boxes with one client id never meet: each one's coming throws the other out, whose will says goodbye. An "online" that only
            // stands there is no more than that: a box that left in a conflict leaves it behind, and would keep a renewed one silent for ever.
            std::erase_if(foreign_goodbyes_, [&](Instant at) { return now - at > foreign_window; });
            foreign_goodbyes_.push_back(now);
            if (foreign_goodbyes_.size() >= foreign_goodbyes_max) conflict(*instance, "another box is thrown out whenever we come");
        }
    }

    struct Rewound {
        std::string epoch;
        std::uint64_t head;
    };

    // Under our own epoch somebody got further than we are. Was it an earlier start of ours, the log was taken back to an older copy; was it a
    // box with a copy of our disk, then it is gone now: either way our next positions mean something else already.
    bool hear_head(const json::object& status) {
        const auto head_there = number_at(status, "head");
        const auto ours = around_.store.head();
        if (!head_there || *head_there <= 0 || static_cast<std::uint64_t>(*head_there) <= ours.position || text_at(status, "epoch") != ours.epoch)
            return false;
        log::error("sync", "the log is older than what was told of it",
                   {{"upstream", settings_.name}, {"head_there", *head_there}, {"head", ours.position}});
        alarm("log_rewound", "the log ends at " + std::to_string(ours.position) + ", and " + std::to_string(*head_there) + " was told of it");
        rewound_.emplace(Rewound{ours.epoch, static_cast<std::uint64_t>(*head_there)});
        if (records_link_->is_online()) records_link_->leave(std::nullopt); // it came late: begin again
        return true;
    }

    Task<Done> begin_behind(Rewound rewound) {
        if (!around_.log_rewound || around_.store.head().epoch != rewound.epoch) co_return Done();
        auto renewed = co_await around_.log_rewound(std::move(rewound.epoch), rewound.head);
        co_return renewed;
    }

    void conflict(std::string_view instance, std::string_view why) {
        if (conflict_) {
            conflict_->until = around_.clock.steady_now() + conflict_wait;
            return;
        }
        foreign_goodbyes_.clear();
        const auto jitter = Duration(static_cast<std::int64_t>(around_.entropy.below(static_cast<std::uint64_t>(Duration(conflict_jitter).count()))));
        conflict_.emplace(
            Conflict{around_.clock.now(), around_.clock.steady_now() + conflict_wait + jitter, around_.store.head().epoch, std::string(instance)});
        log::error("sync", "identity conflict", {{"upstream", settings_.name}, {"why", why}});
        alarm("identity_conflict", std::string(why));
        // Without a word: what stands there is the other box's status, and what we said in our name would silence it too.
        records_link_->leave(std::nullopt);
        pictures_link_->leave(std::nullopt);
    }

    Task<void> until_alone() {
        while (conflict_) {
            const bool renewed = around_.store.head().epoch != conflict_->epoch;
            if (renewed || around_.clock.steady_now() >= conflict_->until) {
                outlived_ = renewed ? std::string() : conflict_->instance;
                conflict_.reset();
                break;
            }
            co_await around_.clock.sleep_for(conflict_look);
        }
    }

    // --- What arrives --------------------------------------------------------------------------------------------------------------

    void arrived(net::MqttMessage message) {
        if (message.topic == topics_.status)
            hear_status(message);
        else if (message.topic == topics_.receipts)
            receipts_dropped_ += receipts_.try_push(std::move(message)) ? 0 : 1; // the platform repeats them
        else if (message.topic == topics_.requests && !requests_.try_push(std::move(message)))
            ++requests_refused_;
    }

    void alarm(std::string_view code, std::string why) {
        const auto now = around_.clock.steady_now();
        auto& last = alarmed_at_[std::string(code)];
        if (last && now - *last < alarm_every) return;
        last = now;
        Record record;
        record.kind = Kind::alarm_raised;
        record.heard_at = around_.clock.now();
        record.source = "gateway";
        record.facts["code"] = code;
        record.facts["cause"] = settings_.name + ": " + why;
        around_.store.hand_over(std::move(record));
    }

    void receipt_is_wrong(Lane lane, const std::string& why) {
        feed(lane).receipt_refused();
        log::warning("sync", "a receipt is refused", {{"upstream", settings_.name}, {"lane", name_of(lane)}, {"why", why}});
        alarm("receipt_refused", why);
    }

    Task<void> hear_receipts() {
        for (;;) {
            const auto message = co_await receipts_.pop();
            auto receipt = parse_receipt(message.payload, settings_.receipts);
            if (!receipt) {
                receipt_is_wrong(Lane::routine, receipt.error().what());
                continue;
            }
            co_await apply(std::move(*receipt));
        }
    }

    Task<void> apply(Receipt receipt) {
        auto& lane = feed(receipt.lane);
        const auto head = around_.store.head();
        std::uint64_t first = head.epoch_first, last = UINT64_MAX;
        if (receipt.epoch != head.epoch) {
            auto span = co_await around_.store.epoch_span(receipt.epoch);
            if (!span) co_return; // the disk; the platform repeats it
            if (!*span) co_return receipt_is_wrong(receipt.lane, "a receipt of an epoch that was never ours");
            first = (**span).first;
            last = (**span).second;
        }
        // One look at all of it before anything moves.
        if (receipt.through) receipt.held.emplace_back(1, *receipt.through);
        for (auto& range : receipt.held) {
            range.second = std::min(range.second, last);
            if (!receipt.through) range.first = std::max(range.first, first);
            if (lane.is_beyond(range.second))
                co_return receipt_is_wrong(receipt.lane, "a receipt beyond what was sent (" + std::to_string(range.second) + ")");
        }
        for (const auto& refusal : receipt.refused)
            if (lane.is_beyond(refusal.position))
                co_return receipt_is_wrong(receipt.lane, "a refusal beyond what was sent (" + std::to_string(refusal.position) + ")");
        for (const auto& range : receipt.held)
            if (range.first <= range.second) lane.hold(range);
        for (auto& refusal : receipt.refused) {
            if (refusal.position < first || refusal.position > last) continue;
            co_await lane.refuse(std::move(refusal), receipt.epoch);
        }
    }

    // --- Requests ------------------------------------------------------------------------------------------------------------------

    Task<void> answer_requests() {
        for (;;) {
            const auto message = co_await requests_.pop();
            auto request = parse_request(message.payload);
            if (!request) {
                refuse(message, "", "", request.error());
                continue;
            }
            const auto admitted = gate_.admit(*request, around_.clock.now(), around_.clock.quality());
            if (!admitted) {
                refuse(message, request->id, request->verb, admitted.error());
                continue;
            }
            if (request->verb == "resend")
                co_await resend_for(message, *request);
            else if (request->verb == "digest")
                co_await digest_for(message, *request);
            else if (request->verb == "snapshot")
                co_await snapshot_for(message, *request);
            else if (request->verb == "clip")
                co_await clip_for(message, *request);
            else
                refuse(message, request->id, request->verb,
                       Error(Fault::unsupported, "this gateway has no verb '" + cut_utf8(request->verb, verb_bytes_max) + "'"));
        }
    }

    void answer(const net::MqttMessage& to, std::string text) {
        net::MqttMessage message;
        message.topic = to.response_topic.empty() || !may_answer_on(to.response_topic, topics_) ? topics_.responses : to.response_topic;
        message.correlation_data = to.correlation_data;
        message.content_type = "application/json";
        message.payload = std::move(text);
        records_link_->say(std::move(message));
    }

    void refuse(const net::MqttMessage& to, const std::string& id, const std::string& verb, const Error& why) {
        ++requests_refused_;
        ++refused_unsaid_;
        answer(to, answer_with(id, why));
        const auto now = around_.clock.steady_now();
        if (last_audit_ && now - *last_audit_ < audit_every) return; // a flood is one line a second, with its count
        last_audit_ = now;
        audit(Kind::audit_read, verb.empty() ? "request" : cut_utf8(verb, verb_bytes_max), "refused: " + cut_utf8(why.what(), reason_bytes_max),
              std::exchange(refused_unsaid_, 0));
    }

    void audit(Kind kind, std::string what, std::string outcome, std::uint64_t count) {
        Record record;
        record.kind = kind;
        record.heard_at = around_.clock.now();
        record.source = "gateway";
        record.facts["what"] = what;
        record.facts["upstream"] = settings_.name;
        record.facts["outcome"] = outcome;
        record.facts["count"] = count;
        around_.store.hand_over(std::move(record));
    }

    struct Asked {
        Lane lane = Lane::routine;
        std::uint64_t first = 0, last = 0;
    };
    static Result<Asked> range_of(const json::object& args) {
        auto name = need_text(args, "lane");
        if (!name) return std::move(name).error().during("args");
        const auto lane = lane_named(*name);
        if (!lane) return Error(Fault::malformed, "args.lane: none of urgent, routine, pictures");
        auto first = need_number(args, "first");
        if (!first) return std::move(first).error().during("args");
        auto last = need_number(args, "last");
        if (!last) return std::move(last).error().during("args");
        if (*first < 1 || *last < *first) return Error(Fault::malformed, "args: not a range");
        return Asked{*lane, static_cast<std::uint64_t>(*first), static_cast<std::uint64_t>(*last)};
    }

    Task<void> resend_for(const net::MqttMessage& message, const Request& request) {
        const auto asked = range_of(request.args);
        if (!asked) co_return refuse(message, request.id, request.verb, asked.error());
        auto span = co_await feed(asked->lane).span(asked->first, asked->last, resent_members_max);
        if (!span) co_return refuse(message, request.id, request.verb, span.error());
        ++requests_answered_;
        json::object result;
        result["count"] = span->members.size();
        answer(message, answer_with(request.id, std::move(result)));
        const auto done = co_await send_again(asked->lane, std::move(*span));
        if (!done) log::warning("sync", "a resend broke off", {{"upstream", settings_.name}, {"fault", done.error().what()}});
    }

    Task<Done> send_again(Lane lane, LaneFeed::Span span) {
        auto& link = lane == Lane::pictures ? *pictures_link_ : *records_link_;
        const auto& topic = lane == Lane::pictures ? topics_.pictures : lane == Lane::urgent ? topics_.urgent : topics_.records;
        std::function<Task<void>(Outgoing)> send = [&link, &topic](Outgoing out) { return link.publish_again(topic, std::move(out)); };
        co_return co_await feed(lane).again(std::move(span), std::move(send));
    }

    Task<void> digest_for(const net::MqttMessage& message, const Request& request) {
        const auto asked = range_of(request.args);
        if (!asked) co_return refuse(message, request.id, request.verb, asked.error());
        const auto sum = co_await feed(asked->lane).sum(asked->first, asked->last);
        if (!sum) co_return refuse(message, request.id, request.verb, sum.error());
        ++requests_answered_;
        auto facts = to_facts(*sum, settings_.name, asked->lane, around_.store.head().seal, around_.clock.now(), around_.signing);
        answer(message, answer_with(request.id, std::move(facts)));
    }

    Task<void> snapshot_for(const net::MqttMessage& message, const Request& request) {
        auto of = need_text(request.args, "class");
        if (!of) co_return refuse(message, request.id, request.verb, of.error());
        if (!around_.snapshot) co_return refuse(message, request.id, request.verb, Error(Fault::unsupported, "no registry to take a snapshot of"));
        if (!entitlements_.today().rules.admits_snapshot(*of))
            co_return refuse(message, request.id, request.verb, Error(Fault::refused, "not entitled to a snapshot of this class"));
        const auto at = number_at(request.args, "at").value_or(0);
        auto page = text_at(request.args, "page").value_or("");
        const auto position = at > 0 ? static_cast<std::uint64_t>(at) : around_.store.head().position;
        auto text = co_await around_.snapshot(*of, position, std::move(page));
        if (!text) co_return refuse(message, request.id, request.verb, text.error());
        auto parsed = parse_json(*text, 4 * 1024 * 1024);
        if (!parsed) co_return refuse(message, request.id, request.verb, parsed.error());
        ++requests_answered_;
        const auto* items = parsed->is_object() ? array_at(parsed->get_object(), "items") : nullptr;
        audit(Kind::audit_exported, "snapshot " + *of, "done", items == nullptr ? 0 : items->size());
        answer(message, answer_with(request.id, std::move(*parsed)));
    }

    Task<void> clip_for(const net::MqttMessage& message, const Request& request) {
        if (!around_.clip) co_return refuse(message, request.id, request.verb, Error(Fault::unsupported, "this gateway records nothing"));
        json::object args = request.args;
        auto text = co_await around_.clip(settings_.name, std::move(args));
        if (!text) co_return refuse(message, request.id, request.verb, text.error());
        auto parsed = parse_json(*text, clip_answer_bytes_max);
        if (!parsed) co_return refuse(message, request.id, request.verb, parsed.error());
        ++requests_answered_;
        answer(message, answer_with(request.id, std::move(*parsed)));
    }

    // --- One-way gates -------------------------------------------------------------------------------------------------------------

    Task<void> write_count_files() {
        for (;;) {
            const auto local = around_.clock.now() + china_ahead_of_utc;
            const auto day = std::chrono::floor<std::chrono::days>(local);
            co_await around_.clock.sleep_for(day + std::chrono::days(1) - local);
            write_count_file(to_text(Time(day)).substr(0, 10));
        }
    }

    void write_count_file(const std::string& day) {
        json::array lanes;
        std::string statement = "gatehouse count file 1\n" + settings_.name + "\n" + settings_.gateway + "\n" + day;
        for (auto* each : {urgent_.get(), routine_.get(), pictures_.get()}) {
            const auto counted = each->take_counted();
            json::object lane;
            lane["lane"] = name_of(each->lane());
            lane["first"] = counted.first;
            lane["last"] = counted.last;
            lane["count"] = counted.count;
            lanes.emplace_back(std::move(lane));
            statement += "\n" + std::string(name_of(each->lane())) + " " + std::to_string(counted.first) + " " + std::to_string(counted.last) + " " +
                         std::to_string(counted.count);
        }
        json::object file;
        file["upstream"] = settings_.name;
        file["gateway"] = settings_.gateway;
        file["day"] = day;
        file["lanes"] = std::move(lanes);
        file["signature"] = to_base64(around_.signing.sign(statement));
        file["key"] = to_base64(around_.signing.public_key());
        around_.count_file("counts-" + settings_.name + "-" + day + ".json", json::serialize(file));
    }

    struct Conflict {
        Time since;
        Instant until;
        std::string epoch;
        std::string instance; ///< the other box's
    };

    UpstreamSettings settings_;
    Surroundings around_;
    Topics topics_;
    Entitlements entitlements_;
    std::unique_ptr<LaneFeed> urgent_, routine_, pictures_;
    std::unique_ptr<Link> records_link_, pictures_link_;
    bool is_prepared_ = false;
    std::string instance_;
    std::set<std::string> own_instances_;
    Event status_heard_;
    std::optional<Conflict> conflict_;
    std::string outlived_; ///< the instance for whose silence we waited
    std::optional<Rewound> rewound_;
    std::deque<Instant> foreign_goodbyes_;
    Channel<net::MqttMessage> receipts_, requests_;
    RequestGate gate_;
    std::uint64_t receipts_dropped_ = 0, requests_answered_ = 0, requests_refused_ = 0, refused_unsaid_ = 0;
    std::optional<Instant> last_audit_;
    std::map<std::string, std::optional<Instant>> alarmed_at_;
};

} // namespace

Result<std::unique_ptr<MqttUpstream>> make_mqtt_upstream(UpstreamSettings settings, Surroundings around) {
    if (settings.name.empty() || settings.name.size() > 64) return Error(Fault::malformed, "an upstream's name is empty or longer than 64 bytes");
    if (settings.batch_records_max < 1 || settings.batch_records_max > batch_records_limit_max) return Error(Fault::malformed, "batch_records_max");
    if (settings.batch_bytes_max < batch_bytes_limit_min || settings.batch_bytes_max > batch_bytes_limit_max)
        return Error(Fault::malformed, "batch_bytes_max");
    if (settings.request_keys.size() > request_keys_max) return Error(Fault::malformed, "more request keys than " + std::to_string(request_keys_max));
    auto topics = topics_under(settings.root, settings.gateway, settings.topic_names);
    if (!topics) return std::move(topics).error();
    return std::unique_ptr<MqttUpstream>(std::make_unique<BrokeredUpstream>(std::move(settings), std::move(around), std::move(*topics)));
}

} // namespace gatehouse::sync::mqtt
