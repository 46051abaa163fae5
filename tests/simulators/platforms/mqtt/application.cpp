// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/application.hpp"

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"
#include "daemon/base/uuid.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::simulators::platform {
namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t texts_max = 50;
constexpr std::size_t ranges_max = 1000;
constexpr std::size_t receipts_log_max = 1000;
constexpr std::size_t bytes_events_max = 50'000;
constexpr std::size_t holes_listed_max = 100;
constexpr std::array lane_names{"routine", "urgent", "pictures"};

constexpr std::array known_faults{
    control::FaultName{"silent", "takes everything, receipts nothing"},
    control::FaultName{"slow", "receipts come `ms` milliseconds late (1000)"},
    control::FaultName{"wrong", "instead of a right receipt, one that is wrong: `how` unsent, epoch or malformed"},
    control::FaultName{"duplicate_receipts", "each receipt is sent twice"},
    control::FaultName{"reordered_receipts", "each second receipt overtakes the one before it"},
    control::FaultName{"refuse", "refuses the event at `position`, or of `kind`, of `lane` (any), with `reason`"},
    control::FaultName{"forgetful", "a deed: loses its last `events` (10) of `lane` (routine); asks for them again unless `ask` is false"},
};

std::string text(const json::object& object, std::string_view name, std::string otherwise = {}) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::move(otherwise);
}

std::uint64_t number(const json::object& object, std::string_view name, std::uint64_t otherwise = 0) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return otherwise;
    const auto found = value->to_number<double>();
    return found < 0 ? otherwise : value->to_number<std::uint64_t>();
}

std::string new_id() {
    static SystemEntropy entropy;
    return to_text(make_uuid_v7(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()), entropy));
}

std::string last_part(const std::string& root) { return root.substr(root.rfind('/') + 1); }

Hash hash_of_hex(const std::string& digits) {
    Hash hash{};
    for (std::size_t i = 0; i < hash.size() && 2 * i + 1 < digits.size(); ++i)
        hash.at(i) = static_cast<std::uint8_t>(std::stoi(digits.substr(2 * i, 2), nullptr, 16));
    return hash;
}

template <class List, class Item>
void push_bounded(List& list, Item item, std::size_t items_max) {
    if (list.size() >= items_max) list.erase(list.begin());
    list.push_back(std::move(item));
}

} // namespace

Application::Application(Settings settings, control::Faults& faults, Publish publish, Later later)
    : settings_(std::move(settings)), faults_(faults), publish_(std::move(publish)), later_(std::move(later)),
      signer_(settings_.gateway.empty() ? last_part(settings_.root) : settings_.gateway, settings_.request_seed),
      store_(settings_.state_path, [this](const json::object& row) { apply(row); }) {
    const CommonStore::Turn turn(store_); // what was kept before a restart
}

// The one way anything becomes kept, whether it just arrived, stood in the file, or another consumer wrote it.
void Application::apply(const json::object& row) {
    const auto op = text(row, "op");
    const auto lane = text(row, "lane");
    const auto epoch = text(row, "epoch");
    const auto sequence = number(row, "sequence");
    if (op == "status") {
        epoch_first_[epoch] = number(row, "epoch_first");
        if (settings_.key.empty()) settings_.key = text(row, "key");
    } else if (op == "forget") {
        lanes_[lane][epoch].forget_from(sequence);
    } else if (op == "event" && !lanes_[lane][epoch].knows(sequence)) {
        Held held;
        held.previous = number(row, "previous");
        held.id = text(row, "id");
        held.kind = text(row, "kind");
        held.revised = text(row, "revised");
        held.hash = hash_of_hex(text(row, "sha256"));
        held.refused = row.contains("refused");
        held.refused_because = text(row, "refused");
        if (const auto* facts = row.if_contains("facts"); facts != nullptr && facts->is_object()) {
            const auto& digest = facts->get_object();
            const auto whose = text(digest, "upstream");
            if (!whose.empty() && (settings_.upstream.empty() || settings_.upstream == whose)) digests_[Identity(epoch, sequence)].facts = digest;
            if (whose.empty()) heads_[Identity(epoch, sequence)] = digest;
        }
        lanes_[lane][epoch].add(sequence, std::move(held));
    } else if (op == "picture") {
        auto& kept = lanes_[lane][epoch];
        const auto index = static_cast<unsigned>(number(row, "index"));
        if (!kept.knows(sequence)) {
            Held held;
            held.previous = number(row, "previous");
            held.kind = "picture";
            held.pictures_expected = static_cast<unsigned>(std::max<std::uint64_t>(1, number(row, "count", 1)));
            held.refused = row.contains("refused");
            held.refused_because = text(row, "refused");
            kept.add(sequence, std::move(held));
        }
        auto* held = kept.find(sequence);
        const bool was_whole = held->is_whole();
        if (text(row, "sha256").empty())
            held->empty_pictures.insert(index);
        else
            held->pictures[index] = hash_of_hex(text(row, "sha256"));
        if (!was_whole && held->is_whole()) kept.became_whole(sequence);
    }
}

