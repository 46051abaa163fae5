// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/gatehousectl.hpp"

#include <csignal>
#include <iostream>

int main(int count, char** words) {
    // `gatehousectl tail | head` ends quietly.
    std::signal(SIGPIPE, SIG_DFL);
    return gatehouse::ctl::run({words + 1, words + count}, gatehouse::ctl::machine_surroundings(std::cout, std::cerr));
}
