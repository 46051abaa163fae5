// SPDX-License-Identifier: Apache-2.0
#include "tests/storage_faults/life.hpp"

namespace gatehouse::storage_faults {

Life::Life(std::string folder, std::uint64_t seed) : folder_(std::move(folder)), entropy_(seed) {
    SeededEntropy of_site(7);
    for (Key* key : {&keys_.hash, &keys_.picture, &keys_.field, &keys_.signing_seed}) of_site.fill(*key);
}

Done Life::open() {
    close();
    store::StoreOptions options;
    options.directory = folder_;
    options.compound = "compound-1";
    options.machine = {"machine-1", "uuid-1"};
    auto opened = store::open_store(options, keys_, {loop_, clock_, entropy_, files_, loop_, loop_, loop_});
    if (!opened) return std::move(opened).error();
    store_ = std::move(*opened);
    return {};
}

void Life::close() {
    store_.reset();
    clock_.run_for(Duration(0));
}

Done Life::await(Task<Done> task) {
    std::optional<Done> kept;
    loop_.spawn("await", keep_answer<Done>(std::move(task), kept));
    clock_.run_for(Duration(0));
    if (!kept) clock_.run_for(std::chrono::seconds(60));
    return kept ? std::move(*kept) : Done(Error(Fault::timed_out, "no answer"));
}

Record Life::event(std::uint64_t key, Time at) {
    Record record;
    record.kind = Kind::pass_granted;
    record.heard_at = at;
    record.happened_at = at;
    record.source = "door-1";
    record.facts = {{"door", 1}, {"direction", "in"}};
    record.subject = "card:" + std::to_string(key);
    record.details = {{"card", std::to_string(key)}};
    record.device_key = DeviceKey{key, 0};
    record.same_as = "pass|" + std::to_string(key);
    return record;
}

std::vector<Result<Appended>> Life::offer(std::uint64_t first, std::uint64_t last) {
    std::vector<std::optional<Result<Appended>>> kept(last - first + 1);
    for (auto key = first; key <= last; ++key)
        loop_.spawn("offer", keep_answer<Result<Appended>>(store_->append(event(key, clock_.now()), SourceMark{0, key, ""}), kept[key - first]));
    clock_.run_for(Duration(0));
    std::vector<Result<Appended>> answers;
    for (auto& one : kept) answers.push_back(one ? std::move(*one) : Result<Appended>(Error(Fault::timed_out, "no answer")));
    return answers;
}

} // namespace gatehouse::storage_faults