void Application::note_fault(const std::string& lane, const std::string& what) {
    ++counts_[lane].nonconforming;
    push_bounded(fault_texts_, lane + ": " + what, texts_max);
}

void Application::take(const Message& message) {
    bytes_received += message.payload.size();
    const auto& root = settings_.root;
    if (message.topic == root + "/status") return take_status(message);
    if (message.topic == root + "/records") return take_events(message, "routine");
    if (message.topic == root + "/urgent") return take_events(message, "urgent");
    if (message.topic == root + "/pictures") return take_picture(message);
    if (message.topic == root + "/responses") return take_answer(message);
    if (message.topic == root + "/catalogue") {
        boost::system::error_code error;
        catalogue_ = json::parse(message.payload, error);
        ++catalogues_;
        if (error || !catalogue_.is_object()) ++malformed_;
        return;
    }
    push_bounded(fault_texts_, "a message on " + message.topic, texts_max);
}

void Application::take_status(const Message& message) {
    boost::system::error_code error;
    auto parsed = json::parse(message.payload, error);
    if (error || !parsed.is_object()) {
        ++malformed_;
        return;
    }
    ++statuses_;
    status_ = parsed;
    const auto& status = status_.get_object();
    if (text(status, "state") != "online") return;
    const auto key = text(status, "key");
    if (!settings_.key.empty() && settings_.key != key) ++key_changed_;
    const json::object row{{"op", "status"}, {"epoch", text(status, "epoch")}, {"epoch_first", number(status, "epoch_first")}, {"key", key}};
    {
        CommonStore::Turn turn(store_);
        turn.append(row);
    }
    receipt_everything();
}

bool Application::is_to_be_refused(const std::string& lane, std::uint64_t position, const std::string& kind) {
    if (!faults_.is_set("refuse")) return false;
    const auto wanted_lane = faults_.text("refuse", "lane", "");
    if (!wanted_lane.empty() && wanted_lane != lane) return false;
    const auto wanted_kind = faults_.text("refuse", "kind", "");
    const bool fits = wanted_kind.empty() ? static_cast<std::uint64_t>(faults_.number("refuse", "position", 0)) == position : wanted_kind == kind;
    return fits && faults_.strikes("refuse");
}

