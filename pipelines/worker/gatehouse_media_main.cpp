// SPDX-License-Identifier: Apache-2.0
//
// One camera's worker. The daemon starts it with its end of the link; nobody types it.
#include "pipelines/worker/child_end.hpp"
#include "pipelines/worker/walls.hpp"
#include "pipelines/worker/worker.hpp"

#include <cstdio>
#include <cstring>

namespace {

// For tests of the walls, from inside the program that they protect.
int try_the_walls(const std::string& folder, const std::string& outside, bool may_bind) {
    gatehouse::pipelines::Within within;
    within.folder = folder;
    within.may_bind = may_bind;
    const auto ready = gatehouse::pipelines::shut_in(within);
    const auto said = [](gatehouse::pipelines::Wall wall) { return static_cast<int>(wall); };
    std::printf("limits %d calls %d files %d landlock %u\n", said(ready.limits), said(ready.calls), said(ready.files), ready.landlock_abi);
    for (const auto& attempt : gatehouse::pipelines::try_walls(folder, outside))
        std::printf("%s: %s (%s)\n", attempt.name.c_str(), attempt.got_out ? "got through" : "refused", attempt.answer.c_str());
    return 0;
}

} // namespace

#ifdef __SANITIZE_ADDRESS__
// The search for leaks looks at the process from outside, which the walls forbid; there is no environment to say it in.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }
#endif

int main(int count, char** words) {
    if (count >= 4 && std::strcmp(words[1], "--try-walls") == 0) return try_the_walls(words[2], words[3], count > 4);
    if (count == 2 && std::strcmp(words[1], "--version") == 0) return std::puts("gatehouse-media " GATEHOUSE_VERSION), 0;
    if (count != 1) return std::fputs("gatehouse-media is started by gatehoused\n", stderr), 64;
    return gatehouse::pipelines::run_worker(gatehouse::pipelines::link_descriptor);
}