bool Application::keep_event(CommonStore::Turn& turn, const Arrived& event) {
    auto& counts = counts_[event.lane];
    auto& lane = lanes_[event.lane][event.epoch];
    if (const auto* held = lane.find(event.sequence)) {
        ++counts.duplicates;
        if (held->hash != sha256(event.bytes)) {
            // Only what was erased or narrowed since may differ; anything else is a gateway that tells two stories.
            ++(event.revised.empty() ? counts.altered : counts.revised);
            if (event.revised.empty()) push_bounded(fault_texts_, event.lane + ": " + event.id + " came again with other bytes", texts_max);
        }
        if (held->previous != event.previous) note_fault(event.lane, event.id + " came again with another previous");
        return false;
    }
    if (event.sequence < lane.last()) ++counts.out_of_order;
    if (!event.revised.empty()) ++counts.revised;
    json::object row{{"op", "event"},
                     {"lane", event.lane},
                     {"epoch", event.epoch},
                     {"sequence", event.sequence},
                     {"previous", event.previous},
                     {"id", event.id},
                     {"kind", event.kind},
                     {"sha256", hex(sha256(event.bytes))}};
    if (!event.revised.empty()) row["revised"] = event.revised;
    const auto because = faults_.text("refuse", "reason", "not wanted here");
    if (is_to_be_refused(event.lane, event.sequence, event.kind)) {
        row["refused"] = because;
        ++counts.refused;
    } else {
        ++counts.kinds[event.kind];
    }
    if (event.kind == "digest") {
        const auto* data = event.json.if_contains("data");
        const auto* facts = data != nullptr && data->is_object() ? data->get_object().if_contains("facts") : nullptr;
        if (facts != nullptr && facts->is_object()) row["facts"] = *facts;
    }
    turn.append(row);
    bytes_[std::pair(event.lane, event.sequence)] = event.bytes;
    bytes_order_.emplace_back(event.lane, event.sequence);
    if (bytes_order_.size() > bytes_events_max) {
        bytes_.erase(bytes_order_.front());
        bytes_order_.pop_front();
    }
    return true;
}

void Application::take_events(const Message& message, const std::string& lane) {
    auto cut = cut_message(message.payload, lane, message.content_type);
    for (const auto& fault : cut.faults) note_fault(lane, fault);
    if (cut.malformed) {
        ++malformed_;
        return;
    }
    std::map<std::string, std::vector<std::uint64_t>> epochs;
    {
        CommonStore::Turn turn(store_);
        for (const auto& event : cut.events) {
            if (event.is_volatile) {
                ++counts_[lane].volatiles; // shown to people, not kept, not receipted
                continue;
            }
            keep_event(turn, event);
            auto& refused = epochs[event.epoch];
            if (const auto* held = lanes_[lane][event.epoch].find(event.sequence); held != nullptr && held->refused)
                refused.push_back(event.sequence);
        }
    } // committed: now it may be receipted
    for (auto& [epoch, refused] : epochs) receipt(lane, epoch, std::move(refused));
}

void Application::take_picture(const Message& message) {
    auto properties = message.user;
    auto bytes = message.payload;
    if (properties.empty()) {
        // MQTT 3.1.1: the same names in a JSON object.
        boost::system::error_code error;
        const auto parsed = json::parse(message.payload, error);
        if (error || !parsed.is_object()) {
            ++malformed_;
            return;
        }
        for (const auto& member : parsed.get_object())
            if (member.value().is_string()) properties[std::string(member.key())] = std::string(member.value().get_string());
        bytes = from_base64(properties["jpeg"]).value_or("");
    }
    const auto digits = [&](const std::string& name) {
        const auto& value = properties[name];
        return value.empty() || value.size() > 20 || value.find_first_not_of("0123456789") != std::string::npos ? 0 : std::stoull(value);
    };
    const auto epoch = properties["epoch"];
    const auto sequence = digits("sequence");
    if (sequence == 0 || epoch.empty()) {
        ++malformed_;
        return;
    }
    auto& counts = counts_["pictures"];
    const auto hash = hex(sha256(bytes));
    const bool is_empty = bytes.empty();
    if (is_empty && properties["reason"].empty()) note_fault("pictures", "an empty picture without a reason");
    if (!is_empty && properties["sha256"] != hash && !properties.contains("scaled")) ++counts.bad_pictures;
    {
        CommonStore::Turn turn(store_);
        const auto index = digits("index");
        const auto* held = lanes_["pictures"][epoch].find(sequence);
        const bool is_there =
            held != nullptr && (held->pictures.contains(static_cast<unsigned>(index)) || held->empty_pictures.contains(static_cast<unsigned>(index)));
        if (is_there) {
            ++counts.duplicates;
        } else {
            json::object row{{"op", "picture"},
                             {"lane", "pictures"},
                             {"epoch", epoch},
                             {"sequence", sequence},
                             {"previous", digits("previous")},
                             {"index", index},
                             {"count", digits("count")},
                             {"role", properties["role"]}};
            if (!is_empty) row["sha256"] = hash;
            if (is_empty) row["reason"] = properties["reason"];
            const auto because = faults_.text("refuse", "reason", "not wanted here");
            if (is_to_be_refused("pictures", sequence, "picture")) {
                row["refused"] = because;
                ++counts.refused;
            }
            ++counts.kinds[is_empty ? "picture:" + properties["reason"] : "picture:" + properties["role"]];
            turn.append(row);
        }
    }
    std::vector<std::uint64_t> refused;
    if (const auto* held = lanes_["pictures"][epoch].find(sequence); held != nullptr && held->refused) refused.push_back(sequence);
    receipt("pictures", epoch, std::move(refused));
}

void Application::take_answer(const Message& message) {
    boost::system::error_code error;
    auto parsed = json::parse(message.payload, error);
    if (error) ++malformed_;
    push_bounded(answers_,
                 json::value(json::object{
                     {"topic", message.topic}, {"correlation", message.correlation}, {"answer", error ? json::value(message.payload) : parsed}}),
                 receipts_log_max);
}

// ---- receipts ----

std::string Application::receipt_text(const std::string& lane, const std::string& epoch, const std::vector<std::uint64_t>& refused) {
    json::object receipt{{"epoch", epoch}, {"lane", lane}};
    const auto& held = std::as_const(lanes_[lane][epoch]);
    if (settings_.receipts == "ranges" && !held.ranges().empty()) {
        json::array ranges;
        auto skip = held.ranges().size() > ranges_max ? held.ranges().size() - ranges_max : 0;
        for (const auto& [first, last] : held.ranges()) {
            if (skip > 0 && skip-- > 0) continue;
            ranges.push_back(json::array{first, last});
        }
        receipt["held"] = std::move(ranges);
    }
    if (settings_.receipts == "cumulative" && !held.all().empty()) {
        // Only what hangs together from the lane's beginning may be said.
        std::uint64_t through = 0;
        for (const auto& [sequence, row] : held.all()) {
            const bool hangs_on = row.previous == 0 || row.previous == through || (through == 0 && is_known_before(lane, epoch, row.previous));
            if (!hangs_on || !row.is_whole()) break;
            through = sequence; // a refused one does not stop it: the gateway was told
        }
        if (through > 0) receipt["through"] = through;
    }
    if (!refused.empty()) {
        json::array list;
        for (const auto position : refused) list.push_back(json::object{{"position", position}, {"reason", held.find(position)->refused_because}});
        receipt["refused"] = std::move(list);
    }
    if (receipt.size() == 2) return {};
    return json::serialize(receipt);
}

std::string Application::wrong_receipt_text(const std::string& how, const std::string& lane, const std::string& epoch) {
    if (how == "malformed") return "{\"epoch\":\"" + epoch + "\",\"lane\":\"" + lane + "\",\"held\":[[1,";
    const auto last = lanes_[lane][epoch].last() + 1'000'000;
    const auto whose = how == "epoch" ? new_id() : epoch;
    if (settings_.receipts == "cumulative") return json::serialize(json::object{{"epoch", whose}, {"lane", lane}, {"through", last}});
    json::array held; // an array in the braces of another one is its copy to one compiler and its element to the other
    held.push_back(json::array{1, last});
    return json::serialize(json::object{{"epoch", whose}, {"lane", lane}, {"held", held}});
}

void Application::receipt(const std::string& lane, const std::string& epoch, std::vector<std::uint64_t> refused) {
    const bool silent_mode = settings_.receipts == "puback" || settings_.receipts == "none";
    if (silent_mode && refused.empty()) return;
    if (faults_.strikes("silent")) {
        ++silenced_;
        return;
    }
    auto payload = receipt_text(lane, epoch, refused);
    if (payload.empty()) return;
    // Arguments before the strike: the last one clears the fault.
    const auto how = faults_.text("wrong", "how", "unsent");
    const auto late = std::chrono::milliseconds(static_cast<std::int64_t>(faults_.number("slow", "ms", 1000)));
    if (faults_.strikes("wrong")) {
        payload = wrong_receipt_text(how, lane, epoch);
        ++wrong_sent_;
    }
    ++counts_[lane].receipts;
    if (faults_.strikes("slow")) {
        later_(late, [this, payload] { send_receipt(payload); });
        return;
    }
    send_receipt(std::move(payload));
}

void Application::send_receipt(std::string payload) {
    const auto out = [this](const std::string& bytes) {
        push_bounded(receipts_log_, bytes, receipts_log_max);
        publish_(Outgoing{settings_.root + "/receipts", bytes, "", ""});
    };
    if (held_back_) {
        const auto older = std::move(*held_back_);
        held_back_.reset();
        out(payload);
        out(older);
        return;
    }
    if (faults_.strikes("reordered_receipts")) {
        held_back_ = payload;
        later_(500ms, [this, out] {
            if (!held_back_) return;
            out(*held_back_);
            held_back_.reset();
        });
        return;
    }
    out(payload);
    if (faults_.strikes("duplicate_receipts")) out(payload);
}

void Application::receipt_everything() {
    for (const auto& [lane, epochs] : lanes_)
        for (const auto& [epoch, held] : epochs) {
            if (held.all().empty()) continue;
            std::vector<std::uint64_t> refused;
            for (const auto& [sequence, row] : held.all())
                if (row.refused) refused.push_back(sequence);
            receipt(lane, epoch, std::move(refused));
        }
}

// ---- requests ----

std::string Application::ask(const RequestSigner::Wish& wish) {
    auto payload = signer_.sign(wish, std::chrono::system_clock::now());
    publish_(Outgoing{settings_.root + "/requests", payload, settings_.root + "/responses", wish.id});
    return payload;
}

json::object Application::forget(std::size_t events, const std::string& lane, bool ask_again) {
    const auto epoch = newest_epoch(lane);
    const auto& held = lanes_[lane][epoch].all();
    if (held.empty() || events == 0) return {{"lost", 0}};
    auto from = held.end();
    for (std::size_t i = 0; i < events && from != held.begin(); ++i) --from;
    const auto first = from->first;
    const auto last = held.rbegin()->first;
    const auto lost = static_cast<std::size_t>(std::distance(from, held.end()));
    {
        CommonStore::Turn turn(store_);
        turn.append(json::object{{"op", "forget"}, {"lane", lane}, {"epoch", epoch}, {"sequence", first}});
    }
    json::object told{{"lost", lost}, {"first", first}, {"last", last}};
    if (ask_again) {
        RequestSigner::Wish wish;
        wish.id = new_id();
        wish.verb = "resend";
        wish.args = json::object{{"lane", lane}, {"first", first}, {"last", last}};
        ask(wish);
        told["request"] = wish.id;
    }
    return told;
}

// ---- what tests look at ----

bool Application::is_known_before(const std::string& lane, const std::string& epoch, std::uint64_t previous) const {
    if (previous == 0) return true;
    const auto epochs = lanes_.find(lane);
    if (epochs == lanes_.end()) return false;
    const auto first = epoch_first_.find(epoch);
    for (const auto& [other, held] : epochs->second) {
        if (!held.knows(previous)) continue;
        if (other == epoch || first == epoch_first_.end() || previous < first->second) return true;
    }
    return false;
}

std::string Application::newest_epoch(const std::string& lane) const {
    const auto epochs = lanes_.find(lane);
    if (epochs == lanes_.end() || epochs->second.empty()) return {};
    std::string newest = epochs->second.begin()->first;
    std::uint64_t last = 0;
    for (const auto& [epoch, held] : epochs->second)
        if (held.last() > last) {
            newest = epoch;
            last = held.last();
        }
    return newest;
}

json::array Application::holes(const std::string& lane) const {
    json::array found;
    const auto epochs = lanes_.find(lane);
    if (epochs == lanes_.end()) return found;
    for (const auto& [epoch, held] : epochs->second)
        for (const auto& [sequence, row] : held.all())
            if (!is_known_before(lane, epoch, row.previous))
                found.push_back(json::object{{"epoch", epoch}, {"missing", row.previous}, {"before", sequence}});
    return found;
}

void Application::judge_digests() {
    for (auto& [event, digest] : digests_) {
        if (digest.verdict != Verdict::pending) continue;
        digest.verdict = judge_lane_digest(digest.facts, lanes_[text(digest.facts, "lane")][text(digest.facts, "epoch")], settings_.key);
    }
    bad_heads_ = 0;
    heads_rewound_ = 0;
    std::map<std::string, std::uint64_t> reached;
    for (const auto& [event, head] : heads_) {
        if (!is_signed_head(head, settings_.key)) ++bad_heads_;
        auto& last = reached[text(head, "epoch")];
        if (number(head, "last") < last) ++heads_rewound_;
        last = std::max(last, number(head, "last"));
    }
}

std::size_t Application::kept_twice() const {
    std::map<std::string_view, std::size_t> ids;
    for (const auto& [lane, epochs] : lanes_)
        for (const auto& [epoch, held] : epochs)
            for (const auto& [sequence, row] : held.all())
                if (!row.refused && !row.id.empty()) ++ids[row.id];
    return static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), [](const auto& row) { return row.second > 1; }));
}

json::object Application::state_of(const std::string& lane) {
    std::uint64_t kept = 0, refused = 0;
    json::object last, ranges;
    std::map<std::string, std::uint64_t> kinds;
    for (const auto& [epoch, held] : lanes_[lane]) {
        kept += held.kept();
        last[epoch] = held.last();
        json::array list;
        for (const auto& [from, to] : held.ranges())
            if (list.size() < holes_listed_max) list.push_back(json::array{from, to});
        ranges[epoch] = std::move(list);
        for (const auto& [sequence, row] : held.all()) {
            if (row.refused)
                ++refused;
            else
                ++kinds[row.kind];
        }
    }
    json::object digests{{"ok", 0}, {"bad", 0}, {"pending", 0}, {"unverifiable", 0}, {"bad_signature", 0}};
    for (const auto& [event, digest] : digests_)
        if (text(digest.facts, "lane") == lane) digests[name_of(digest.verdict)] = digests.at(name_of(digest.verdict)).as_int64() + 1;
    auto missing = holes(lane);
    const auto missing_count = missing.size();
    if (missing.size() > holes_listed_max) missing.resize(holes_listed_max);
    json::object histogram;
    for (const auto& [kind, count] : kinds) histogram[kind] = count;
    const auto& counts = counts_[lane];
    return json::object{{"kept", kept},
                        {"duplicates", counts.duplicates},
                        {"altered", counts.altered},
                        {"revised", counts.revised},
                        {"out_of_order", counts.out_of_order},
                        {"refused", refused},
                        {"holes", missing_count},
                        {"holes_list", std::move(missing)},
                        {"digests", digests},
                        {"bad_signatures", digests.at("bad_signature")},
                        {"bad_pictures", counts.bad_pictures},
                        {"nonconforming", counts.nonconforming},
                        {"volatile", counts.volatiles},
                        {"receipts_sent", counts.receipts},
                        {"last", last},
                        {"ranges", ranges},
                        {"kinds", histogram}};
}

json::object Application::state() {
    { const CommonStore::Turn turn(store_); } // what other consumers kept
    judge_digests();
    json::object lanes;
    for (const auto* lane : lane_names) lanes[lane] = state_of(lane);
    json::array texts;
    for (const auto& one : fault_texts_) texts.push_back(json::value(one));
    return json::object{{"connected", connected},
                        {"lanes", std::move(lanes)},
                        {"kept_twice", kept_twice()},
                        {"malformed", malformed_},
                        {"faults_seen", std::move(texts)},
                        {"heads", heads_.size()},
                        {"bad_heads", bad_heads_},
                        {"heads_rewound", heads_rewound_},
                        {"key", settings_.key},
                        {"key_changed", key_changed_},
                        {"request_key", signer_.public_key()},
                        {"silenced", silenced_},
                        {"wrong_sent", wrong_sent_},
                        {"statuses", statuses_},
                        {"catalogues", catalogues_},
                        {"status", status_},
                        {"answers", answers_.size()},
                        {"bytes_received", bytes_received}};
}

control::LedgerRow Application::event(const json::object&) { throw control::Refused("a platform makes no events"); }
control::LedgerRow Application::random_event(std::mt19937_64&) { throw control::Refused("a platform makes no events"); }
void Application::set_clock(std::chrono::microseconds, std::optional<double>) { throw control::Refused("a platform's clock is the machine's"); }
std::span<const control::FaultName> Application::faults() const { return known_faults; }

bool Application::fault_was_set(std::string_view name, const json::object& arguments) {
    if (name != "forgetful") return false;
    const auto* ask_again = arguments.if_contains("ask");
    forget(number(arguments, "events", 10), text(arguments, "lane", "routine"),
           ask_again == nullptr || !ask_again->is_bool() || ask_again->get_bool());
    return true;
}

std::optional<json::value> Application::request(std::string_view verb, std::string_view target, const json::object& body) {
    if (verb == "GET" && target.starts_with("/events?lane=")) {
        { const CommonStore::Turn turn(store_); }
        const std::string lane(target.substr(target.find('=') + 1));
        json::array events;
        for (const auto& [epoch, held] : lanes_[lane])
            for (const auto& [sequence, row] : held.all())
                if (!row.refused && row.is_whole())
                    events.push_back(
                        json::object{{"epoch", epoch}, {"sequence", sequence}, {"previous", row.previous}, {"id", row.id}, {"kind", row.kind}});
        return events;
    }
    if (verb == "GET" && target.starts_with("/event?lane=")) {
        // /event?lane=routine&sequence=17: the event as it stood in its batch.
        const auto amp = target.find("&sequence=");
        if (amp == std::string_view::npos) return std::nullopt;
        const std::string lane(target.substr(12, amp - 12));
        const auto found = bytes_.find(std::pair(lane, std::stoull(std::string(target.substr(amp + 10)))));
        if (found == bytes_.end()) throw control::Refused("no such event in memory");
        return json::parse(found->second);
    }
    if (verb == "GET" && target == "/receipts") {
        json::array list;
        for (const auto& one : receipts_log_) list.push_back(json::value(one));
        return list;
    }
    if (verb == "GET" && target == "/answers") return answers_;
    if (verb == "GET" && target == "/catalogue") return catalogue_;
    if (verb == "GET" && target == "/status") return status_;
    if (verb == "GET" && target == "/heads") {
        json::array list;
        for (const auto& [event, head] : heads_) list.push_back(head);
        return list;
    }
    if (verb == "GET" && target == "/digests") {
        judge_digests();
        json::array list;
        for (const auto& [event, digest] : digests_) list.push_back(json::object{{"verdict", name_of(digest.verdict)}, {"facts", digest.facts}});
        return list;
    }
    if (verb == "POST" && target == "/request") {
        RequestSigner::Wish wish;
        wish.id = text(body, "id", new_id());
        wish.verb = text(body, "verb");
        if (const auto* args = body.if_contains("args"); args != nullptr && args->is_object()) wish.args = args->get_object();
        wish.how = text(body, "how", "good");
        wish.life = std::chrono::milliseconds(number(body, "life_ms", 10'000));
        auto payload = ask(wish);
        return json::object{{"id", wish.id}, {"payload", payload}};
    }
    if (verb == "POST" && target == "/receipt") {
        // Any bytes that a test wants to see refused, word for word.
        publish_(Outgoing{settings_.root + "/receipts", text(body, "payload"), "", ""});
        return json::object{{"sent", true}};
    }
    if (verb == "POST" && target == "/forget") {
        const auto* ask_again = body.if_contains("ask");
        return forget(number(body, "events", 10), text(body, "lane", "routine"),
                      ask_again == nullptr || !ask_again->is_bool() || ask_again->get_bool());
    }
    return std::nullopt;
}

} // namespace gatehouse::simulators::platform
